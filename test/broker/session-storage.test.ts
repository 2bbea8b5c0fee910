/** Sessions while storage fails: who may go on does, what was promised waits, and nothing is lost or sent twice. */
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { client, connected, hears, tcp } from '../support/mqtt.js'
import {
  ids,
  openWire,
  PUBACK,
  PUBLISH,
  PUBREC,
  packet,
  publish,
  SUBACK,
  subscribe,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const PUBREL = 6

/** Somebody holds the lock until told otherwise. */
const outsider = (t: Parameters<typeof openApp>[0], dir: string) => {
  const other = new SQLite(`${dir}/kaiser.db`)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  return () => other.exec('COMMIT')
}

t.test(
  'while storage fails clients connect and subscribe; what is acknowledged later was kept',
  async (t) => {
    const app = await openApp(t)
    const release = outsider(t, app.dir)

    const reader = await openWire(t, app.mqttPort, { clientId: 'reader', clean: false })
    reader.send(subscribe('lab/#', 1))
    await reader.packet(SUBACK)
    await openWire(t, app.mqttPort, {
      clientId: 'reader',
      clean: true,
      will: { topic: 'lab/will', payload: 'x' },
    })
    const again = await openWire(t, app.mqttPort, { clientId: 'reader', clean: false })
    again.send(subscribe('lab/#', 1))
    await again.packet(SUBACK)
    again.socket.destroy()
    const sender = await openWire(t, app.mqttPort, { clientId: 'sender', clean: false })
    sender.send(publish('lab/a', '1', 1, 1), publish('lab/a', '2', 2, 2), publish('lab/a', '3', 1, 3))
    await until(() => app.store.group.state !== 'ok', 'the failure')
    t.strictSame([...ids(sender, PUBACK), ...ids(sender, PUBREC)], [], 'nothing is acknowledged')

    release()
    await sender.packet(PUBACK, 2)
    await sender.packet(PUBREC)
    await app.close()
    const second = await openApp(t, { dir: app.dir })
    const back = client(t, tcp(second), { clientId: 'reader', clean: false })
    const heard = hears(back)
    await until(() => heard.length >= 3, 'what was acknowledged')
    t.strictSame(
      heard.filter((one) => one.startsWith('lab/a')),
      ['lab/a 1', 'lab/a 2', 'lab/a 3'],
    )
  },
)

t.test('a QoS 2 message sent again while storage fails is kept and heard once', async (t) => {
  const app = await openApp(t, { hold: 1_000 })
  const absent = await openWire(t, app.mqttPort, { clientId: 'absent', clean: false })
  absent.send(subscribe('lab/#', 2))
  await absent.packet(SUBACK)
  absent.socket.destroy()
  const watcher = await connected(t, app, { clientId: 'watcher' })
  const watched = hears(watcher)
  await watcher.subscribeAsync('lab/#', { qos: 2 })

  const release = outsider(t, app.dir)
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender', clean: false })
  sender.send(publish('lab/a', '1', 2, 7))
  await sender.end()
  const again = await openWire(t, app.mqttPort, { clientId: 'sender', clean: false })
  again.send(publish('lab/a', '1', 2, 7, true))
  release()
  await again.packet(PUBREC)
  const more = await connected(t, app)
  await more.publishAsync('lab/a', '2', { qos: 2 })
  await until(() => watched.includes('lab/a 2'), 'the next message')
  t.strictSame(watched, ['lab/a 1', 'lab/a 2'])

  const back = client(t, tcp(app), { clientId: 'absent', clean: false })
  const heard = hears(back)
  await until(() => heard.includes('lab/a 2'), 'what was queued')
  t.strictSame(heard, ['lab/a 1', 'lab/a 2'])
})

t.test(
  'QoS 2 goes to a session when its Packet Identifier is on disk; QoS 1 does not wait for it',
  async (t) => {
    const app = await openApp(t)
    const reader = await openWire(t, app.mqttPort, { clientId: 'reader', clean: false })
    reader.send(subscribe('lab/#', 2))
    await reader.packet(SUBACK)
    reader.socket.destroy()
    const sender = await connected(t, app)
    await sender.publishAsync('lab/a', 'twice', { qos: 2 })
    await sender.publishAsync('lab/a', 'once', { qos: 1 })

    const release = outsider(t, app.dir)
    const back = await openWire(t, app.mqttPort, { clientId: 'reader', clean: false })
    const first = await back.packet(PUBLISH)
    t.equal((first.first >> 1) & 3, 1)
    t.match(first.body.toString(), /once$/)
    t.equal(back.arrived.filter(({ type }) => type === PUBLISH).length, 1)
    release()
    const second = await back.packet(PUBLISH, 2)
    t.match(second.body.toString(), /twice$/)
    const id = second.body.readUInt16BE(7)
    back.send(packet(0x50, word(id)))
    t.equal((await back.packet(PUBREL)).body.readUInt16BE(0), id)
  },
)

t.test('what kaiser itself says is heard while storage fails, and is on disk afterwards', async (t) => {
  const dir = directory(t)
  const app = await openApp(t, { dir })
  for (const clientId of ['present', 'absent']) {
    const wire = await openWire(t, app.mqttPort, { clientId, clean: false })
    wire.send(subscribe('lab/#', 1))
    await wire.packet(SUBACK)
    wire.socket.destroy()
  }
  const present = client(t, tcp(app), { clientId: 'present', clean: false })
  const heard = hears(present)
  await until(() => present.connected, 'the connection')
  const release = outsider(t, dir)
  await app.broker.publish({ topic: 'lab/off', payload: 'now', qos: 1, retain: false })
  await until(() => heard.length > 0, 'the message')
  release()
  await app.close()

  const second = await openApp(t, { dir })
  const absent = client(t, tcp(second), { clientId: 'absent', clean: false })
  const late = hears(absent)
  await until(() => late.length > 0, 'the message')
  t.strictSame([...heard, ...late], ['lab/off now', 'lab/off now'])
})
