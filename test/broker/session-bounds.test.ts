/** What sessions may take: whose messages go first when a queue is full, in all and for how long. */
import SQLite from 'better-sqlite3'
import t from 'tap'
import { ADMINISTRATOR } from '../support/administrator.js'
import { directory, openApp } from '../support/app.js'
import { people } from '../support/http.js'
import { client, connected, counted, hears, logged, reading, tcp, topicOf } from '../support/mqtt.js'
import { CONNACK, connect, openWire, PUBLISH, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

type Test = Parameters<typeof openApp>[0]
type App = Awaited<ReturnType<typeof openApp>>
type Who = { username?: string; password?: string }

/** A session of this id that subscribed and went away. */
async function leave(t: Test, app: App, clientId: string, filter = '#', who: Who = {}): Promise<void> {
  const before = app.broker.counters().connections
  const absent = await connected(t, app, { clientId, clean: false, ...who })
  await absent.subscribeAsync(filter, { qos: 1 })
  await absent.endAsync()
  await until(() => app.broker.counters().connections === before, 'it to be gone')
}

/** What it hears when it is back, up to a last word. */
async function heardBy(t: Test, app: App, clientId: string): Promise<string[]> {
  // It hears from the first moment on.
  const back = client(t, tcp(app), { clientId, clean: false })
  const heard = hears(back)
  const sender = await connected(t, app)
  await sender.publishAsync('last/word', '', { qos: 1 })
  await until(() => heard.some((one) => one.startsWith('last/word')), 'the last word')
  return heard.filter((one) => !one.startsWith('last/word'))
}

t.test(
  'telemetry makes room first, then the oldest of the rest; telemetry displaces no command',
  async (t) => {
    const app = await openApp(t, { bounds: { queued_messages: 4 } })
    await leave(t, app, 'absent')
    const sender = await connected(t, app)
    const say = (topic: string, payload: string) => sender.publishAsync(topic, payload, { qos: 1 })
    await say('lab/a', '1')
    await say(topicOf(), reading(1))
    await say('lab/a', '2')
    await say(topicOf(), reading(2))
    await say('lab/a', '3')
    await say('lab/a', '4')
    await say(topicOf(), reading(3))
    t.equal(app.broker.counters().dropped.queue_full, 3, 'two readings made room, the third found none')
    await say('lab/a', '5')

    t.equal(app.broker.counters().dropped.queue_full, 4)
    t.strictSame(
      app.broker.boundStates().find(({ name }) => name === 'queued_messages'),
      { ...app.broker.boundStates().find(({ name }) => name === 'queued_messages'), hits: 4 },
    )
    t.equal(logged(app, 'queue_full').length, 1, 'one line per session and minute')
    t.strictSame(
      (await heardBy(t, app, 'absent')).filter((one) => one.startsWith('lab/')),
      ['lab/a 2', 'lab/a 3', 'lab/a 4', 'lab/a 5'],
    )
  },
)

t.test(
  'all sessions together are bounded in bytes; a message that waits for several counts once',
  async (t) => {
    const app = await openApp(t, { bounds: { queued_bytes_total: 20_000 } })
    for (const id of ['one', 'two', 'three']) await leave(t, app, id)
    await leave(t, app, 'other', 'other/#')
    const sender = await connected(t, app)
    const big = 'x'.repeat(6_000)
    for (let n = 0; n < 3; n++) await sender.publishAsync(`lab/${n}`, big, { qos: 1 })
    t.equal(
      app.broker.counters().dropped.queue_full,
      undefined,
      'three of 6 kB, although three sessions wait',
    )
    await sender.publishAsync('other/a', big, { qos: 1 })
    t.ok((app.broker.counters().dropped.queue_full ?? 0) > 0)
    t.ok(counted(app, 'queue_full') > 0)
  },
)

t.test('retained messages are bounded in bytes', async (t) => {
  const app = await openApp(t, { bounds: { retained_bytes: 10_000 } })
  const sender = await connected(t, app)
  for (const topic of ['lab/a', 'lab/b', 'lab/a', 'lab/c'])
    await sender.publishAsync(topic, 'x'.repeat(4_000), { qos: 1, retain: true })
  t.equal(app.broker.counters().dropped.retained_full, 1)
  t.strictSame(
    (await app.broker.retained()).map(({ topic }) => topic),
    ['lab/a', 'lab/b'],
  )
})

t.test('sessions are bounded in number: the one that is away longest makes room', async (t) => {
  const app = await openApp(t, { bounds: { sessions: 2 } })
  for (const id of ['first', 'second', 'third']) await leave(t, app, id)
  const sender = await connected(t, app)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  t.equal(counted(app, 'sessions_full'), 1)
  t.strictSame(await heardBy(t, app, 'third'), ['lab/a 1'])
  t.strictSame(await heardBy(t, app, 'second'), ['lab/a 1'])
})

/** Is its session still there? [MQTT-3.2.2-2] */
async function isPresent(t: Test, app: App, clientId: string, who: Who): Promise<boolean> {
  const wire = await openWire(t, app.mqttPort)
  wire.send(connect({ clientId, clean: false, ...who }))
  const { body } = await wire.packet(CONNACK)
  wire.socket.destroy()
  return body[0] === 1
}

/** Names of `n` sessions. */
const names = (n: number, name = 'many'): string[] => Array.from({ length: n }, (_, at) => `${name} ${at}`)

/** The sessions there are, as the database knows them. */
const onDisk = (app: App): string[] => {
  const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
  const found = db.prepare('SELECT client_id FROM mqtt_sessions').pluck().all() as string[]
  db.close()
  return found.sort()
}

const hitsOf = (app: App, bound: string): number | undefined =>
  app.broker.boundStates().find(({ name }) => name === bound)?.hits

t.test(
  'who leaves more sessions than one identity may keeps the last, and nobody else loses any',
  async (t) => {
    const app = await openApp(t, { allowAnonymous: false })
    await people(app)
    const viewer = { username: 'a-viewer', password: ADMINISTRATOR.password }
    const operator = { username: 'a-operator', password: ADMINISTRATOR.password }
    await leave(t, app, 'longest away', 'kaiser/#', operator)
    const many = names(25)
    for (const id of many) await leave(t, app, id, 'kaiser/#', viewer)

    const left = [...many.slice(5), 'longest away'].sort()
    await until(() => onDisk(app).length === left.length, 'the rows')
    t.strictSame(onDisk(app), left)
    t.equal(hitsOf(app, 'sessions_per_identity'), 5)
    t.equal(hitsOf(app, 'sessions'), 0)
    t.equal(counted(app, 'sessions_full'), 5)
    const lines = logged(app, 'sessions_full')
    t.equal(lines.length, 1, 'one line per owner and minute')
    t.match(lines[0], { owner: 'user a-viewer', client_id: 'many 0' })
    t.ok(await isPresent(t, app, 'longest away', operator))
    t.ok(await isPresent(t, app, 'many 5', viewer))
    t.ok(await isPresent(t, app, 'many 24', viewer))
  },
)

t.test('sessions that are connected make no room; they are too many when they leave', async (t) => {
  const app = await openApp(t, { bounds: { anonymous_sessions: 2, sessions_per_identity: 1 } })
  const all = []
  for (const clientId of names(3)) {
    const one = await connected(t, app, { clientId, clean: false })
    await one.subscribeAsync('lab/#', { qos: 1 })
    all.push(one)
  }
  t.equal(hitsOf(app, 'anonymous_sessions'), 0)
  const heard = all.map(hears)
  const sender = await connected(t, app)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  await until(() => heard.every(({ length }) => length === 1), 'all three to hear it')

  for (const one of all) await one.endAsync()
  await until(() => app.broker.counters().connections === 1, 'them to be gone')
  t.equal(hitsOf(app, 'anonymous_sessions'), 1)
  await until(() => onDisk(app).length === 2, 'the rows')
  t.strictSame(onDisk(app), ['many 1', 'many 2'])
})

t.test('a start with a lower bound ends what is too much', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  for (const id of names(4)) await leave(t, first, id)
  await first.close()
  const second = await openApp(t, { dir, bounds: { anonymous_sessions: 3 } })
  await until(() => onDisk(second).length === 3, 'the rows')
  t.strictSame(onDisk(second), ['many 1', 'many 2', 'many 3'])
  t.equal(hitsOf(second, 'anonymous_sessions'), 1)
})

