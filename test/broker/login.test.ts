/** Logging in to MQTT, through real sockets: who comes in with what, and what the others are told. */
import t, { type Test } from 'tap'
import { createTokens } from '../../realtime/tokens.js'
import { hashPassword } from '../../routing/passwords.js'
import { register } from '../../routing/registry.js'
import { ADMINISTRATOR, ask, setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { connectMqtt, publishAcknowledged } from '../support/client.js'
import { client, counted, hears, logged, reading, tcp, topicOf, webSocket } from '../support/mqtt.js'
import {
  CONNACK,
  connect,
  type Hello,
  openWire,
  PUBACK,
  publish,
  SUBACK,
  subscribe,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const DEVICE = 'ESP_12AB34CD'
const { username: NAME, password: PASSWORD } = ADMINISTRATOR

interface Cast {
  app: OpenApp
  /** Of the device. */
  secret: string
  /** Of the administrator. */
  token: string
}

/** A kaiser with an administrator and a device, that lets nobody else in. */
async function cast(t: Test): Promise<Cast> {
  const app = await openApp(t, { allowAnonymous: false, discovery: 'pending' })
  const { access_token: token } = await setUp(app.origin)
  const { credentials } = await app.store.group.run(() => register(app.store, DEVICE, {}, 'test', Date.now()))
  return { app, secret: credentials.mqtt_password, token }
}

/** What CONNACK answers. */
async function answerTo(t: Test, app: OpenApp, hello: Hello): Promise<number> {
  const wire = await openWire(t, app.mqttPort)
  wire.send(connect(hello))
  const { body } = await wire.packet(CONNACK)
  wire.socket.destroy()
  return body[1]!
}

t.test('a device logs in with its id and its password, under any client id', async (t) => {
  const { app, secret } = await cast(t)
  for (const version of [3, 4])
    for (const clientId of [DEVICE, 'something else'])
      t.equal(await answerTo(t, app, { clientId, version, username: DEVICE, password: secret }), 0)

  const device = await connectMqtt(t, app.mqttPort, { username: DEVICE, password: secret })
  await publishAcknowledged(device, topicOf(DEVICE), reading(1, DEVICE))
  t.equal(app.store.readings.count(), 1)
})

t.test('people log in over TCP and WebSocket with name and password, or with a token', async (t) => {
  const { app, token } = await cast(t)
  for (const url of [tcp(app), webSocket(app)])
    for (const [username, password] of [
      [NAME, PASSWORD],
      [NAME.toUpperCase(), PASSWORD],
      [NAME, token],
      ['jwt', token],
      ['', token],
    ] as const) {
      const opened = client(t, url, { username, password })
      const heard = hears(opened)
      await until(() => opened.connected, `${username} over ${url}`)
      await opened.subscribeAsync('kaiser/#')
      await opened.publishAsync('kaiser/other/note', 'hello')
      await until(() => heard.length > 0, 'its own message')
      await opened.endAsync()
    }
})

t.test('wrong credentials are told apart from none, and from each other not at all', async (t) => {
  const { app, secret, token } = await cast(t)
  const expired = createTokens({
    secret: Buffer.alloc(32),
    userOf: app.store.users.get,
    revoked: app.store.revokedTokens.find,
    now: Date.now,
  })
  const forged = await expired.access(app.store.users.list()[0]!, 60)
  const other = token.replace(/\.[^.]*$/, '.AAAA')
  const rows: readonly (readonly [string, Hello, number])[] = [
    ['no credentials', {}, 5],
    ['a name alone', { username: NAME }, 4],
    ['a device’s name alone', { username: DEVICE }, 4],
    ['an empty name', { username: '', password: 'x' }, 4],
    ['a wrong password', { username: NAME, password: 'wrong' }, 4],
    ['a wrong device password', { username: DEVICE, password: 'wrong' }, 4],
    ['somebody unknown', { username: 'nobody', password: PASSWORD }, 4],
    ['a device under another name', { username: 'ESP_OTHER', password: secret }, 4],
    ['a device with the password of a person', { username: DEVICE, password: PASSWORD }, 4],
    ['a forged token', { username: NAME, password: forged }, 4],
    ['a token with another signature', { username: 'jwt', password: other }, 4],
    ['a token under another name', { username: 'somebody', password: token }, 4],
  ]
  for (const [n, [what, hello, code]] of rows.entries()) {
    const version = 3 + (n % 2)
    t.equal(await answerTo(t, app, { ...hello, version }), code, `${what}, MQTT level ${version}`)
  }
  t.equal(counted(app, 'bad_credentials'), rows.length - 1)
  t.equal(counted(app, 'not_authorized'), 1)
  const text = JSON.stringify(app.logged)
  for (const word of [secret, PASSWORD, token, forged, 'nobody'])
    t.notOk(text.includes(word), 'no secret and no mistyped name is logged')
})

t.test('a refresh token, an expired one and one that was logged out do not open MQTT', async (t) => {
  const { app } = await cast(t)
  const login = await ask(app.origin, '/auth/login', undefined, {
    method: 'POST',
    body: { username: NAME, password: PASSWORD },
  })
  const { access_token, refresh_token } = login.body.tokens as Record<string, string>
  const old = createTokens({
    secret: Buffer.from((await import('node:fs')).readFileSync(`${app.dir}/secret`)),
    userOf: app.store.users.get,
    revoked: app.store.revokedTokens.find,
    now: () => Date.now() - 7_200_000,
  })
  const expired = await old.access(app.store.users.list()[0]!, 60)
  t.equal(await answerTo(t, app, { username: 'jwt', password: refresh_token! }), 4)
  t.equal(await answerTo(t, app, { username: 'jwt', password: expired }), 4)

  const opened = await connectMqtt(t, app.mqttPort, { username: NAME, password: access_token! })
  await ask(app.origin, '/auth/logout', access_token, { method: 'POST', body: {} })
  await until(() => !opened.connected, 'the end of the connection')
  t.equal(await answerTo(t, app, { username: NAME, password: access_token! }), 4)
})

t.test('a disabled account does not come in', async (t) => {
  const { app } = await cast(t)
  await app.store.group.run(async () => undefined)
  const password_hash = await hashPassword('Vera-2026')
  const vera = await app.store.group.run(() =>
    app.store.users.insert(
      { username: 'vera', email: 'v@example.org', full_name: null, role: 'viewer', password_hash },
      Date.now(),
    ),
  )
  t.equal(await answerTo(t, app, { username: 'vera', password: 'Vera-2026' }), 0)
  await app.store.group.run(() => app.store.users.update(vera, { is_active: 0 }, Date.now()))
  t.equal(await answerTo(t, app, { username: 'vera', password: 'Vera-2026' }), 4)
})

t.test('with --allow-anonymous, whoever gives credentials must give right ones', async (t) => {
  const app = await openApp(t, { allowAnonymous: true })
  t.equal(await answerTo(t, app, {}), 0)
  t.equal(await answerTo(t, app, { username: 'nobody', password: 'x' }), 4)
})

t.test('three failures make that address wait for that name; others always pass', async (t) => {
  const { app, secret, token } = await cast(t)
  const wrong = { username: DEVICE, password: 'wrong' }
  for (let n = 0; n < 3; n++) t.equal(await answerTo(t, app, wrong), 4)

  t.equal(await answerTo(t, app, { username: DEVICE, password: secret }), 5, 'also with the right one')
  t.equal(await answerTo(t, app, { username: NAME, password: PASSWORD }), 0)
  t.equal(counted(app, 'login_cooldown'), 2, 'it began, and somebody met it')
  t.equal(logged(app, 'login_cooldown').length, 1)
  t.match(logged(app, 'login_cooldown'), [{ level: 40, address: '127.0.0.1', username: DEVICE }])
  const { body } = await ask(app.origin, '/audit?event_type=login_failed', token)
  t.match(
    body.data,
    [{ source_id: DEVICE, ip_address: '127.0.0.1', status: 'failed' }],
    'once, not three times',
  )
})

t.test(
  'a forbidden publish closes the connection [MQTT-3.3.5-2], a forbidden filter gets 0x80',
  async (t) => {
    const { app, secret } = await cast(t)
    const hello = { clientId: DEVICE, username: DEVICE, password: secret }
    const wire = await openWire(t, app.mqttPort, hello)
    wire.send(subscribe('kaiser/#', 1, 7), subscribe(`kaiser/god/esp/${DEVICE}/config`, 1, 8))
    t.strictSame([...(await wire.packet(SUBACK)).body], [0, 7, 0x80])
    t.strictSame([...(await wire.packet(SUBACK, 2)).body], [0, 8, 1])
    wire.send(publish(topicOf('ESP_OTHER'), reading(1, 'ESP_OTHER'), 1, 9))
    await wire.end()
    t.notOk(wire.arrived.some(({ type }) => type === PUBACK))
    t.equal(await answerTo(t, app, { ...hello, will: { topic: topicOf('ESP_OTHER'), payload: 'x' } }), 5)
    t.equal(
      await answerTo(t, app, { ...hello, will: { topic: `kaiser/god/esp/${DEVICE}/config`, payload: '{}' } }),
      5,
      'a Will that devices obey is refused before it can be left',
    )
  },
)

t.test('who goes while the password is checked leaves nothing behind', async (t) => {
  const { app } = await cast(t)
  for (let n = 0; n < 5; n++) {
    const wire = await openWire(t, app.mqttPort)
    wire.send(connect({ clientId: 'hasty', username: NAME, password: PASSWORD }))
    wire.socket.destroy()
  }
  await until(() => app.broker.counters().connections === 0, 'their places to be free')
  t.equal(await answerTo(t, app, { clientId: 'hasty', username: NAME, password: PASSWORD }), 0)
  t.equal(counted(app, 'session_taken_over'), 0)
})

t.test('while wrong passwords pour in, a device goes on and others log in', async (t) => {
  const { app, secret } = await cast(t)
  const device = await openWire(t, app.mqttPort, { clientId: DEVICE, username: DEVICE, password: secret })
  let over = false
  const answers = new Set<number>()
  const attack = async (lane: number): Promise<void> => {
    for (let n = 0; !over; n++)
      answers.add(await answerTo(t, app, { username: `guess-${lane}-${n}`, password: 'wrong' }))
  }
  const attackers = Array.from({ length: 10 }, (_, lane) => attack(lane))
  for (let n = 1; n <= 100; n++) {
    device.send(publish(topicOf(DEVICE), reading(n, DEVICE), 1, n))
    await device.packet(PUBACK, n)
  }
  t.equal(await answerTo(t, app, { username: NAME, password: PASSWORD }), 0)
  over = true
  await Promise.all(attackers)
  t.equal(app.store.readings.count(), 100)
  t.strictSame(
    [...answers].filter((code) => ![3, 4].includes(code)),
    [],
  )
})

t.test('a connection ends with the token it was made with', async (t) => {
  let ahead = 0
  const app = await openApp(t, { allowAnonymous: false, now: () => Date.now() + ahead })
  const { access_token: token } = await setUp(app.origin)
  const byToken = await connectMqtt(t, app.mqttPort, { username: 'jwt', password: token, clientId: 'page' })
  const byPassword = await connectMqtt(t, app.mqttPort, { username: NAME, password: PASSWORD })
  ahead = 29 * 60_000
  await byToken.publishAsync('lab/a', '1', { qos: 1 })
  ahead = 31 * 60_000
  await until(() => !byToken.connected, 'it to be over')
  await byPassword.publishAsync('lab/a', '2', { qos: 1 })
  t.equal(counted(app, 'token_expired'), 1)
  t.match(logged(app, 'token_expired'), [{ client_id: 'page', address: '127.0.0.1' }])
  t.equal(counted(app, 'credentials_revoked'), 0)
})
