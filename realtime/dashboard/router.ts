/**
 * The pages and their addresses. Each is loaded when it is first opened; who may see it is written beside it. The
 * server decides again on every call, this only spares people pages that would stay empty.
 */
import { type Component, watch } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { callOpenly } from './api.js'
import Absent from './frame/Absent.vue'
import { session, standsAt } from './session.js'
import { site } from './store/site.js'
import { t, type Words } from './words/index.js'

type Role = 'viewer' | 'operator' | 'admin'

export interface Page {
  readonly name: keyof Words['pages'] & string
  readonly path: string
  /** The least that somebody must be to see it. */
  readonly role: Role
  /** Listed in the menu; pages about one thing are reached through it. */
  readonly listed: boolean
  readonly load: () => Promise<Component>
}

/** In the order of the menu. */
export const pages: readonly Page[] = [
  {
    name: 'overview',
    path: '/',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/overview/Overview.vue'),
  },
  {
    name: 'devices',
    path: '/devices',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/devices/Devices.vue'),
  },
  {
    name: 'device',
    path: '/devices/:device_id',
    role: 'viewer',
    listed: false,
    load: () => import('./pages/device/Device.vue'),
  },
  {
    name: 'charts',
    path: '/charts',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/charts/Charts.vue'),
  },
  {
    name: 'mqtt_log',
    path: '/mqtt-log',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/mqtt-log/MqttLog.vue'),
  },
  {
    name: 'topics',
    path: '/topics',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/topics/Topics.vue'),
  },
  {
    name: 'rules',
    path: '/rules',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/rules/Rules.vue'),
  },
  {
    name: 'mock_lab',
    path: '/mock-lab',
    role: 'admin',
    listed: true,
    load: () => import('./pages/mock-lab/MockLab.vue'),
  },
  {
    name: 'audit',
    path: '/audit',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/audit/Audit.vue'),
  },
  {
    name: 'users',
    path: '/users',
    role: 'admin',
    listed: true,
    load: () => import('./pages/users/Users.vue'),
  },
  {
    name: 'account',
    path: '/account',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/account/Account.vue'),
  },
  {
    name: 'connect',
    path: '/connect',
    role: 'operator',
    listed: true,
    load: () => import('./pages/connect/Connect.vue'),
  },
  {
    name: 'system',
    path: '/system',
    role: 'viewer',
    listed: true,
    load: () => import('./pages/system/System.vue'),
  },
  {
    name: 'setup',
    path: '/setup',
    role: 'admin',
    listed: false,
    load: () => import('./pages/setup/Setup.vue'),
  },
]

const routes: RouteRecordRaw[] = pages.map(({ name, path, role, load }) => ({
  name,
  path,
  component: load,
  meta: { role, title: name },
}))

declare module 'vue-router' {
  interface RouteMeta {
    role: Role
    title: keyof Words['pages']
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    ...routes,
    { path: '/:path(.*)*', name: 'absent', component: Absent, meta: { role: 'viewer', title: 'absent' } },
  ],
  /** Another page, or another page of a list, begins at its top; where only what is shown changes, the eye stays. */
  scrollBehavior(to, from, saved) {
    if (saved) return saved
    if (to.hash) return { el: to.hash }
    return to.path === from.path && to.query.page === from.query.page ? false : { top: 0 }
  },
})

/** The pages that somebody with this account may open. */
export const openTo = (role: Role | undefined): readonly Page[] =>
  pages.filter((page) => page.listed && standsAt(page.role, role))

/** The title follows the page and the language. */
watch(
  () => {
    const { title } = router.currentRoute.value.meta
    if (session.phase !== 'live') return 'kaiser'
    const place = title && title !== 'overview' ? t(`pages.${title}`) : ''
    return [place, site.name, 'kaiser'].filter(Boolean).join(' · ')
  },
  (title) => {
    document.title = title
  },
)

const RELOADED = 'kaiser_reloaded'

/** A page that is not there any more: kaiser has another build since. It is loaded anew, once for each build. */
router.onError(async (error, to) => {
  const build = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.src ?? ''
  if (!(error instanceof TypeError) || sessionStorage.getItem(RELOADED) === build) throw error
  // Nobody who cannot reach the box is better off without a page.
  await callOpenly('GET', '/health')
  sessionStorage.setItem(RELOADED, build)
  location.assign(to.fullPath)
})
