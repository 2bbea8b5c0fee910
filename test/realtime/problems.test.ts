import t from 'tap'
import Type from 'typebox'
import { Problem } from '../../realtime/problem.js'
import { createRest } from '../../realtime/rest.js'
import { type Resource, route } from '../../realtime/route.js'
import { outsider } from '../storage/open.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

t.test('every error has an id, a detail and its code', async (t) => {
  const app = await openApp(t)
  const { admin, viewer } = await people(app)
  const jane = { username: 'jane', email: 'jane@example.org', password: 'Cucumber1' }
  await request(app, 'POST', '/users', { token: admin, body: jane })
  const kinds: readonly (readonly [number, string, string, string, object])[] = [
    [400, 'own_account', 'DELETE', '/users/1', { token: admin }],
    [401, 'not_authenticated', 'GET', '/users', {}],
    [403, 'permission_denied', 'GET', '/users', { token: viewer }],
    [404, 'not_found', 'GET', '/nothing', {}],
    [404, 'not_found', 'GET', '/users/999', { token: admin }],
    [405, 'method_not_allowed', 'DELETE', '/users', { token: admin }],
    [409, 'already_exists', 'POST', '/users', { token: admin, body: jane }],
    [413, 'body_too_large', 'POST', '/users', { token: admin, body: ' '.repeat(1_048_577) }],
    [422, 'request_invalid', 'POST', '/users', { token: admin, body: {} }],
    [422, 'request_invalid', 'POST', '/users', { token: admin, body: '{' }],
  ]
  for (const [status, code, method, path, asked] of kinds) {
    const answer = await request(app, method, path, asked)
    t.match(answer, { status, body: { success: false, code } }, `${method} ${path}`)
    t.match(answer.headers.get('x-request-id'), /^[\w.:-]{1,64}$/)
    t.match(answer.headers.get('content-type'), /^application\/json/)
    const { detail } = answer.body
    if (status === 422) t.match(detail, [{ type: String, loc: ['body'], msg: String }])
    else t.match(detail, /^[A-Z].{5,}/, `${status} says why`)
  }
})

t.test('over the limit is 429, with the time to wait', async (t) => {
  const app = await openApp(t, { restRate: 1 })
  await request(app, 'GET', '/auth/status')
  const answer = await request(app, 'GET', '/auth/status', { headers: { 'x-request-id': 'mine' } })
  t.match(answer, { status: 429, body: { success: false, detail: String, code: 'rate_limited' } })
  t.equal(answer.headers.get('x-request-id'), 'mine')
  t.match(answer.headers.get('retry-after'), /^\d+$/)
})

t.test('while storage fails a write is 503, and reading goes on', async (t) => {
  const app = await openApp(t)
  const token = (await setUp(app.origin)).access_token
  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  const body = { username: 'jane', email: 'jane@example.org', password: 'Cucumber1' }
  const first = request(app, 'POST', '/users', { token, body })
  await until(() => app.store.group.state !== 'ok', 'storage to fail')
  t.equal((await request(app, 'GET', '/users', { token })).status, 200)
  await until(() => app.logged.some(({ code }) => code === 'storage_unavailable'), 'the failure to be told')
  const answer = await request(app, 'POST', '/auth/logout', { token })
  t.match(answer, { status: 503, body: { success: false, detail: String, code: 'storage_unavailable' } })
  t.match(answer.headers.get('x-request-id'), /^[\w-]+$/)
  other.exec('COMMIT')
  t.ok([201, 503].includes((await first).status))
})

const broken = (handle: () => never): Resource => ({
  prefix: '/broken',
  tag: 'Broken',
  routes: [
    route({ method: 'GET', path: '', role: 'public', summary: 'Throws', answer: Type.Unknown(), handle }),
  ],
})

/** The frame alone, around one resource. */
function frame(resource: Resource, checkAnswers = true) {
  const failures: unknown[] = []
  const { fetch } = createRest([resource], {
    tokens: {} as never,
    monotonic: () => 0,
    restRate: 0,
    corsOrigins: [],
    version: '1.0.0',
    failed: (error) => void failures.push(error),
    checkAnswers,
  })
  const ask = async (path: string) => {
    const answer = await fetch(new Request(`http://localhost/api/v1${path}`), {
      address: '::1',
      request_id: 'test',
    })
    const text = await answer.text()
    return { status: answer.status, body: text ? JSON.parse(text) : {} }
  }
  return { ask, failures }
}

t.test('a route that throws is 500: the log has the reason, the answer does not', async (t) => {
  const { ask, failures } = frame(
    broken(() => {
      throw new Error('the pump fell into the tank')
    }),
  )
  const { status, body } = await ask('/broken')
  t.equal(status, 500)
  t.match(body, { success: false, detail: String, code: 'internal_error' })
  t.notMatch(JSON.stringify(body), /pump/)
  t.match(failures, [{ message: 'the pump fell into the tank' }])
})

t.test('in tests a route is held to its word; elsewhere that costs nothing', async (t) => {
  const base = { method: 'GET', path: '', role: 'public', summary: 'Says this, does that' } as const
  const answer = Type.Object({ id: Type.Integer() })
  const liars: readonly (readonly [RegExp, number, Resource['routes'][number]])[] = [
    [
      /does not answer what it says: \/id/,
      200,
      route({ ...base, answer, handle: () => ({ id: 'x' }) as never }),
    ],
    [/answers nothing/, 204, route({ ...base, answer, handle: () => undefined })],
    [/does not say what/, 200, route({ ...base, handle: () => ({ id: 1 }) as never })],
    [/answers 202/, 202, route({ ...base, answer, handle: () => Response.json({ id: 1 }, { status: 202 }) })],
    [
      /refuses with own_account/,
      400,
      route({
        ...base,
        answer,
        handle() {
          throw new Problem('own_account')
        },
      }),
    ],
  ]
  for (const [complaint, status, liar] of liars) {
    const resource = { prefix: '/liar', tag: 'Liar', routes: [liar] }
    const { ask, failures } = frame(resource)
    t.equal((await ask('/liar')).status, 500)
    t.match(failures, [{ message: complaint }])
    t.equal((await frame(resource, false).ask('/liar')).status, status)
  }
})
