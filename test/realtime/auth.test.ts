import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ADMINISTRATOR, setUp, type Tokens } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { type Answer, person, request } from '../support/http.js'
import { listen, refused } from '../support/socket.js'

const { username, email, password } = ADMINISTRATOR
const login = (app: OpenApp, body: object): Promise<Answer> => request(app, 'POST', '/auth/login', { body })
const refresh = (app: OpenApp, refresh_token: string): Promise<Answer> =>
  request(app, 'POST', '/auth/refresh', { body: { refresh_token } })
const me = (app: OpenApp, token: string): Promise<Answer> => request(app, 'GET', '/auth/me', { token })
const tokensOf = ({ body }: Answer): Tokens & { expires_in: number; token_type: string } =>
  body.tokens as Tokens & { expires_in: number; token_type: string }

t.test('the first visitor sets kaiser up, and nobody does so again', async (t) => {
  const app = await openApp(t)
  const status = {
    setup_required: true,
    users_exist: false,
    mqtt_auth_enabled: false,
    mqtt_tls_enabled: false,
    mqtt_port: app.mqttPort,
  }
  t.strictSame((await request(app, 'GET', '/auth/status')).body, status)

  const done = await request(app, 'POST', '/auth/setup', { body: { ...ADMINISTRATOR, full_name: '' } })

  t.equal(done.status, 200)
  t.match(done.body, {
    success: true,
    message: String,
    tokens: { access_token: String, refresh_token: String, token_type: 'bearer', expires_in: 1800 },
    user: { id: Number, username, email, full_name: null, role: 'admin', is_active: true, created_at: /Z$/ },
  })
  t.match((await request(app, 'GET', '/auth/status')).body, { setup_required: false, users_exist: true })
  const again = await request(app, 'POST', '/auth/setup', { body: { ...ADMINISTRATOR, username: 'second' } })
  t.equal(again.status, 403)
  t.type(again.body.detail, 'string')
})

t.test('of two who set kaiser up at once, one becomes the administrator', async (t) => {
  const app = await openApp(t)
  const both = await Promise.all(
    ['one', 'two'].map((name) =>
      request(app, 'POST', '/auth/setup', {
        body: { username: name, email: `${name}@example.org`, password },
      }),
    ),
  )
  t.strictSame(both.map(({ status }) => status).sort(), [200, 403])
  t.equal(app.store.users.count, 1)
})

t.test('a wrong setup says which field, never the password', async (t) => {
  const app = await openApp(t)
  const wrong: readonly (readonly [string, object, string])[] = [
    ['username', { ...ADMINISTRATOR, username: '1st' }, 'username'],
    ['short name', { ...ADMINISTRATOR, username: 'ab' }, 'username'],
    ['email', { ...ADMINISTRATOR, email: 'nobody' }, 'email'],
    ['short password', { ...ADMINISTRATOR, password: 'Ab1!' }, 'password'],
    ['weak password', { ...ADMINISTRATOR, password: 'allsmall1!' }, 'password'],
    ['no password', { username, email }, 'password'],
    ['a number', { ...ADMINISTRATOR, full_name: 7 }, 'full_name'],
  ]
  for (const [name, body, field] of wrong) {
    const answer = await request(app, 'POST', '/auth/setup', { body })
    t.equal(answer.status, 422, name)
    t.match(answer.body.detail, [{ loc: ['body', field], msg: String, type: String }], name)
    t.notMatch(JSON.stringify(answer.body), /Ab1!|allsmall1!/, 'the password is not repeated')
  }
  t.equal(app.store.users.count, 0)
})

t.test('people log in with their name or e-mail, in any case', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  for (const name of [username, email, email.toUpperCase()]) {
    const answer = await login(app, { username: name, password })
    t.equal(answer.status, 200, name)
    t.match(answer.body, { success: true, message: String, user: { username } })
    t.equal((await me(app, tokensOf(answer).access_token)).status, 200)
  }
  const remembered = tokensOf(await login(app, { username, password, remember_me: true }))
  t.equal(remembered.expires_in, 604_800)
  const next = tokensOf(await refresh(app, remembered.refresh_token))
  t.equal(next.expires_in, 604_800, 'and stays remembered')
})

