/** Sessions that outlive connections and kaiser itself, as Paho's and Mosquitto's own tests look at them. */
import { copyFileSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { connected, counted, hears } from '../support/mqtt.js'
import { read as readPublish } from '../support/mqtt-heard.js'
import {
  type Arrived,
  CONNACK,
  connect,
  openWire,
  PUBLISH,
  PUBREC,
  packet,
  puback,
  pubcomp,
  publish,
  pubrec,
  SUBACK,
  subscribe,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const PUBREL = 6

type Test = Parameters<typeof openApp>[0]
type App = Awaited<ReturnType<typeof openApp>>

const lasting = { clientId: 'absent', clean: false } as const

/** A PUBLISH as it arrived. */
const read = (packet: Arrived) => {
  const { topic, payload, ...flags } = readPublish(packet)
  return { ...flags, said: `${topic} ${payload}` }
}

/** Opens a wire of the lasting session. */
const open = async (t: Test, app: App, hello: Parameters<typeof connect>[0] = lasting) => {
  const wire = await openWire(t, app.mqttPort)
  wire.send(connect(hello))
  const connack = await wire.packet(CONNACK)
  const published = () => wire.arrived.filter(({ type }) => type === PUBLISH).map(read)
  return Object.assign(wire, {
    published,
    present: connack.body[0] === 1,
    refused: connack.body[1],
    heard: (n: number) => until(() => published().length >= n, `${n} messages`),
    leave: async () => {
      wire.send(packet(0xe0, Buffer.alloc(0)))
      await wire.end()
    },
  })
}

/** A session that subscribed and went away. */
async function leave(
  t: Test,
  app: App,
  filter: string,
  qos: number,
  hello: Parameters<typeof connect>[0] = lasting,
) {
  const before = app.broker.counters().connections
  const wire = await open(t, app, hello)
  wire.send(subscribe(filter, qos))
  await wire.packet(SUBACK)
  wire.send(packet(0xe0, Buffer.alloc(0)))
  await until(() => app.broker.counters().connections === before, 'it to be gone')
}

t.test('what was queued arrives after a restart, in order, at the QoS that was granted', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  await leave(t, first, 'lab/#', 1)
  const sender = await connected(t, first)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  await sender.publishAsync('lab/b', '2', { qos: 2 })
  await sender.publishAsync('lab/c', '3', { qos: 0 })
  await sender.publishAsync('lab/d', '4', { qos: 1 })
  await first.close()

  const second = await openApp(t, { dir })
  const back = await open(t, second)
  await back.heard(3)
  t.ok(back.present, 'the session is present [MQTT-3.2.2-2]')
  t.strictSame(
    back.published().map(({ said, qos, dup, retain }) => [said, qos, dup, retain]),
    [
      ['lab/a 1', 1, false, false],
      ['lab/b 2', 1, false, false],
      ['lab/d 4', 1, false, false],
    ],
  )
})

t.test(
  'what was sent and not acknowledged is sent again first, with its id and DUP [MQTT-4.4.0-1]',
  async (t) => {
    const dir = directory(t)
    const first = await openApp(t, { dir })
    const reader = await open(t, first)
    reader.send(subscribe('lab/#', 2))
    await reader.packet(SUBACK)
    const sender = await connected(t, first)
    for (const n of [1, 2, 3, 4]) await sender.publishAsync('lab/a', String(n), { qos: n % 2 ? 1 : 2 })
    await reader.heard(4)
    const sent = reader.published()
    reader.send(puback(sent[0]!.id), pubrec(sent[1]!.id))
    await reader.packet(PUBREL)
    await first.close()

    const second = await openApp(t, { dir })
    const back = await open(t, second)
    await back.heard(2)
    await back.packet(PUBREL)
    t.strictSame(back.published(), [
      { dup: true, qos: 1, retain: false, id: sent[2]!.id, said: 'lab/a 3' },
      { dup: true, qos: 2, retain: false, id: sent[3]!.id, said: 'lab/a 4' },
    ])
    t.strictSame(
      back.arrived.map(({ type }) => type),
      [CONNACK, PUBREL, PUBLISH, PUBLISH],
      'in the order of the messages: of the first QoS 2 one only PUBREL is left',
    )

    back.send(pubcomp(sent[1]!.id), puback(sent[2]!.id), pubrec(sent[3]!.id))
    await back.packet(PUBREL, 2)
    back.send(pubcomp(sent[3]!.id))
    const next = await connected(t, second)
    await next.publishAsync('lab/a', '5', { qos: 1 })
    await back.heard(3)
    t.notOk([sent[2]!.id, sent[3]!.id].includes(back.published()[2]!.id), 'a new one has a new id')
    await back.leave()
    const empty = await open(t, second)
    await empty.heard(1)
    t.strictSame(
      empty.published().map(({ said }) => said),
      ['lab/a 5'],
      'what was acknowledged is gone',
    )
  },
)

t.test('a session without subscriptions is present too, and a clean one ends it', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  t.notOk((await open(t, first)).present)
  await first.close()
  const second = await openApp(t, { dir })
  const back = await open(t, second)
  t.ok(back.present)
  await back.leave()
  const clean = await open(t, second, { ...lasting, clean: true })
  t.notOk(clean.present)
  await clean.leave()
  const again = await open(t, second)
  t.notOk(again.present)
})

