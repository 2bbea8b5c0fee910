import t from 'tap'
import { readConfig, startOptions, UsageError } from '../../bin/config.js'
import { createRateLimit } from '../../realtime/rate-limit.js'
import { setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { request } from '../support/http.js'

const asked = async (app: OpenApp, path: string, token?: string): Promise<number> =>
  (await request(app, 'GET', path, token ? { token } : {})).status

t.test('a token may ask as often per minute as the flag says; then it waits', async (t) => {
  const app = await openApp(t, { restRate: 20 })
  const { access_token: token } = await setUp(app.origin)
  for (let n = 0; n < 20; n++) t.equal(await asked(app, '/auth/me', token), 200)

  const answer = await request(app, 'GET', '/auth/me', { token, headers: { 'x-request-id': 'mine' } })
  t.match(answer, { status: 429, body: { success: false, detail: /again in \d+ s/, code: 'rate_limited' } })
  const wait = Number(answer.headers.get('retry-after'))
  t.ok(wait >= 1 && wait <= 60, `${wait} s`)
  t.equal(answer.headers.get('x-request-id'), 'mine')
  t.equal(await asked(app, '/auth/status', token), 429, 'public routes count for the token too')
  t.equal(await asked(app, '/nothing', token), 429)
  t.equal(await asked(app, '/auth/status'), 200, 'others at the same address are not to blame')
})

t.test('without a token the address counts, whatever is asked and whatever it calls itself', async (t) => {
  const app = await openApp(t, { restRate: 20 })
  const { access_token: token } = await setUp(app.origin)
  t.equal(await asked(app, '/auth/me', token), 200)
  const paths = ['/auth/status', '/nothing', '/auth/me', '/openapi.json']
  // One request was the setup.
  for (let n = 0; n < 19; n++) t.not(await asked(app, paths[n % 4]!, n % 2 ? `made-up-${n}` : undefined), 429)
  for (const path of paths) t.equal(await asked(app, path), 429, path)
  t.equal(await asked(app, '/auth/me', 'another made-up one'), 429)
  t.equal((await fetch(`${app.origin}/api/docs`)).status, 429)
  t.equal((await fetch(app.origin)).status, 200, 'the dashboard is no part of it')
  t.equal(await asked(app, '/auth/me', token), 200, 'a good token goes on')
})

t.test('0 is no limit', async (t) => {
  const app = await openApp(t, { restRate: 0 })
  for (let n = 0; n < 50; n++) t.equal(await asked(app, '/auth/status'), 200)
})

t.test('the default is 1000 a minute', async (t) => {
  t.equal(readConfig(startOptions, [], {}).config['rest-rate'], 1000)
  t.equal(readConfig(startOptions, [], { KAISER_REST_RATE: '5' }).config['rest-rate'], 5)
  t.throws(() => readConfig(startOptions, ['--rest-rate', 'many'], {}), UsageError)
})

t.test('a minute begins with its first request, and the wait is what is left of it', async (t) => {
  let now = 0
  const limit = createRateLimit(2, () => now)
  t.equal(limit.ask(undefined, '::1'), 0)
  now = 50_000
  t.equal(limit.ask(undefined, '::1'), 0)
  t.equal(limit.ask(undefined, '::1'), 10)
  now = 59_999
  t.equal(limit.ask(undefined, '::1'), 1)
  now = 60_000
  t.equal(limit.ask(undefined, '::1'), 0)
})

t.test('a token that proves good takes its request with it', async (t) => {
  const limit = createRateLimit(2, () => 0)
  t.equal(limit.ask('good', '::1'), 0)
  limit.trust('good', '::1')
  t.strictSame([limit.ask('good', '::1'), limit.ask('good', '::1')], [0, 60])
  t.strictSame(
    [limit.ask(undefined, '::1'), limit.ask('bad', '::1'), limit.ask(undefined, '::1')],
    [0, 0, 60],
  )
})

t.test('a hundred thousand addresses are forgotten but for the latest ten thousand', async (t) => {
  const limit = createRateLimit(1, () => 0)
  for (let n = 0; n < 100_000; n++) limit.ask(undefined, `2001:db8::${n}`)
  t.equal(limit.ask(undefined, '2001:db8::90000'), 60)
  t.equal(limit.ask(undefined, '2001:db8::89999'), 0)
})