t.test('unknown name, wrong password and disabled account get the same answer', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  const tokens = await person(app, 'viewer')
  const viewer = app.store.users.find('a-viewer')!
  await app.store.group.run(() => app.store.users.update(viewer, { is_active: 0 }, Date.now()))

  const answers = await Promise.all([
    login(app, { username: 'nobody', password }),
    login(app, { username, password: 'Wrong-2026' }),
    login(app, { username: 'a-viewer', password }),
  ])
  for (const { status, headers, body } of answers) {
    t.equal(status, 401)
    t.equal(headers.get('www-authenticate'), 'Bearer')
    t.strictSame(body, answers[0]!.body)
  }
  t.equal((await me(app, tokens.access_token)).status, 403, 'an account that was disabled meanwhile')
  t.equal((await refresh(app, tokens.refresh_token)).status, 401)
})

t.test('the eleventh login of an address within a minute waits', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  for (let n = 0; n < 10; n++) await login(app, { username: 'nobody', password })
  const answer = await login(app, { username, password })
  t.equal(answer.status, 429)
  const wait = Number(answer.headers.get('retry-after'))
  t.ok(wait >= 1 && wait <= 60, `${wait} s`)
  t.type(answer.body.detail, 'string')
})

t.test('a refresh token is good twice at once, and no more after the grace time', async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { refresh_token } = await setUp(app.origin)

  const both = await Promise.all([refresh(app, refresh_token), refresh(app, refresh_token)])
  t.strictSame(
    both.map(({ status }) => status),
    [200, 200],
  )
  t.equal(both[0]!.body.user, undefined)
  const [one, two] = both.map(tokensOf)
  for (const pair of [one!, two!]) t.equal((await me(app, pair.access_token)).status, 200)

  skew = 20_000
  t.equal((await refresh(app, refresh_token)).status, 200, 'within the grace time')
  skew = 31_000
  t.equal((await refresh(app, refresh_token)).status, 401, 'after it, however often it was used')
  t.equal((await refresh(app, one!.refresh_token)).status, 200, 'its successors are good')
  t.equal((await refresh(app, 'nonsense')).status, 401)
  t.equal((await refresh(app, one!.access_token)).status, 401, 'an access token is none')
})

t.test('logout ends this session, or all of them', async (t) => {
  const app = await openApp(t)
  const first = await setUp(app.origin)
  const second = tokensOf(await login(app, { username, password }))
  const third = tokensOf(await login(app, { username, password }))

  const out = await request(app, 'POST', '/auth/logout', {
    token: first.access_token,
    body: { all_devices: false, refresh_token: first.refresh_token },
  })
  t.match(out, { status: 200, body: { success: true, message: String, tokens_invalidated: false } })
  t.equal((await me(app, first.access_token)).status, 401)
  t.equal((await refresh(app, first.refresh_token)).status, 401)
  t.equal((await me(app, second.access_token)).status, 200)

  const all = await request(app, 'POST', '/auth/logout', {
    token: second.access_token,
    body: { all_devices: true },
  })
  t.match(all, { status: 200, body: { tokens_invalidated: true } })
  t.equal((await me(app, third.access_token)).status, 401)
  t.equal((await refresh(app, third.refresh_token)).status, 401)
  t.equal((await login(app, { username, password })).status, 200)
})

t.test('logging out with the body null, or none, works', async (t) => {
  const app = await openApp(t)
  const first = await setUp(app.origin)
  t.equal(
    (await request(app, 'POST', '/auth/logout', { token: first.access_token, body: 'null' })).status,
    200,
  )
  const second = tokensOf(await login(app, { username, password }))
  t.equal((await request(app, 'POST', '/auth/logout', { token: second.access_token })).status, 200)
})