t.test('UNSUBSCRIBE and a clean session survive a restart as well', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  await leave(t, first, 'lab/#', 1, { ...lasting, clientId: 'cleaned' })
  const reader = await connected(t, first, lasting)
  await reader.subscribeAsync(['lab/a', 'lab/b'], { qos: 1 })
  await reader.unsubscribeAsync('lab/a')
  await reader.endAsync()
  await (await open(t, first, { clientId: 'cleaned', clean: true })).leave()
  await first.close()

  const second = await openApp(t, { dir })
  const sender = await connected(t, second)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  await sender.publishAsync('lab/b', '2', { qos: 1 })
  const back = await open(t, second)
  await back.heard(1)
  t.strictSame(
    back.published().map(({ said }) => said),
    ['lab/b 2'],
  )
  t.notOk((await open(t, second, { clientId: 'cleaned', clean: false })).present)
})

t.test('retained messages survive a restart, and so does that one was cleared', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  const sender = await connected(t, first)
  const retain = (topic: string, payload: string, qos: 0 | 1 | 2) =>
    sender.publishAsync(topic, payload, { qos, retain: true })
  await retain('lab/a', 'old', 1)
  await retain('lab/a', 'new', 2)
  await retain('lab/b', 'cleared', 1)
  await retain('lab/c', 'quick', 0)
  await retain('lab/b', '', 1)
  await first.broker.publish({ topic: 'lab/own', payload: 'ours', qos: 1, retain: true })
  await first.close()

  const second = await openApp(t, { dir })
  const reader = await open(t, second, { clientId: 'reader' })
  reader.send(subscribe('lab/#', 1))
  await reader.heard(3)
  t.strictSame(
    reader
      .published()
      .map(({ said, qos, retain }) => `${said} ${qos} ${retain}`)
      .sort(),
    ['lab/a new 1 true', 'lab/c quick 0 true', 'lab/own ours 1 true'],
    'at no more than the QoS that was granted [MQTT-3.8.4-6]',
  )
})

t.test('two filters that both match bring a message once, at the higher QoS [MQTT-3.3.5-1]', async (t) => {
  const app = await openApp(t)
  const reader = await connected(t, app, lasting)
  await reader.subscribeAsync({ 'lab/#': { qos: 0 }, 'lab/a': { qos: 2 }, '+/a': { qos: 1 } })
  const sender = await connected(t, app)
  const heard = hears(reader)
  await sender.publishAsync('lab/a', 'present', { qos: 2 })
  await until(() => heard.length > 0, 'the message')
  await reader.endAsync()
  t.equal(heard.length, 1)
  await sender.publishAsync('lab/a', 'absent', { qos: 2 })
  await sender.publishAsync('lab/b', 'not queued', { qos: 2 })

  const back = await open(t, app)
  await back.heard(1)
  await sender.publishAsync('lab/b', 'live', { qos: 2 })
  await back.heard(2)
  t.strictSame(
    back.published().map(({ said, qos }) => `${said} ${qos}`),
    ['lab/a absent 2', 'lab/b live 0'],
  )
})

