import { Hono } from 'hono'
import t from 'tap'
import Type from 'typebox'
import { mount } from '../../realtime/mount.js'
import type { Problem } from '../../realtime/problem.js'
import { route } from '../../realtime/route.js'
import { given } from '../../realtime/shapes.js'
import type { Env } from '../../realtime/web.js'

/** An app with one route that answers what it was given. */
function echo(form = false) {
  const app = new Hono<Env>()
  const echoing = route({
    method: 'POST',
    path: '/{esp_id}/{gpio}',
    role: 'public',
    summary: 'What was given',
    form,
    params: Type.Object({ esp_id: Type.String({ maxLength: 10 }), gpio: Type.Integer({ maximum: 255 }) }),
    query: Type.Object({
      hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 168 })),
      dry_run: Type.Optional(Type.Boolean()),
      order: Type.Optional(Type.Union([Type.Literal('asc'), Type.Literal('desc')])),
      name: Type.Optional(Type.String()),
    }),
    body: Type.Object({
      value: Type.Optional(Type.Number()),
      name: given(Type.String({ maxLength: 5 })),
      on: Type.Optional(Type.Literal(true)),
      inner: Type.Optional(Type.Object({ 'a/b': Type.Integer(), password: Type.Optional(Type.Integer()) })),
    }),
    answer: Type.Unknown(),
    handle: ({ params, query, body }) => ({ params, query, body }),
  })
  mount(
    app,
    { prefix: '', tag: 'Test', routes: [echoing] },
    { enter: () => Promise.reject(), checkAnswers: false },
  )
  app.onError((error) => (error as Problem).getResponse())
  return async (path: string, body?: unknown) => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await app.request(
      path,
      { method: 'POST', ...(body !== undefined && { body: sent }) },
      { address: '::1', request_id: 'test' },
    )
    return {
      status: answer.status,
      body: (await answer.json()) as Record<string, unknown> & { detail: object[] },
    }
  }
}

t.test('text of a URL is read as its schema wants it; an empty value is none', async (t) => {
  const ask = echo()
  const { status, body } = await ask('/ESP_1/4?hours=24&dry_run=TRUE&order=desc&name=&other=1')
  t.equal(status, 200)
  t.match(body, { params: { esp_id: 'ESP_1', gpio: 4 }, query: { hours: 24, dry_run: true, order: 'desc' } })
  t.notOk('name' in (body.query as object))
  t.match((await ask('/7/4?name=12&dry_run=0')).body, {
    params: { esp_id: '7' },
    query: { name: '12', dry_run: false },
  })
})

t.test('every wrong value is named with its place and what is allowed', async (t) => {
  const ask = echo()
  const wrong: readonly (readonly [string, unknown, object])[] = [
    ['/ESP_1/x', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: 'x' }],
    ['/ESP_1/1.5', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: 1.5 }],
    ['/ESP_1/256', {}, { loc: ['path', 'gpio'], msg: 'must be <= 255', input: 256 }],
    ['/ESP_1/0x4', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: '0x4' }],
    ['/ESP_1/0b1', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: '0b1' }],
    ['/ESP_1/%204', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: ' 4' }],
    ['/ESP_1/NaN', {}, { loc: ['path', 'gpio'], msg: 'must be integer', input: 'NaN' }],
    ['/ESP_1/1e400', {}, { loc: ['path', 'gpio'], input: '1e400' }],
    ['/ESP_1/4?hours=0', {}, { loc: ['query', 'hours'], msg: 'must be >= 1', input: 0 }],
    ['/ESP_1/4?dry_run=perhaps', {}, { loc: ['query', 'dry_run'], msg: 'must be boolean' }],
    ['/ESP_1/4?order=up', {}, { loc: ['query', 'order'], msg: 'must be one of asc, desc', input: 'up' }],
    ['/ESP_1/4', { value: '3' }, { loc: ['body', 'value'], msg: 'must be number', input: '3' }],
    ['/ESP_1/4', { value: true }, { loc: ['body', 'value'], msg: 'must be number' }],
    ['/ESP_1/4', { name: 'too long' }, { loc: ['body', 'name'], msg: /5/ }],
    ['/ESP_1/4', { on: false }, { loc: ['body', 'on'], msg: 'must be true' }],
    ['/ESP_1/4', { inner: {} }, { loc: ['body', 'inner', 'a/b'], msg: 'is required', input: null }],
    [
      '/ESP_1/4',
      { inner: { 'a/b': 'x' } },
      { loc: ['body', 'inner', 'a/b'], msg: 'must be integer', input: 'x' },
    ],
    ['/ESP_1/4', [], { loc: ['body'], msg: 'must be object' }],
    ['/ESP_1/4', '"text"', { loc: ['body'], msg: 'must be object' }],
    ['/ESP_1/4', '{"value":1', { type: 'json_invalid', loc: ['body'], msg: /^is not JSON/ }],
  ]
  for (const [path, given, detail] of wrong) {
    const { status, body } = await ask(path, given)
    t.equal(status, 422, path)
    t.match(body, { success: false, code: 'request_invalid' })
    t.match(body.detail, [detail], `${path} ${JSON.stringify(given)}`)
    t.equal(body.detail.length, 1, 'once')
  }
  const all = await ask('/ESP_1/x?hours=0', { value: 'x', name: 7 })
  t.strictSame(
    all.body.detail.map((error) => (error as { loc: string[] }).loc.join('.')),
    ['path.gpio', 'query.hours', 'body.value', 'body.name'],
    'all of them at once',
  )
})

t.test('secrets and long values are not repeated, wherever they stand', async (t) => {
  const ask = echo()
  const secret = 'Secret-2026'
  const bodies = [
    { inner: { 'a/b': 1, password: secret } },
    { value: { password: secret } },
    [{ password: secret }],
    { inner: [{ new_password: secret }] },
    `{"password": "${secret}"`,
    `{"password": ${secret}}`,
  ]
  for (const body of bodies) {
    const answer = await ask('/ESP_1/4', body)
    t.equal(answer.status, 422)
    t.notMatch(JSON.stringify(answer.body), secret, JSON.stringify(body))
  }
  const long = await ask('/ESP_1/4', { value: 'x'.repeat(100_000), name: Array(100_000).fill(1) })
  t.ok(JSON.stringify(long.body).length < 1_000)
})

t.test('nothing, null and a plain object are the same body', async (t) => {
  const ask = echo()
  for (const body of [undefined, '', ' ', 'null', '{}', '{"__proto__": {"value": "x"}}'])
    t.equal((await ask('/ESP_1/4', body)).status, 200, String(body))
})

t.test('JSON in JSON in JSON is refused at some depth, whatever becomes of it', async (t) => {
  const ask = echo()
  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  t.equal((await ask('/ESP_1/4', nested(64))).status, 200)
  for (const body of [nested(65), nested(20_000), '['.repeat(100_000) + ']'.repeat(100_000)]) {
    const { status, body: said } = await ask('/ESP_1/4', body)
    t.equal(status, 422)
    t.match(said.detail, [{ type: 'json_invalid', loc: ['body'], msg: 'is nested deeper than 64 levels' }])
  }
})

t.test('a form is read as text fields', async (t) => {
  const ask = echo(true)
  t.match(await ask('/ESP_1/4', 'name=a+b&other=1'), { status: 200, body: { body: { name: 'a b' } } })
  t.match(await ask('/ESP_1/4', 'name=too+long'), {
    status: 422,
    body: { detail: [{ loc: ['body', 'name'] }] },
  })
  t.equal((await ask('/ESP_1/4', '')).status, 200)
})
