import t from 'tap'
import type { Teardown } from '../support/app.js'
import { openApp } from '../support/app.js'
import { witness } from '../support/mqtt.js'
import { read } from '../support/mqtt-heard.js'
import {
  type Arrived,
  CONNACK,
  connect,
  ids,
  openWire,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBLISH,
  packet,
  puback,
  publish,
  SUBACK,
  subscribe,
  text,
  type Wire,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

/** A client with a clean session and some subscriptions, `[filter, qos]`. */
async function subscriber(
  t: Teardown,
  port: number,
  clientId: string,
  ...wanted: [string, 0 | 1 | 2][]
): Promise<Wire> {
  const wire = await openWire(t, port, { clientId })
  for (const [i, [filter, qos]] of wanted.entries()) {
    wire.send(subscribe(filter, qos, i + 1))
    await wire.packet(SUBACK, i + 1)
  }
  return wire
}

const heard = (wire: Wire): Arrived[] => wire.arrived.filter(({ type }) => type === PUBLISH)

/** What a receiver has heard when there are so many messages, and one more that comes after them. */
async function settled(sender: Wire, receiver: Wire, count: number): Promise<Arrived[]> {
  await until(() => heard(receiver).length >= count, `${count} messages`)
  const said = `end ${heard(receiver).length}`
  sender.send(publish('lab/a', said))
  await until(() => heard(receiver).some((one) => read(one).payload === said), 'the last message')
  return heard(receiver).filter((one) => !read(one).payload.startsWith('end'))
}

/** Between one QoS and another there is no order [MQTT-4.6.0-6]. */
const byTopic = (a: { topic: string }, b: { topic: string }): number => (a.topic < b.topic ? -1 : 1)

t.test('everybody hears everything once and in order, with the bytes that were published', async (t) => {
  const app = await openApp(t)
  const receivers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => subscriber(t, app.mqttPort, `r${n}`, ['lab/#', 0])),
  )
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  // Lengths on both sides of every size the remaining length can have here; a topic beyond ASCII.
  const lengths = [0, 1, 100, 117, 118, 119, 127, 128, 16_370, 16_371, 16_384, 40_000]
  const sent = lengths.map((length, n) => publish(`lab/größe/${n}`, 'x'.repeat(length)))

  for (let round = 0; round < 20; round++) sender.send(...sent)

  const expected = Buffer.concat(Array.from({ length: 20 }, () => Buffer.concat(sent)))
  for (const receiver of receivers) {
    const got = await settled(sender, receiver, 20 * sent.length)
    const bytes = Buffer.concat(got.map(({ first, body }) => packet(first, body)))
    t.ok(bytes.equals(expected))
  }
})

t.test('each receiver has packet ids of its own, and what it acknowledges is forgotten', async (t) => {
  const app = await openApp(t)
  const one = await subscriber(t, app.mqttPort, 'one', ['lab/#', 1])
  const two = await subscriber(t, app.mqttPort, 'two', ['lab/#', 1])
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })

  for (let n = 0; n < 300; n++) sender.send(publish('lab/note', `${n}`, 1, n + 1))

  for (const receiver of [one, two]) {
    const got = (await settled(sender, receiver, 300)).map(read)
    t.strictSame(
      got.map(({ payload }) => payload),
      Array.from({ length: 300 }, (_, n) => `${n}`),
    )
    t.ok(got.every(({ qos, dup, retain }) => qos === 1 && !dup && !retain))
    t.equal(new Set(got.map(({ id }) => id)).size, 300, 'no two are the same')
    t.notOk(
      got.some(({ id }) => id === 0),
      '[MQTT-2.3.1-1]',
    )
    receiver.send(...got.map(({ id }) => puback(id)), PINGREQ)
    await receiver.packet(PINGRESP)
  }
  t.equal(ids(sender, PUBACK).length, 300)
})

t.test('filters that overlap: one copy, at the highest QoS of them [MQTT-3.3.5-1]', async (t) => {
  const app = await openApp(t)
  const receiver = await subscriber(
    t,
    app.mqttPort,
    'overlap',
    ['lab/#', 0],
    ['lab/+', 1],
    ['lab/a', 0],
    ['+/a', 0],
  )
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })

  sender.send(publish('lab/a', 'one', 1, 1), publish('lab/b', 'two', 0), publish('lab/c/c', 'three', 1, 2))

  const got = (await settled(sender, receiver, 3)).map(read)
  t.strictSame(
    got.sort(byTopic).map(({ payload, qos }) => [payload, qos]),
    [
      ['one', 1],
      ['two', 0],
      ['three', 0],
    ],
  )
})