t.test('a QoS 2 message that is sent again after a restart is a repetition [MQTT-4.3.3-2]', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  await leave(t, first, 'lab/#', 2)
  const sender = await open(t, first, { clientId: 'sender', clean: false })
  sender.send(publish('lab/a', '1', 2, 7))
  await sender.packet(PUBREC)
  await first.close()

  const second = await openApp(t, { dir })
  const again = await open(t, second, { clientId: 'sender', clean: false })
  again.send(publish('lab/a', '1', 2, 7, true))
  await again.packet(PUBREC)
  again.send(packet(0x62, word(7)))
  await again.packet(7)
  again.send(publish('lab/a', '2', 2, 7))
  await again.packet(PUBREC, 2)
  const back = await open(t, second)
  await back.heard(2)
  t.strictSame(
    back.published().map(({ said }) => said),
    ['lab/a 1', 'lab/a 2'],
    'after PUBREL the id is free for the next message',
  )
})

t.test('somebody else with the client id gets nothing of a session', async (t) => {
  const dir = directory(t)
  const app = await openApp(t, { dir })
  await leave(t, app, 'lab/#', 1)
  const sender = await connected(t, app)
  await sender.publishAsync('lab/a', '1', { qos: 1 })
  await app.close()
  const db = new SQLite(`${dir}/kaiser.db`)
  db.exec("UPDATE mqtt_sessions SET owner = 'user somebody'")
  db.close()

  const second = await openApp(t, { dir })
  t.equal((await open(t, second)).refused, 2)
  t.equal(counted(second, 'client_id_taken'), 1)
  t.equal(second.broker.kick(lasting.clientId), true, 'an administrator ends the session')
  const thief = await open(t, second)
  t.notOk(thief.present)
  const other = await connected(t, second)
  await other.publishAsync('lab/a', '2', { qos: 1 })
  t.strictSame(thief.published(), [])
})

t.test('a filter that is refused is not remembered', async (t) => {
  const app = await openApp(t)
  const reader = await connected(t, app, lasting)
  await reader.subscribeAsync(['lab/a', '$SYS/#', 'lab/b'], { qos: 1 }).catch(() => {})
  await until(() => app.store.mqttState !== undefined, 'the store')
  await reader.endAsync()
  await app.close()
  const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
  t.strictSame(db.prepare('SELECT filter FROM mqtt_subscriptions ORDER BY filter').pluck().all(), [
    'lab/a',
    'lab/b',
  ])
  db.close()
})

t.test(
  'a Will of a client that was connected when kaiser was killed is published after the next start',
  async (t) => {
    const dir = directory(t)
    const first = await openApp(t, { dir })
    const will = { topic: 'lab/will', payload: Buffer.from('gone'), qos: 1 as const, retain: true }
    await connected(t, first, { clientId: 'gone', will })
    await connected(t, first, { clientId: 'back', will: { ...will, topic: 'lab/not' } })
    await leave(t, first, 'lab/#', 1)
    // As a killed process leaves it.
    const copy = directory(t)
    await first.store.group.run(() => {})
    for (const end of ['', '-wal']) copyFileSync(`${dir}/kaiser.db${end}`, `${copy}/kaiser.db${end}`)

    const second = await openApp(t, { dir: copy, willGrace: 300 })
    await connected(t, second, { clientId: 'back' })
    const reader = await open(t, second)
    await reader.heard(1)
    const late = await connected(t, second)
    const heard = hears(late)
    await late.subscribeAsync('lab/#')
    await until(() => heard.length > 0, 'the retained Will')
    t.strictSame(heard, ['lab/will gone'])
    t.strictSame(
      reader.published().map(({ said }) => said),
      ['lab/will gone'],
      'who is back within the grace is not said to be gone',
    )
  },
)
