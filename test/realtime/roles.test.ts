import t from 'tap'
import type { Route } from '../../realtime/route.js'
import { successOf } from '../../realtime/route-word.js'
import { codes } from '../../routing/contract/codes.js'
import type { Role } from '../../storage/users.js'
import { type OpenApp, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }
const ROLES = Object.keys(RANK) as Role[]

const routesOf = (app: OpenApp): { route: Route; path: string; name: string }[] =>
  app.api.resources.flatMap(({ prefix, routes }) =>
    routes.map((route) => {
      const path = `${prefix}${route.path}`
      return { route, path: path.replaceAll(/\{\w+\}/g, '1'), name: `${route.method} ${path}` }
    }),
  )

t.test('every route refuses nobody with 401 and everybody of a lower role with 403', async (t) => {
  const app = await openApp(t)
  const tokens = await people(app)
  const guarded = routesOf(app).filter(({ route }) => route.role !== 'public')
  t.ok(guarded.length >= 12, `${guarded.length} routes need a login`)
  for (const { route, path, name } of guarded) {
    for (const token of [undefined, 'nonsense']) {
      const answer = await request(app, route.method, path, token ? { token } : {})
      t.match(answer, { status: 401, body: { detail: String, code: 'not_authenticated' } }, name)
      t.equal(answer.headers.get('www-authenticate'), 'Bearer', name)
    }
    for (const role of ROLES.filter((role) => RANK[role] < RANK[route.role as Role])) {
      const answer = await request(app, route.method, path, { token: tokens[role] })
      const wanted = { status: 403, body: { detail: `This needs the role ${route.role}; you are ${role}` } }
      t.match(answer, wanted, `${role}: ${name}`)
    }
  }
})

t.test('every route lets the role in that it names', async (t) => {
  const app = await openApp(t)
  const tokens = await people(app)
  // What only reads, and what reads its body first: an empty one changes nothing.
  for (const { route, path, name } of routesOf(app)) {
    const needsBody = ((route.body as { required?: string[] } | undefined)?.required ?? []).length > 0
    if (route.role === 'public' || (route.method !== 'GET' && !needsBody)) continue
    const { status } = await request(app, route.method, path, { token: tokens[route.role] })
    t.ok(status !== 401 && status !== 403 && status < 500, `${name}: ${status}`)
  }
})

t.test('every route says who may ask, what it is for, and what it answers', async (t) => {
  const app = await openApp(t)
  const names = new Set<string>()
  for (const { route, name } of routesOf(app)) {
    t.match(route.role, /^(public|viewer|operator|admin)$/, name)
    t.match(route.summary, /^[A-Z].{3,120}[^.]$/, name)
    t.equal(successOf(route) === 204, !route.answer && !route.media, `${name} answers something, or 204`)
    t.ok(
      (route.errors ?? []).every((code) => code in codes),
      name,
    )
    t.notOk(names.has(name), `${name} is there once`)
    names.add(name)
  }
})

t.test('no route is hidden by one before it', async (t) => {
  const app = await openApp(t)
  const before: { method: string; path: string; pattern: RegExp }[] = []
  for (const { prefix, routes } of app.api.resources)
    for (const { method, path: below } of routes) {
      const path = `${prefix}${below}`
      const hides = before.find((other) => other.method === method && other.pattern.test(path))
      t.equal(hides?.path, undefined, `${method} ${path}`)
      before.push({ method, path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`) })
    }
})
