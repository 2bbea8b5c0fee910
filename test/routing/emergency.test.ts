/** Emergency stops over real sockets: said to each device, blocked for everybody, confirmed or not, ended in two steps. */
import t from 'tap'
import { register } from '../../routing/registry.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const A = 'ESP_AAAAAAAA'
const B = 'ESP_BBBBBBBB'
const branch = (esp_id: string) => `kaiser/god/esp/${esp_id}`

/** A device with a pump on gpio 5 that stops when it is told to, and says so. */
async function device(t: Teardown, app: OpenApp, esp_id: string, { obeys = true, clean = true } = {}) {
  const client = await connected(t, app, { clientId: esp_id, clean })
  const heard: { what: string; payload: Record<string, unknown> }[] = []
  const says = (what: string, payload: object) =>
    client.publishAsync(
      `${branch(esp_id)}/${what}`,
      JSON.stringify({ esp_id, ts: Date.now() / 1000, ...payload }),
      { qos: 1 },
    )
  client.on('message', (topic, bytes) => {
    const payload = JSON.parse(String(bytes)) as Record<string, unknown>
    heard.push({ what: topic.replace(`${branch(esp_id)}/`, ''), payload })
    if (obeys && topic.endsWith('/actuator/emergency') && payload.command === 'emergency_stop')
      says('actuator/emergency/ack', { command: 'emergency_stop', outcome: 'executed' }).catch(() => {})
  })
  await client.subscribeAsync(
    [
      `${branch(esp_id)}/actuator/+/command`,
      `${branch(esp_id)}/actuator/emergency`,
      'kaiser/broadcast/emergency',
    ],
    { qos: 1 },
  )
  const status = (state: string) =>
    says('actuator/5/status', { gpio: 5, actuator_type: 'pump', state, value: state === 'on' ? 1 : 0 })
  const commands = () =>
    heard.filter(({ what }) => what === 'actuator/5/command').map(({ payload }) => payload)
  const emergencies = () =>
    heard.filter(({ what }) => what === 'actuator/emergency').map(({ payload }) => payload.command)
  return { client, heard, says, status, commands, emergencies }
}

async function house(t: Teardown, options: object = {}) {
  const app = await openApp(t, options)
  await app.store.group.run(() => {
    for (const esp_id of [A, B])
      if (!app.store.devices.find(esp_id)) register(app.store, esp_id, {}, 'test', Date.now())
  })
  const operator = await connected(t, app, { clientId: `operator${Math.random()}` })
  const order = (topic: string, payload: object) =>
    operator.publishAsync(topic, JSON.stringify(payload), { qos: 1 })
  return {
    app,
    operator,
    all: (payload: object) => order('kaiser/broadcast/emergency', payload),
    one: (esp_id: string, payload: object) => order(`${branch(esp_id)}/actuator/emergency`, payload),
    on: (esp_id: string, correlation_id: string) =>
      order(`${branch(esp_id)}/actuator/5/command`, { command: 'ON', correlation_id }),
  }
}
const stateOf = (app: OpenApp, esp_id: string) =>
  app.store.emergencyStops.list().map(({ id }) => app.store.emergencyDevices.find(id, esp_id)?.state)

t.test(
  'everything stops: broadcast, each device by name, OFF for each actuator, ON for nobody',
  async (t) => {
    const { app, all, on } = await house(t)
    const [a, b] = [await device(t, app, A), await device(t, app, B, { obeys: false })]
    await a.status('on')
    await b.status('on')
    await all({ command: 'emergency_stop', reason: 'smoke' })
    await until(() => a.commands().length > 0 && b.commands().length > 0, 'OFF')
    for (const { emergencies, commands, heard } of [a, b]) {
      t.strictSame(emergencies(), ['emergency_stop'])
      t.match(commands(), [{ command: 'OFF', issued_by: 'emergency:anonymous' }])
      t.match(
        heard.filter(({ what }) => what === 'kaiser/broadcast/emergency'),
        [
          {
            payload: { command: 'emergency_stop', reason: 'smoke', devices_stopped: 2, actuators_stopped: 2 },
          },
        ],
      )
    }
    await until(() => stateOf(app, A)[0] === 'confirmed', 'one confirms')
    t.match(stateOf(app, B), ['sent'])
    await on(A, 'blocked')
    t.match(app.store.actuatorHistory.find('blocked'), { state: 'refused', limit_name: 'stopped' })
    await until(() => stateOf(app, B)[0] === 'not_confirmed', 'the other is shown not to')
    await until(() => b.emergencies().length > 1, 'and is told again')
    await b.status('off')
    t.match(stateOf(app, B), ['confirmed'])
    await b.status('on')
    t.match(stateOf(app, B), ['not_confirmed'], 'until it runs again')
  },
)