t.test('a session nobody came back to expires, with everything it held', async (t) => {
  const dir = directory(t)
  const week = 7 * 86_400_000
  let now = Date.now()
  const first = await openApp(t, { dir, now: () => now })
  await leave(t, first, 'gone')
  now += 2 * 86_400_000
  await leave(t, first, 'away')
  const sender = await connected(t, first)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  await first.close()

  now += week - 86_400_000
  const second = await openApp(t, { dir, now: () => now })
  const heard = await heardBy(t, second, 'away')
  t.strictSame(
    heard.filter((line) => !line.includes('/server/status')),
    ['lab/a 1'],
  )
  t.equal(counted(second, 'session_expired'), 1)
  await second.close()
  const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
  const column = (sql: string) => db.prepare(sql).pluck().all()
  t.strictSame(column('SELECT client_id FROM mqtt_sessions'), ['away'])
  t.strictSame(column('SELECT client_id FROM mqtt_subscriptions'), ['away'])
  t.strictSame(column('SELECT count(*) FROM mqtt_queue'), [0])
  t.strictSame(column('SELECT count(*) FROM mqtt_messages'), [0])
  db.close()
})

const OBEYED = [
  'kaiser/god/esp/ESP_ONE/actuator/5/command',
  'kaiser/god/esp/ESP_ONE/actuator/emergency',
  'kaiser/broadcast/emergency',
  'kaiser/god/esp/ESP_ONE/sensor/4/command',
  'kaiser/god/esp/ESP_ONE/system/command',
  'kaiser/god/esp/ESP_ONE/config',
  'kaiser/god/esp/ESP_ONE/config/sensor/4',
  'kaiser/god/esp/ESP_ONE/config/actuator/5',
  'kaiser/god/esp/ESP_ONE/config_part',
  'kaiser/god/esp/ESP_ONE/zone/assign',
  'kaiser/god/esp/ESP_ONE/subzone/assign',
  'kaiser/god/esp/ESP_ONE/subzone/remove',
  'kaiser/god/esp/ESP_ONE/subzone/safe',
]

