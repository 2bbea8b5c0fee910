import { readFileSync } from 'node:fs'
import t from 'tap'
import { readConfig, startOptions } from '../../bin/config.js'
import { createAdmission } from '../../broker/admission.js'
import { BOUNDS, type Bound, boundsOf, boundTable } from '../../broker/bounds.js'
import { openApp } from '../support/app.js'
import { mockIn } from '../support/mock.js'
import { connected, counted, logged, witness } from '../support/mqtt.js'
import { DOORS, openPipe } from '../support/mqtt-socket.js'
import {
  CONNACK,
  connect,
  openWire,
  PUBACK,
  PUBREC,
  packet,
  publish,
  SUBACK,
  subscribe,
  text,
  word,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const GIANT = 256 * 1_048_576 - 1

for (const door of DOORS) {
  t.test(`a packet announced with 256 MiB is refused at once over ${door}, logged in or not`, async (t) => {
    const app = await openApp(t)
    const works = await witness(t, app)
    const before = process.memoryUsage.rss()

    for (const hello of [undefined, connect({ clientId: 'giant' })]) {
      const pipe = await openPipe(t, app, door)
      if (hello) pipe.send(hello)
      pipe.send(packet(hello ? 0x30 : 0x10, Buffer.alloc(64), GIANT))
      await pipe.end()
    }

    t.equal(counted(app, 'packet_too_large'), 2)
    t.ok(process.memoryUsage.rss() - before < 64 * 1_048_576, 'memory stays bounded')
    await works()
  })

  t.test(
    `who says nothing, or half a CONNECT, over ${door} is closed after the connect timeout`,
    async (t) => {
      const app = await openApp(t, { bounds: { connect_timeout: 400 } })
      const works = await witness(t, app)
      const silent = await openPipe(t, app, door)
      const half = await openPipe(t, app, door)
      half.send(connect({ clientId: 'half' }).subarray(0, 9))

      await Promise.all([silent.end(), half.end()])

      t.equal(counted(app, 'connect_timeout'), 2)
      await works()
      await until(() => app.broker.counters().unauthenticated === 0, 'their places to be free')
    },
  )
}

t.test('a packet of exactly the limit is taken', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'full' })
  const topic = 'lab/full'
  const payload = Buffer.alloc(BOUNDS.packet_bytes - topic.length - 4, 'x')

  wire.send(publish(topic, payload, 1, 7))
  t.equal((await wire.packet(4)).body.readUInt16BE(0), 7)
  wire.send(publish(topic, Buffer.concat([payload, Buffer.from('x')]), 1, 8))
  await wire.end()
  t.equal(counted(app, 'packet_too_large'), 1)
})

t.test('a topic of more than 16 levels ends the connection; so does such a filter', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const deep = (levels: number): string => Array(levels).fill('a').join('/')
  const good = await openWire(t, app.mqttPort, { clientId: 'good' })
  good.send(publish(deep(16), 'x', 1, 1))
  await good.packet(4)

  const topic = await openWire(t, app.mqttPort, { clientId: 'deep-topic' })
  const filter = await openWire(t, app.mqttPort, { clientId: 'deep-filter' })
  topic.send(publish(deep(17), 'x', 1, 1))
  filter.send(subscribe(deep(17)))

  await Promise.all([topic.end(), filter.end()])
  t.equal(counted(app, 'topic_too_deep'), 2)
  await works()
})

t.test('a topic with a wildcard, with U+0000 or without a letter ends the connection', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  for (const topic of ['lab/#', 'lab/+', 'lab/\u0000', '']) {
    const wire = await openWire(t, app.mqttPort, { clientId: 'odd' })
    wire.send(publish(topic, 'x', 1, 1))
    await wire.end()
  }
  t.ok(counted(app, 'protocol_violation') >= 4)
  await works()
})

t.test('nobody publishes under $SYS or says events of kaiser [MQTT-3.3.5-2]', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const watcher = await openWire(t, app.mqttPort, { clientId: 'watcher' })
  watcher.send(subscribe('kaiser/#'))
  await watcher.packet(SUBACK)

  for (const topic of ['$SYS/x', 'kaiser/god/event/system_event', 'kaiser/else/event/x']) {
    const wire = await openWire(t, app.mqttPort, { clientId: 'liar' })
    wire.send(publish(topic, 'x', 1, 1))
    await wire.end()
    t.notOk(
      wire.arrived.some(({ type }) => type === 4),
      'without an acknowledgement',
    )
  }

  t.equal(counted(app, 'publish_forbidden'), 3)
  t.match(logged(app, 'publish_forbidden')[0], { level: 40, device: 'liar', topic: '$SYS/x' })
  t.equal(app.stats.subscriber().messages_failed, 0, 'they were no messages of a device')
  t.notOk(
    watcher.arrived.some(({ type }) => type === 3),
    'and nobody heard them',
  )
  await works()
})