t.test('a device that never was there is not told by others hearing what is said to it', async (t) => {
  const { app, all, operator } = await house(t)
  const a = await device(t, app, A)
  await a.status('on')
  const overheard: string[] = []
  operator.on('message', (topic) => void overheard.push(topic))
  await operator.subscribeAsync('kaiser/#', { qos: 1 })
  await all({ command: 'emergency_stop', reason: 'smoke' })
  await until(() => overheard.includes(`${branch(B)}/actuator/emergency`), 'others hear it')
  await until(() => stateOf(app, A)[0] === 'confirmed', 'who is there confirms')
  const [stop] = app.store.emergencyStops.list()
  t.match(app.store.emergencyDevices.find(stop!.id, B), { state: 'waiting', sent_at: null, attempts: 0 })
  const b = await device(t, app, B, { obeys: false })
  await until(() => b.emergencies().length > 0, 'it is told when it comes')
  await until(() => stateOf(app, B)[0] === 'sent', 'and counts as told')
  t.match(app.store.emergencyDevices.find(stop!.id, B), { attempts: 1 })
})

t.test(
  'one device stops, the other goes on; the stop outlives kaiser and reaches who was away',
  async (t) => {
    const { app, one, on } = await house(t)
    const b = await device(t, app, B)
    await b.status('off')
    await one(A, { command: 'emergency_stop', reason: 'leak' })
    await on(B, 'free')
    await until(() => b.commands().length > 0, 'the other device obeys')
    t.strictSame(b.emergencies(), [])
    const { dir } = app
    await app.close()

    const again = await house(t, { dir })
    t.match(again.app.store.emergencyStops.list(), [{ scope: 'device', esp_id: A, reason: 'leak' }])
    const a = await device(t, again.app, A)
    await until(() => stateOf(again.app, A)[0] === 'confirmed', 'it is told when it comes')
    t.strictSame(a.emergencies(), ['emergency_stop'])
    await a.status('off')
    await again.on(A, 'blocked')
    t.match(again.app.store.actuatorHistory.find('blocked'), { state: 'refused', limit_name: 'stopped' })
  },
)

t.test('it ends in two steps, by the same person, and who was away hears of that too', async (t) => {
  const { app, all, one, on } = await house(t)
  const a = await device(t, app, A)
  await a.status('off')
  await one(A, { command: 'clear_emergency' })
  await all({ command: 'emergency_stop', reason: 'smoke' })
  await all({ command: 'clear_emergency', confirm: true })
  await one(A, { command: 'clear_emergency' })
  t.match(
    app.store.rejects
      .list()
      .map(({ detail }) => detail)
      .sort(),
    [
      /no emergency stop of device ESP_AAAAAAAA is latched$/,
      /no emergency stop of device ESP_AAAAAAAA is latched; latched are everything/,
      /is not armed with this token/,
    ],
  )
  t.equal(app.store.emergencyStops.list().length, 1)
  await until(() => stateOf(app, A)[0] === 'confirmed', 'it stops')
  await all({ command: 'clear_emergency', reason: 'all clear' })
  t.equal(app.store.emergencyStops.list().length, 1, 'armed')
  await all({ command: 'clear_emergency', reason: 'all clear', confirm: true })
  t.strictSame(app.store.emergencyStops.list(), [])
  await until(() => a.emergencies().length > 1, 'the end')
  t.strictSame(a.emergencies(), ['emergency_stop', 'clear_emergency'])
  await on(A, 'again')
  await until(() => a.commands().some(({ command }) => command === 'ON'), 'it may be switched on')
  const owed = () => app.store.emergencyDevices.list().filter(({ cleared_at }) => cleared_at === null)
  await until(() => owed().length === 1, 'one still has to hear of it')
  const b = await device(t, app, B)
  await until(() => owed().length === 0, 'it heard')
  t.strictSame(b.emergencies(), ['clear_emergency'])
  t.match(app.store.emergencyStops.history(1), [{ released_by: 'anonymous', release_reason: 'all clear' }])
})

