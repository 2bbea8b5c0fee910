import t from 'tap'
import { readConfig, startOptions, UsageError } from '../../bin/config.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'

const PAGE = 'http://localhost:5173'

const ask = (origin: string, path: string, from: string, options: RequestInit = {}) =>
  fetch(`${origin}/api/v1${path}`, { ...options, headers: { ...options.headers, Origin: from } })

const preflight = (origin: string, path: string, from: string) =>
  ask(origin, path, from, {
    method: 'OPTIONS',
    headers: {
      'Access-Control-Request-Method': 'PATCH',
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  })

t.test('a page of a development server may ask, and reads refusals too', async (t) => {
  const app = await openApp(t, { restRate: 5 })
  const asked = await preflight(app.origin, '/esp/devices/ESP_1', PAGE)
  t.equal(asked.status, 204)
  t.equal(asked.headers.get('access-control-allow-origin'), PAGE)
  t.equal(asked.headers.get('access-control-allow-credentials'), 'true')
  t.match(asked.headers.get('access-control-allow-methods'), /PATCH/)
  t.match(asked.headers.get('access-control-allow-headers'), /authorization/i)
  t.equal(await asked.text(), '')

  const { access_token } = await setUp(app.origin)
  const authorized = { headers: { Authorization: `Bearer ${access_token}` } }
  const answers: readonly (readonly [number, Response])[] = [
    [200, await ask(app.origin, '/auth/me', PAGE, authorized)],
    [404, await ask(app.origin, '/esp/devices/ESP_1', PAGE, authorized)],
    [401, await ask(app.origin, '/auth/me', PAGE)],
    [404, await ask(app.origin, '/nothing', PAGE, authorized)],
    [405, await ask(app.origin, '/auth/login', PAGE, authorized)],
    [200, await ask(app.origin, '/auth/me', PAGE, authorized)],
    [429, await ask(app.origin, '/auth/me', PAGE, authorized)],
  ]
  for (const [status, answer] of answers) {
    t.equal(answer.status, status)
    t.equal(answer.headers.get('access-control-allow-origin'), PAGE)
    t.equal(answer.headers.get('vary'), 'Origin')
    t.match(answer.headers.get('access-control-expose-headers'), /Retry-After/)
    t.match(await answer.json(), status === 200 ? { username: 'grower' } : { detail: /./, code: /./ })
  }
})

t.test('a page of an origin that is not named gets no permission to read', async (t) => {
  const app = await openApp(t)
  for (const from of ['http://localhost:5174', 'https://localhost:5173', 'http://evil.example', 'null']) {
    for (const answer of [
      await preflight(app.origin, '/auth/status', from),
      await ask(app.origin, '/auth/status', from),
    ])
      t.equal(answer.headers.get('access-control-allow-origin'), null, from)
  }
  t.equal((await preflight(app.origin, '/auth/status', 'http://evil.example')).status, 405)
})

t.test('which origins may ask is a flag; * is every one, off is none', async (t) => {
  const named = await openApp(t, { flags: ['--cors-origin', 'https://Farm.example,http://10.0.0.5:3000'] })
  for (const from of ['https://farm.example', 'http://10.0.0.5:3000'])
    t.equal((await ask(named.origin, '/auth/status', from)).headers.get('access-control-allow-origin'), from)
  t.equal(
    (await ask(named.origin, '/auth/status', PAGE)).headers.get('access-control-allow-origin'),
    null,
    'what is named is instead of the default',
  )
  const every = await openApp(t, { flags: ['--cors-origin', '*'] })
  const from = 'http://anywhere.example'
  t.equal((await ask(every.origin, '/auth/status', from)).headers.get('access-control-allow-origin'), from)
  const none = await openApp(t, { flags: ['--cors-origin', 'off'] })
  t.equal((await ask(none.origin, '/auth/status', PAGE)).headers.get('access-control-allow-origin'), null)

  const origins = (...argv: string[]) => readConfig(startOptions, argv, {}).config['cors-origin']
  t.same(origins(), ['http://localhost:3000', 'http://localhost:5173'])
  for (const wrong of [
    'localhost:3000',
    'http://a.example/path',
    'ftp://a.example',
    '',
    '*,http://a.example',
  ])
    t.throws(() => origins('--cors-origin', wrong), UsageError, wrong)
})