t.test('nobody gets more QoS than it asked for, through a wildcard either [MQTT-3.8.4-6]', async (t) => {
  const app = await openApp(t)
  const receivers = await Promise.all(
    ([0, 1, 2] as const).map((qos) => subscriber(t, app.mqttPort, `q${qos}`, ['lab/#', qos])),
  )
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  for (const qos of [0, 1, 2] as const) sender.send(publish(`lab/${qos}`, `${qos}`, qos, 10 + qos))
  sender.send(packet(0x62, word(12)))

  for (const [asked, receiver] of receivers.entries()) {
    const got = (await settled(sender, receiver, 3)).map(read)
    t.strictSame(
      got.sort(byTopic).map(({ topic, qos }) => [topic, qos]),
      [0, 1, 2].map((sent) => [`lab/${sent}`, Math.min(asked, sent)]),
    )
  }
})

t.test(
  'RETAIN is for later subscribers only, and their QoS is theirs [MQTT-3.3.1-8] [MQTT-3.3.1-9]',
  async (t) => {
    const app = await openApp(t)
    const present = await subscriber(t, app.mqttPort, 'present', ['lab/#', 1])
    const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
    const body = Buffer.concat([text('lab/state'), word(1), Buffer.from('kept')])

    sender.send(packet(0x33, body))
    await sender.packet(PUBACK)

    const [live] = (await settled(sender, present, 1)).map(read)
    t.match(live, { payload: 'kept', retain: false, qos: 1 })
    for (const qos of [0, 1] as const) {
      const late = await subscriber(t, app.mqttPort, `late${qos}`, ['lab/+', qos])
      t.match(read(await late.packet(PUBLISH)), { payload: 'kept', retain: true, qos })
    }
  },
)

t.test('a filter that begins with a wildcard sees no topic that begins with $ [MQTT-4.7.2-1]', async (t) => {
  const app = await openApp(t)
  const receiver = await subscriber(t, app.mqttPort, 'curious', ['#', 1], ['+/broker/uptime', 1])
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })

  await app.broker.publish({ topic: '$SYS/broker/uptime', payload: '1 s', qos: 1, retain: false })

  t.strictSame((await settled(sender, receiver, 0)).map(read), [])
})

t.test('a message that settles after a younger one is no duplicate of it', async (t) => {
  const app = await openApp(t)
  const receiver = await subscriber(t, app.mqttPort, 'receiver', ['lab/#', 0])
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  const retained = (n: number): Buffer => packet(0x31, Buffer.concat([text(`lab/${n}`), Buffer.from('old')]))

  // A retained message waits until it is kept; the one behind it does not.
  for (let n = 0; n < 50; n++) sender.send(retained(n), publish(`lab/${n}`, 'young'))

  const got = (await settled(sender, receiver, 100)).map(read)
  t.equal(got.filter(({ payload }) => payload === 'old').length, 50)
  t.equal(got.filter(({ payload }) => payload === 'young').length, 50)
})

t.test('one that does not read delays only those who publish to it, until it reads on', async (t) => {
  const app = await openApp(t, { bounds: { drain_timeout: 600_000, message_rate: 0 } })
  const stuck = await subscriber(t, app.mqttPort, 'stuck', ['lab/stuck', 0])
  stuck.socket.pause()
  const reader = await subscriber(t, app.mqttPort, 'reader', ['lab/free', 1])
  const flood = await openWire(t, app.mqttPort, { clientId: 'flood' })
  const message = publish('lab/stuck', 'x'.repeat(100))
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => message))
  // Until the sender itself is held back: the stuck one has all it can have.
  while (flood.socket.writableLength < 8_000_000) {
    flood.send(many)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  const works = await witness(t, app)

  for (let n = 0; n < 200; n++) {
    sender.send(publish('lab/free', `${n}`, 1, n + 1))
    await sender.packet(PUBACK, n + 1)
  }
  await until(() => heard(reader).length === 200, 'all that is for others')
  await works()

  t.ok(flood.socket.writableLength > 0, 'the one that publishes to it waits')
  stuck.socket.resume()
  await until(() => flood.socket.writableLength === 0, 'the sender to be read on')
})

t.test('a session that lasts: nothing comes before its CONNACK, and nothing at QoS 1 is lost', async (t) => {
  const app = await openApp(t)
  const lasting = { clientId: 'lasting', clean: false }
  const first = await openWire(t, app.mqttPort, lasting)
  first.send(subscribe('lab/loud', 0, 1), subscribe('lab/sure', 1, 2))
  await first.packet(SUBACK, 2)
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  let id = 0
  const say = (): void => {
    id++
    sender.send(publish('lab/loud', `${id}`), publish('lab/sure', `${id}`, 1, id))
  }
  const noise = setInterval(say, 1)
  t.teardown(() => clearInterval(noise))

  let wire = first
  for (let n = 0; n < 20; n++) {
    wire.socket.destroy()
    wire = await openWire(t, app.mqttPort)
    wire.send(connect(lasting))
    await wire.packet(PUBLISH)
    t.equal(wire.arrived[0]!.type, CONNACK)
  }
  clearInterval(noise)

  // None was acknowledged, so the last connection hears all of them.
  const sure = (): Set<string> =>
    new Set(
      heard(wire)
        .map(read)
        .filter(({ qos }) => qos === 1)
        .map(({ payload }) => payload),
    )
  await until(() => sure().size === id, 'all of them')
})