t.test('a device that comes back is not told to obey what is older than 30 s', async (t) => {
  let ahead = 0
  const app = await openApp(t, { now: () => Date.now() + ahead })
  await leave(t, app, 'ESP_ONE')
  const say = (topic: string, payload: string) =>
    app.broker.publish({ topic, payload, qos: 1, retain: false })
  for (const topic of [...OBEYED, 'kaiser/god/esp/ESP_ONE/note']) await say(topic, 'old')
  ahead = 31_000
  await say(OBEYED[0]!, 'new')
  t.strictSame(await heardBy(t, app, 'ESP_ONE'), [
    'kaiser/god/esp/ESP_ONE/note old',
    'kaiser/god/esp/ESP_ONE/actuator/5/command new',
  ])
  t.equal(counted(app, 'message_stale'), OBEYED.length)
  await until(
    () => app.broker.clients().find(({ client_id }) => client_id === 'ESP_ONE')?.queue?.bytes === 0,
    'nothing to be left of it',
  )
  t.match(logged(app, 'message_stale')[0], { client_id: 'ESP_ONE', topic: OBEYED[0] })
})

t.test('nor again, when it was sent before it went away and is not acknowledged', async (t) => {
  let ahead = 0
  const app = await openApp(t, { now: () => Date.now() + ahead })
  const hello = { clientId: 'ESP_ONE', clean: false }
  /** A connection that acknowledges nothing. */
  const silent = async () => {
    const wire = await openWire(t, app.mqttPort)
    wire.send(connect(hello))
    await wire.packet(CONNACK)
    return wire
  }
  const told = (wire: Awaited<ReturnType<typeof silent>>) =>
    wire.arrived.filter(({ type }) => type === PUBLISH).map(({ body }) => body.toString())
  const first = await silent()
  first.send(subscribe('kaiser/god/esp/ESP_ONE/#', 1, 1))
  await first.packet(SUBACK)
  const say = (topic: string) =>
    app.broker.publish({ topic: `kaiser/god/esp/ESP_ONE/${topic}`, payload: 'x', qos: 1, retain: false })
  for (const topic of ['actuator/5/command', 'note', 'last']) await say(topic)
  await until(() => told(first).length === 3, 'all of it')
  first.socket.destroy()
  await until(() => app.broker.clients().length === 0, 'it to be gone')

  const second = await silent()
  await until(() => told(second).length === 3, 'all of it again, in time')
  second.socket.destroy()
  await until(() => app.broker.clients().length === 0, 'it to be gone')

  ahead = 31_000
  const third = await silent()
  await until(() => told(third).some((one) => one.includes('/last')), 'the last of it')
  t.equal(told(third).length, 2)
  t.notOk(told(third).some((one) => one.includes('/command')))
  t.equal(counted(app, 'message_stale'), 1)
})