t.test(
  'a subscription to $SYS is refused, the others of the same packet are granted [MQTT-3.9.3-2]',
  async (t) => {
    const app = await openApp(t)
    const wire = await openWire(t, app.mqttPort, { clientId: 'nosy' })
    const filters = ['$SYS/#', 'lab/#', '$SYS/broker/uptime', '#']
    wire.send(
      packet(
        0x82,
        Buffer.concat([word(9), ...filters.map((one) => Buffer.concat([text(one), Buffer.from([1])]))]),
      ),
    )

    const { body } = await wire.packet(SUBACK)
    t.strictSame([...body], [0, 9, 0x80, 1, 0x80, 1])
    t.equal(counted(app, 'subscribe_forbidden'), 2)
  },
)

t.test('a topic or filter that is too long ends the connection; so does a Will on one', async (t) => {
  const app = await openApp(t, { bounds: { topic_bytes: 200 } })
  const works = await witness(t, app)
  const long = 'ü'.repeat(101)
  const good = await openWire(t, app.mqttPort, { clientId: 'good' })
  good.send(publish('ü'.repeat(100), 'x', 1, 1), subscribe('ü'.repeat(100)))
  await good.packet(PUBACK)
  await good.packet(SUBACK)

  const bad = [publish(long, 'x', 1, 1), subscribe(long), connect({ will: { topic: long, payload: 'x' } })]
  for (const [n, one] of bad.entries()) {
    const wire = await openWire(t, app.mqttPort, n < 2 ? { clientId: `long-${n}` } : undefined)
    wire.send(one)
    await wire.end()
  }
  t.equal(counted(app, 'topic_too_long'), 3)
  t.notOk(good.closed)
  await works()
})

t.test('a client has its share of subscriptions; the others of 10,000 are refused', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  for (const clean of [true, false]) {
    const refusedBefore = counted(app, 'subscriptions_full')
    const held = app.broker.counters().subscriptions
    const wire = await openWire(t, app.mqttPort, { clientId: `greedy-${clean}`, clean })
    const filters = Array.from({ length: 10_000 }, (_, n) =>
      Buffer.concat([text(String(n)), Buffer.from([1])]),
    )
    wire.send(packet(0x82, Buffer.concat([word(7), ...filters.slice(0, 9_000)])))
    await works()
    const { body } = await wire.packet(SUBACK)
    t.equal(body.length, 9_002)
    t.ok(
      body.subarray(2, 202).every((code) => code === 1),
      'as many as it may',
    )
    t.ok(
      body.subarray(202).every((code) => code === 0x80),
      'and no more',
    )
    t.equal(counted(app, 'subscriptions_full') - refusedBefore, 8_800)
    t.equal(app.broker.counters().subscriptions - held, clean ? 200 : 400, 'a refused one is not remembered')

    wire.send(packet(0xa2, Buffer.concat([word(8), text('0'), text('1')])), subscribe('5', 0, 9))
    t.equal((await wire.packet(SUBACK, 2)).body[2], 0, 'one it has already may change')
    await wire.packet(11)
    for (const [n, granted] of [0, 0, 0x80].entries()) {
      wire.send(subscribe(`new/${n}`, 0, 10))
      t.equal((await wire.packet(SUBACK, 3 + n)).body[2], granted, 'room comes back')
    }
  }
  await works()
})

t.test('a refused filter is not remembered by a session either', async (t) => {
  const app = await openApp(t)
  const before = app.broker.counters().subscriptions
  const absent = await openWire(t, app.mqttPort, { clientId: 'absent', clean: false })
  absent.send(
    packet(0x82, Buffer.concat([word(1), text('$SYS/#'), Buffer.from([1]), text('lab/a'), Buffer.from([1])])),
  )
  t.strictSame([...(await absent.packet(SUBACK)).body], [0, 1, 0x80, 1])
  t.equal(app.broker.counters().subscriptions - before, 2, 'one of the client and one of its session')
})

t.test('QoS 2 that is never ended is bounded', async (t) => {
  const app = await openApp(t, { bounds: { incoming_in_flight: 10 } })
  const works = await witness(t, app)
  const half = await openWire(t, app.mqttPort, { clientId: 'half' })
  for (let id = 1; id <= 10; id++) {
    half.send(publish('lab/x', 'x', 2, id))
    await half.packet(PUBREC, id)
  }
  half.send(publish('lab/x', 'x', 2, 11))
  await half.end()
  t.equal(counted(app, 'in_flight_full'), 1)
  await works()
})

t.test('who acknowledges nothing of what it hears is closed; who does may hear for ever', async (t) => {
  const app = await openApp(t, { bounds: { outgoing_in_flight: 5 } })
  const works = await witness(t, app)
  const lazy = await openWire(t, app.mqttPort, { clientId: 'lazy' })
  lazy.send(subscribe('lab/#', 1))
  await lazy.packet(SUBACK)
  const reader = await connected(t, app, { clientId: 'reader' })
  const heard: string[] = []
  reader.on('message', (topic) => heard.push(topic))
  await reader.subscribeAsync('lab/#', { qos: 2 })
  const sender = await connected(t, app)

  for (let n = 0; n < 20; n++) {
    await sender.publishAsync('lab/x', 'x', { qos: n % 2 === 0 ? 1 : 2 })
    await until(() => heard.length === n + 1, 'the reader to hear it')
  }
  await lazy.end()
  t.equal(counted(app, 'unacknowledged_full'), 1)
  t.ok(reader.connected)
  await works()
})

