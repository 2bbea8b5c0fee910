/**
 * The service worker: keeps the built files, all of them and nothing else, so that the page opens when the box is
 * away. It never sees an answer of /api: what the page knows of the greenhouse, the page keeps itself (store/kept.ts).
 * Written by hand: the usual library brings some three hundred packages for these hundred lines.
 *
 * A new build brings a new list below, the browser installs it beside the old one, and the page says so; the old one
 * serves until somebody reloads.
 */

/** What the build puts in front of this file (vite.config.ts): the paths of the files, and a name for all of them. */
declare const FILES: readonly string[]
declare const BUILD: string

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching extends Event {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface Worker {
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', take: (event: Extendable) => void): void
  addEventListener(type: 'fetch', take: (event: Fetching) => void): void
  addEventListener(type: 'message', take: (event: MessageEvent<unknown>) => void): void
}
const worker = self as unknown as Worker

const PREFIX = 'kaiser-page-'
const NAME = PREFIX + BUILD
const PAGE = '/'
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/

/** A file whose name is its content is taken from an older build where that had it. */
async function fetched(path: string): Promise<Response> {
  const known = HASHED.test(path) ? await caches.match(path) : undefined
  if (known) return known
  const answer = await fetch(path, { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return answer
}

async function install(): Promise<void> {
  const kept = await caches.open(NAME)
  await Promise.all([PAGE, ...FILES].map(async (path) => kept.put(path, await fetched(path))))
}

async function activate(): Promise<void> {
  for (const name of await caches.keys())
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name)
}

async function answer(request: Request, path: string): Promise<Response> {
  const kept = await caches.open(NAME)
  return (await kept.match(path)) ?? fetch(request)
}

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(activate()))
worker.addEventListener('message', ({ data }) => {
  if (data === 'take over') void worker.skipWaiting()
})
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || /^\/api(\/|$)/.test(pathname)) return
  if (request.mode === 'navigate') event.respondWith(answer(request, PAGE))
  else if (FILES.includes(pathname)) event.respondWith(answer(request, pathname))
})