t.test('a form logs in too, as OAuth 2.0 has it, and shares the limit', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  const form = (fields: Record<string, string>) =>
    request(app, 'POST', '/auth/login/form', {
      body: new URLSearchParams(fields).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  const answer = await form({ grant_type: 'password', username, password, scope: '' })
  t.equal(answer.status, 200)
  t.strictSame(Object.keys(answer.body), ['access_token', 'refresh_token', 'token_type', 'expires_in'])
  t.equal((await me(app, String(answer.body.access_token))).status, 200)
  t.equal((await form({ username, password: 'Wrong-2026' })).status, 401)
  t.match(await form({ username }), { status: 422, body: { detail: [{ loc: ['body', 'password'] }] } })
  for (let n = 0; n < 8; n++) await login(app, { username: 'nobody', password })
  t.equal((await form({ username, password })).status, 429)
})

t.test('an administrator registers people; a name or an address is taken once', async (t) => {
  const app = await openApp(t)
  const token = (await setUp(app.origin)).access_token
  const register = (body: object) => request(app, 'POST', '/auth/register', { token, body })
  const jane = { username: 'jane', email: 'jane@example.org', password: 'Cucumber-1', role: 'operator' }
  t.match(await register(jane), {
    status: 200,
    body: { success: true, message: String, user: { username: 'jane', role: 'operator' } },
  })
  t.match(await register(jane), { status: 409, body: { detail: 'User name jane is taken' } })
  t.match(await register({ ...jane, username: 'june', password: 'Cucumber1' }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'password'], msg: /one of/ }] },
  })
})

t.test('a ticket opens the realtime socket and nothing else, for a minute', async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { access_token } = await setUp(app.origin)
  const { status, body } = await request(app, 'POST', '/auth/ws-ticket', { token: access_token })
  t.match({ status, body }, { status: 200, body: { ticket: String, expires_in: 60 } })
  t.equal((await me(app, String(body.ticket))).status, 401)
  const listener = await listen(t, app, String(body.ticket))
  t.equal(listener.socket.readyState, listener.socket.OPEN)
  skew = 61_000
  t.equal((await refused(app, `/api/v1/ws/realtime/me?token=${body.ticket}`)).status, 401)
})

t.test('how MQTT clients come in can be asked', async (t) => {
  for (const allowAnonymous of [true, false]) {
    const app = await openApp(t, { allowAnonymous })
    const token = (await setUp(app.origin)).access_token
    t.match(await request(app, 'GET', '/auth/mqtt/status', { token }), {
      status: 200,
      body: { success: true, enabled: !allowAnonymous, username: null, broker_connected: true },
    })
    t.match((await request(app, 'GET', '/auth/status')).body, { mqtt_auth_enabled: !allowAnonymous })
  }
})

const part = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')

t.test('a token that is expired, forged, unsigned, old or of another kind is no token', async (t) => {
  let skew = 0
  const app = await openApp(t, { now: () => Date.now() + skew })
  const { access_token, refresh_token } = await setUp(app.origin)
  const [head, claims, signature] = access_token.split('.') as [string, string, string]
  const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>
  t.match(read, { sub: '1', type: 'access', role: 'admin', token_version: Number, exp: Number, iat: Number })

  const unsigned = part({ alg: 'none', typ: 'JWT' })
  const other = createHmac('sha256', 'another secret').update(`${head}.${claims}`).digest('base64url')
  const bad = {
    unsigned: `${unsigned}.${claims}.`,
    'unsigned, with a signature': `${unsigned}.${claims}.${signature}`,
    forged: `${head}.${claims}.${other}`,
    changed: `${head}.${part({ ...read, sub: '2' })}.${signature}`,
    refresh: refresh_token,
    nonsense: 'nonsense',
    empty: '',
  }
  for (const [name, token] of Object.entries(bad)) {
    const answer = await request(app, 'GET', '/auth/me', { headers: { authorization: `Bearer ${token}` } })
    t.equal(answer.status, 401, name)
    t.equal(answer.headers.get('www-authenticate'), 'Bearer')
    t.type(answer.body.detail, 'string')
  }
  t.equal((await request(app, 'GET', '/auth/me')).status, 401, 'none at all')
  t.equal((await me(app, access_token)).status, 200)
  skew = 31 * 60_000
  t.equal((await me(app, access_token)).status, 401, 'expired')
})

t.test('me is the bare user; secrets never leave, neither in answers nor in the log', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const { body } = await me(app, access_token)
  t.strictSame(Object.keys(body).sort(), [
    'created_at',
    'email',
    'full_name',
    'id',
    'is_active',
    'role',
    'updated_at',
    'username',
  ])
  await login(app, { username, password: 'Wrong-2026' })
  t.notMatch(JSON.stringify(app.logged), new RegExp(`${password}|Wrong-2026|${access_token}`))
  const database = readdirSync(app.dir).filter((name) => name.startsWith('kaiser.db'))
  for (const name of database) t.notOk(readFileSync(join(app.dir, name)).includes(password), name)
})
