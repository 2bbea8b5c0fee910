/** A device that nobody registered comes in through the pairing window and leaves with its own password. */
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import t, { type Test } from 'tap'
import { ask, setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { connected, hears, reading, topicOf } from '../support/mqtt.js'
import {
  CONNACK,
  connect,
  type Hello,
  openWire,
  PUBACK,
  PUBLISH,
  puback,
  publish,
  SUBACK,
  subscribe,
  type Wire,
} from '../support/mqtt-wire.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const DEVICE = 'ESP_NEW_1'
const branch = `kaiser/god/esp/${DEVICE}`
const AUTH = `${branch}/mqtt/auth_update`

interface Scene {
  app: OpenApp
  token: string
  post(path: string, body?: object): Promise<Record<string, unknown>>
  open(body?: object): Promise<string>
}

async function scene(t: Test, options: Parameters<typeof openApp>[1] = {}): Promise<Scene> {
  const app = await openApp(t, { allowAnonymous: false, discovery: 'pending', ...options })
  const { access_token: token } = await setUp(app.origin)
  const post = async (path: string, body: object = {}) =>
    (await ask(app.origin, path, token, { method: 'POST', body })).body
  return { app, token, post, open: async (body) => (await post('/pairing', body)).code as string }
}

async function answerTo(t: Test, app: OpenApp, hello: Hello): Promise<{ code: number; wire: Wire }> {
  const wire = await openWire(t, app.mqttPort)
  wire.send(connect(hello))
  const { body } = await wire.packet(CONNACK)
  return { code: body[1]!, wire }
}

const waiting = async ({ app, token }: Scene) =>
  (await ask(app.origin, '/esp/devices/pending', token)).body.devices as Record<string, unknown>[]

/** Waits inside, and hears what it is told. */
async function inside(t: Test, { app }: Scene, code: string, hello: Hello = {}): Promise<Wire> {
  const { code: answer, wire } = await answerTo(t, app, {
    clientId: DEVICE,
    username: DEVICE,
    password: code,
    ...hello,
  })
  t.equal(answer, 0)
  wire.send(subscribe(AUTH, 1, 1))
  t.strictSame([...(await wire.packet(SUBACK)).body], [0, 1, 1])
  return wire
}

const told = (wire: Wire): Record<string, unknown>[] =>
  wire.arrived
    .filter(({ type, body }) => type === PUBLISH && body.includes(AUTH))
    .map(({ body }) => JSON.parse(body.subarray(body.indexOf('{')).toString()) as Record<string, unknown>)

t.test(
  'from claim code to own password: pending at once, told when approved, and the code is over',
  async (t) => {
    const s = await scene(t)
    const { app } = s
    const page = await listen(t, app, s.token)
    const code = await s.open()
    t.match(code, /^[2-9A-HJKMNP-TV-Z]{8}$/)

    const device = await inside(t, s, `${code.slice(0, 4)}-${code.slice(4)}`.toLowerCase())
    await until(() => page.frames.some(({ type }) => type === 'device_discovered'), 'the event')
    t.match(page.frames.find(({ type }) => type === 'device_discovered')?.data, {
      esp_id: DEVICE,
      paired: true,
    })
    t.match(await waiting(s), [{ device_id: DEVICE, status: 'pending_approval', paired: true }])
    device.send(publish(`${branch}/system/heartbeat`, '{"uptime":1,"heap_free":1,"wifi_rssi":-50}', 1, 5))
    await device.packet(PUBACK)

    const { code: refused } = await answerTo(t, app, { username: 'ESP_NEW_2', password: code })
    t.equal(refused, 4, 'the window was for one device')

    const approval = await s.post(`/esp/devices/${DEVICE}/approve`)
    await until(() => told(device).length === 1, 'its credentials')
    const { username, password, ...rest } = told(device)[0]!
    t.strictSame(rest, { enabled: true, force_reconnect: true })
    t.strictSame([username, password], [approval.mqtt_username, approval.mqtt_password])
    const [said] = device.arrived.filter(({ type, body }) => type === PUBLISH && body.includes(AUTH))
    t.equal(said!.first, 0x32, 'QoS 1, not retained')

    const grown = await connectMqtt(t, app.mqttPort, {
      username: String(username),
      password: String(password),
    })
    await grown.publishAsync(topicOf(DEVICE), reading(1, DEVICE), { qos: 1 })
    t.equal(app.store.readings.count(), 1)
    t.equal((await answerTo(t, app, { username: DEVICE, password: code })).code, 4, 'the code is over for it')
    for (const word of [code, String(password)]) {
      t.notOk(JSON.stringify(app.logged).includes(word), 'never logged')
      t.notOk(JSON.stringify(page.frames).includes(word), 'never announced')
    }
    const { body } = await ask(app.origin, '/audit?limit=100', s.token)
    const kinds = (body.data as { event_type: string }[]).map(({ event_type }) => event_type)
    for (const kind of ['pairing_opened', 'device_paired', 'device_approved'])
      t.ok(kinds.includes(kind), kind)
    t.notOk(JSON.stringify(body).includes(code), 'never recorded')
  },
)

t.test('a session that lasts is told as well, and its credentials do not stay on the disk', async (t) => {
  const s = await scene(t)
  const device = await inside(t, s, await s.open(), { clean: false })
  const approval = await s.post(`/esp/devices/${DEVICE}/approve`)
  await until(() => told(device).length === 1, 'its credentials')
  t.equal(told(device)[0]?.password, approval.mqtt_password)
  const [said] = device.arrived.filter(({ type, body }) => type === PUBLISH && body.includes(AUTH))
  const id = said!.body.readUInt16BE(2 + AUTH.length)
  device.send(puback(id))
  device.socket.end()
  await until(() => s.app.broker.counters().connections === 0, 'its end')
  await s.app.close()
  const db = new SQLite(join(s.app.dir, 'kaiser.db'), { readonly: true })
  t.teardown(() => db.close())
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
  for (const table of tables)
    t.notOk(
      db
        .prepare(`SELECT * FROM "${table}"`)
        .all()
        .some((row) =>
          Object.values(row as object).some((value) =>
            Buffer.from(String(value)).includes(String(approval.mqtt_password)),
          ),
        ),
      table,
    )
})

t.test('who was gone when it was approved is told when it comes back with the code', async (t) => {
  const s = await scene(t)
  const code = await s.open()
  const device = await inside(t, s, code)
  device.socket.destroy()
  await until(() => s.app.broker.counters().connections === 0, 'its end')
  const approval = await s.post(`/esp/devices/${DEVICE}/approve`)

  const again = await inside(t, s, code)
  await until(() => told(again).length === 1, 'its credentials')
  t.equal(told(again)[0]?.password, approval.mqtt_password)
})

t.test('it may say that it is alive and hear its own; everything else is refused', async (t) => {
  const s = await scene(t)
  const code = await s.open({ devices: 3 })
  const device = await inside(t, s, code)
  for (const [n, filter] of [
    'kaiser/#',
    `${branch}/#`,
    'kaiser/god/esp/ESP_OTHER/mqtt/auth_update',
  ].entries()) {
    device.send(subscribe(filter, 1, 10 + n))
    t.equal((await device.packet(SUBACK, 2 + n)).body[2], 0x80, filter)
  }
  device.send(publish(topicOf(DEVICE), reading(1, DEVICE), 1, 6))
  await device.end()
  t.notOk(device.arrived.some(({ type }) => type === PUBACK))
})

t.test('without a window, with a wrong code, or with the wrong name, nobody comes in', async (t) => {
  const s = await scene(t)
  t.equal((await answerTo(t, s.app, { username: DEVICE, password: 'ABCD2345' })).code, 4, 'no window')
  const code = await s.open()
  t.equal((await answerTo(t, s.app, { username: DEVICE, password: 'ABCD2345' })).code, 4, 'a wrong code')
  t.equal((await answerTo(t, s.app, { username: 'no device id', password: code })).code, 4)
  t.equal((await ask(s.app.origin, '/pairing', s.token, { method: 'DELETE' })).status, 204)
  t.equal((await answerTo(t, s.app, { username: 'ESP_LATE', password: code })).code, 4, 'it was closed')
  t.strictSame(await waiting(s), [])
})

t.test('a window ends with its time', async (t) => {
  let ahead = 0
  const s = await scene(t, { now: () => Date.now() + ahead })
  const code = await s.open({ minutes: 1, devices: 5 })
  await inside(t, s, code)
  ahead = 61_000
  t.equal((await answerTo(t, s.app, { username: 'ESP_LATE', password: code })).code, 4)
  const { body } = await ask(s.app.origin, '/pairing', s.token)
  t.equal(body.window, null)
})

t.test('rejecting it shows it out, and the code does not bring it back', async (t) => {
  const s = await scene(t)
  const code = await s.open({ devices: 2 })
  const device = await inside(t, s, code)
  await s.post(`/esp/devices/${DEVICE}/reject`)
  await device.end()
  t.equal((await answerTo(t, s.app, { username: DEVICE, password: code })).code, 4)
})

t.test('a device gets a new password while it is connected, and the old one ends at once', async (t) => {
  const s = await scene(t)
  const made = await s.post('/esp/devices', { device_id: DEVICE })
  const login = { username: DEVICE, password: String(made.mqtt_password) }
  const device = await connectMqtt(t, s.app.mqttPort, login)
  const heard = hears(device)
  await device.subscribeAsync(`${branch}/#`, { qos: 1 })

  const renewed = await s.post(`/esp/devices/${DEVICE}/credentials`)
  t.match(renewed, { told: true, mqtt_username: DEVICE })
  await until(() => heard.length === 1, 'the news')
  t.match(heard[0], renewed.mqtt_password)
  t.equal((await answerTo(t, s.app, login)).code, 4)
  t.equal((await answerTo(t, s.app, { ...login, password: String(renewed.mqtt_password) })).code, 0)
  t.equal(
    (await ask(s.app.origin, '/esp/devices/ESP_NOBODY/credentials', s.token, { method: 'POST' })).status,
    404,
  )
})

t.test('revoking disconnects at once: devices and people, whichever way', async (t) => {
  const s = await scene(t)
  const { app } = s
  const reasons: Record<string, (id: string) => Promise<unknown>> = {
    rejected: (id) => s.post(`/esp/devices/${id}/reject`),
    'put back to waiting': (id) => s.post(`/esp/devices/${id}/set-pending`),
    removed: (id) => ask(app.origin, `/esp/devices/${id}`, s.token, { method: 'DELETE' }),
  }
  for (const [n, [reason, act]] of Object.entries(reasons).entries()) {
    const id = `ESP_${n}`
    const made = await s.post('/esp/devices', { device_id: id })
    const login = { username: id, password: String(made.mqtt_password) }
    const device = await connectMqtt(t, app.mqttPort, login)
    await act(id)
    await until(() => !device.connected, `the end of one that is ${reason}`)
    t.equal((await answerTo(t, app, login)).code, 4, reason)
  }

  const vera = { username: 'vera', email: 'vera@example.org', password: 'Vera-2026' }
  const { id } = await s.post('/users', vera)
  const changes: Record<string, () => Promise<unknown>> = {
    'another role': () =>
      ask(app.origin, `/users/${id}`, s.token, { method: 'PATCH', body: { role: 'operator' } }),
    'a new password': () => s.post(`/users/${id}/reset-password`, { new_password: vera.password }),
    disabled: () => ask(app.origin, `/users/${id}`, s.token, { method: 'PATCH', body: { is_active: false } }),
  }
  for (const [reason, act] of Object.entries(changes)) {
    const opened = await connectMqtt(t, app.mqttPort, vera)
    await act()
    await until(() => !opened.connected, `the end after ${reason}`)
  }
  t.equal(app.stats.subscriber().codes.credentials_revoked, 6)
})

t.test('with --allow-anonymous nobody but the device hears its credentials', async (t) => {
  const s = await scene(t, { allowAnonymous: true })
  const spy = await connected(t, s.app, { clientId: 'spy' })
  const heard = hears(spy)
  await spy.subscribeAsync(['#', AUTH], { qos: 1 })
  const device = await inside(t, s, await s.open())
  await s.post(`/esp/devices/${DEVICE}/approve`)
  await until(() => told(device).length === 1, 'its credentials')
  await spy.publishAsync('lab/last', 'x', { qos: 1 })
  await until(() => heard.includes('lab/last x'), 'the last message')
  t.notOk(heard.some((line) => line.includes('auth_update')))
})