t.test('a single actuator stops by OFF alone, and its device is not told to stop', async (t) => {
  const { app, one, on } = await house(t)
  const a = await device(t, app, A)
  await a.status('on')
  await one(A, { action: 'stop_actuator', gpio: 5, reason: 'noise' })
  await until(() => a.commands().length > 0, 'OFF')
  t.strictSame(a.emergencies(), [])
  await a.status('off')
  t.match(stateOf(app, A), ['confirmed'])
  await on(A, 'blocked')
  t.match(app.store.actuatorHistory.find('blocked'), { state: 'refused', limit_name: 'stopped' })
})

t.test('a scope that is misspelt, or half said, stops nobody, releases nothing, and is named', async (t) => {
  const { app, all, one } = await house(t)
  const a = await device(t, app, A)
  await a.status('on')
  const complaints = () => app.store.rejects.list().map(({ detail }) => detail)
  const allowed = 'allowed: esp_id, zone_id, gpio, command, action, reason, confirm'
  for (const [say, payload, complaint] of [
    [all, { espid: A }, `espid is not known; ${allowed}`],
    [all, { zoneid: 'north' }, `zoneid is not known; ${allowed}`],
    [all, { zone_id: '' }, /^zone_id /],
    [all, { zone_id: 'nowhere' }, /^no device is in zone nowhere/],
    [all, { esp_id: A }, /its own topic/],
    [all, { action: 'stop_actuator' }, /^stop_actuator needs the gpio/],
    [(body: object) => one(A, body), { GPIO: 5 }, `GPIO is not known; ${allowed}`],
    [(body: object) => one(A, body), { action: 'stop_actuator' }, /^stop_actuator needs the gpio/],
    [(body: object) => one(A, body), { action: 'stop_all', gpio: 5 }, /^stop_all is for all actuators/],
    [(body: object) => one(A, body), { zone_id: 'north' }, /^zone_id .*broadcast/],
  ] as const) {
    const before = complaints().length
    const command = 'action' in payload ? {} : { command: 'emergency_stop' }
    await say({ ...command, reason: 'x', ...payload })
    await until(() => complaints().length > before, JSON.stringify(payload))
    t.match(complaints()[0], complaint, JSON.stringify(payload))
  }
  t.strictSame(app.store.emergencyStops.list(), [])
  await all({
    command: 'emergency_stop',
    reason: 'smoke',
    timestamp: 1,
    auth_token: 'x',
    correlation_id: 'c',
  })
  t.match(app.store.emergencyStops.list(), [{ scope: 'all' }], 'what clients of the original send besides')
  await all({ command: 'clear_emergency', espid: A })
  t.match(complaints()[0], /^espid is not known/)
  t.match(app.store.emergencyStops.list(), [{ armed_at: null }])
})

t.test('a zone is stopped, and let go, by its name on the broadcast', async (t) => {
  const { app, all } = await house(t)
  await app.store.group.run(() =>
    app.store.devices.update(app.store.devices.find(A)!, { zone_id: 'north' }, Date.now()),
  )
  const a = await device(t, app, A)
  const b = await device(t, app, B)
  await a.status('on')
  await b.status('on')
  await all({ command: 'emergency_stop', zone_id: 'North', reason: 'frost' })
  await until(() => a.commands().length > 0, 'OFF')
  t.match(app.store.emergencyStops.list(), [{ scope: 'zone', zone_id: 'north', reason: 'frost' }])
  t.strictSame(b.heard, [], 'nobody else hears of it')
  await all({ command: 'clear_emergency', zone_id: 'north', reason: 'warm' })
  await all({ command: 'clear_emergency', zone_id: 'north', reason: 'warm', confirm: true })
  t.strictSame(app.store.emergencyStops.list(), [])
})