t.test('nobody is silent for longer than the ceiling of the keep alive, asked for or not', async (t) => {
  const app = await openApp(t, { bounds: { keep_alive: 1 } })
  const wires = await Promise.all(
    [0, 1, 3_600].map((keepAlive) => openWire(t, app.mqttPort, { clientId: `k-${keepAlive}`, keepAlive })),
  )
  await Promise.all(wires.map((wire) => wire.end()))
  t.equal(counted(app, 'keepalive_ceiling'), 2)
  t.equal(counted(app, 'keepalive_timeout'), 1, 'what it asked for itself is its own')
})

t.test('connections from inside are known before they say anything, however many come at once', async (t) => {
  const app = await openApp(t, { bounds: { unauthenticated: 2 } })
  const mocks = Array.from({ length: 10 }, (_, n) => mockIn(t, app, { esp_id: `MOCK_${n}` }))
  for (const mock of mocks) mock.start()
  t.equal(app.broker.counters().connections, 10)
  t.equal(app.broker.counters().unauthenticated, 0)
  await until(() => mocks.every(({ up }) => up), 'all of them')
  t.equal(counted(app, 'unauthenticated_full'), 0)
})

t.test('connections are limited in total, and before they say who they are', async (t) => {
  const app = await openApp(t, { bounds: { connections: 4, unauthenticated: 2 } })
  const works = await witness(t, app)
  const silent = [await openWire(t, app.mqttPort), await openWire(t, app.mqttPort)]
  await until(() => app.broker.counters().unauthenticated === 2, 'both to be seen')

  const third = await openWire(t, app.mqttPort)
  await third.end()
  t.equal(counted(app, 'unauthenticated_full'), 1)

  for (const [n, wire] of silent.entries()) {
    wire.send(connect({ clientId: `said-${n}` }))
    await wire.packet(CONNACK)
  }
  await openWire(t, app.mqttPort, { clientId: 'fourth' })
  const fifth = await openWire(t, app.mqttPort)
  await fifth.end()
  t.equal(counted(app, 'connections_full'), 1)

  silent[0]?.socket.destroy()
  await until(() => app.broker.counters().connections === 3, 'a place to be free')
  const late = await connected(t, app, { clientId: 'late' })
  t.ok(late.connected)
  await works()
})

t.test('one network address has its share of the connections; this machine is not limited', async (t) => {
  const admission = createAdmission({ ...BOUNDS, connections_per_address: 2 })
  const enter = (address: string) => admission.enter(address)
  const first = enter('192.0.2.1')
  enter('192.0.2.1')
  t.equal(enter('192.0.2.1'), 'connections_per_address')
  t.type(enter('192.0.2.2'), 'object')
  for (const loopback of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])
    for (let n = 0; n < 3; n++) t.type(enter(loopback), 'object', loopback)

  const connections = admission.connections
  if (typeof first === 'object') {
    first.release()
    first.release()
  }
  t.equal(admission.connections, connections - 1, 'a place is given back once')
  t.type(enter('192.0.2.1'), 'object')
})

t.test(
  'every bound is a flag with its default, an environment name, and a line on the page of the broker',
  async (t) => {
    const page = readFileSync(new URL('../../../broker/README.md', import.meta.url), 'utf8')
    const { config } = readConfig(startOptions, [], {})
    t.strictSame(boundsOf(config), BOUNDS)
    for (const { flag, default: fallback, summary } of Object.values<Bound>(boundTable))
      t.match(page, `| ${fallback.toLocaleString('en')} | ${summary} |`, flag)

    const told = readConfig(startOptions, ['--max-connections', '7'], { KAISER_DRAIN_TIMEOUT: '500' }).config
    t.match(boundsOf(told), { connections: 7, drain_timeout: 500 })
    for (const value of ['0', '1.5', 'many', '9999999999'])
      t.throws(() => readConfig(startOptions, ['--max-connections', value], {}), {
        message: `--max-connections is "${value}"; a whole number from 1 to 1000000`,
      })
  },
)

t.test(
  'a client id of 64 KiB is refused with CONNACK 2, and stands in no log as a whole [MQTT-3.1.3-9]',
  async (t) => {
    const app = await openApp(t)
    const works = await witness(t, app)
    const wire = await openWire(t, app.mqttPort)
    wire.send(connect({ clientId: 'x'.repeat(65_000), clean: false }))
    await wire.end()
    t.strictSame([...wire.arrived[0]!.body], [0, 2])
    t.equal(counted(app, 'client_id_too_long'), 1)
    t.ok(JSON.stringify(app.logged).length < 50_000)
    const good = await openWire(t, app.mqttPort, { clientId: 'y'.repeat(256) })
    t.equal(good.arrived[0]!.body[1], 0)
    await works()
  },
)
