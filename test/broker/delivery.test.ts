import t from 'tap'
import { openApp } from '../support/app.js'
import { connected, counted, hears, reading, topicOf, witness } from '../support/mqtt.js'
import {
  ids,
  openWire,
  PINGREQ,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBREC,
  publish,
  pubrel,
  SUBACK,
  subscribe,
} from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

t.test('a QoS 2 message is taken once, however often its packets come [MQTT-4.3.3-2]', async (t) => {
  const app = await openApp(t)
  const watcher = await connected(t, app)
  const heard = hears(watcher)
  await watcher.subscribeAsync('kaiser/god/esp/#', { qos: 2 })
  const wire = await openWire(t, app.mqttPort, { clientId: 'twice', clean: false })

  wire.send(publish(topicOf(), reading(1), 2, 7))
  await wire.packet(PUBREC)
  wire.send(publish(topicOf(), reading(1), 2, 7, true))
  await wire.packet(PUBREC, 2)
  wire.send(pubrel(7), pubrel(7))
  await wire.packet(PUBCOMP, 2)

  t.strictSame(ids(wire, PUBREC), [7, 7])
  t.strictSame(ids(wire, PUBCOMP), [7, 7])
  t.equal(app.store.readings.count(), 1)
  t.equal(app.stats.subscriber().messages_processed, 1, 'the repetition is known by its Packet Identifier')
  await until(() => heard.length > 0, 'the message')
  t.equal(heard.length, 1, 'others hear it once')
})

t.test('a QoS 1 reading that is sent again, with DUP or without, is stored once', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'again' })

  wire.send(
    publish(topicOf(), reading(1), 1, 1),
    publish(topicOf(), reading(1), 1, 1, true),
    publish(topicOf(), reading(1), 1, 2),
    publish(topicOf(), reading(2), 1, 3),
  )

  await wire.packet(PUBACK, 4)
  t.equal(app.store.readings.count(), 2)
  t.equal(app.stats.subscriber().duplicates, 2)
})

t.test(
  'acknowledgements keep the order of the messages, whatever becomes of each [MQTT-4.6.0-2]',
  async (t) => {
    const app = await openApp(t)
    const wire = await openWire(t, app.mqttPort, { clientId: 'mixed' })
    const kinds: readonly ((n: number) => [topic: string, payload: string])[] = [
      (n) => [topicOf(), reading(n)],
      () => [topicOf(), 'not JSON'],
      () => ['kaiser/god/esp/ESP_12AB34CD/no/such/topic', '{}'],
      () => ['kaiser/god/esp/ESP_12AB34CD/actuator/5/command', '{}'],
      () => ['lab/note', 'x'],
      () => ['kaiser/else/esp/ESP_1/sensor/1/data', '{}'],
      () => [topicOf(), ''],
      () => [topicOf(), reading(0, 'ESP_OTHER')],
    ]
    const sent = Array.from({ length: 400 }, (_, i) => i + 1)

    wire.send(...sent.map((n) => publish(...kinds[(n * 7) % kinds.length]!(n), 1, n)))

    await wire.packet(PUBACK, sent.length)
    t.strictSame(ids(wire, PUBACK), sent)
  },
)

t.test('a Will is handled and forwarded when its client is cut off, not when it says goodbye', async (t) => {
  const app = await openApp(t)
  const watcher = await connected(t, app)
  const heard = hears(watcher)
  await watcher.subscribeAsync(topicOf('ESP_W'))
  const will = (n: number) => ({ topic: topicOf('ESP_W'), payload: reading(n, 'ESP_W'), qos: 1 })

  const polite = await openWire(t, app.mqttPort, { clientId: 'polite', will: will(1) })
  polite.send(Buffer.from([0xe0, 0]))
  await polite.end()
  const cut = await openWire(t, app.mqttPort, { clientId: 'cut', will: will(2) })
  cut.socket.destroy()

  await until(() => heard.length > 0, 'the Will')
  t.strictSame(heard, [`${topicOf('ESP_W')} ${reading(2, 'ESP_W')}`])
  await until(() => app.store.readings.count() > 0, 'its row')
  t.equal(app.store.readings.count(), 1)
})

t.test('a connection that breaks in the middle of a packet harms nobody', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const whole = publish(topicOf(), reading(1), 1, 1)
  for (const cut of [1, 2, 3, 20, whole.length - 1]) {
    const wire = await openWire(t, app.mqttPort, { clientId: `cut-${cut}` })
    wire.send(whole.subarray(0, cut))
    wire.socket.resetAndDestroy()
    await works()
  }
  await until(() => app.broker.counters().connections === 1, 'their places to be free')
  t.equal(app.stats.subscriber().messages_failed, 0)
})

t.test('a message that comes in single bytes is a message', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'drip' })
  for (const byte of publish(topicOf(), reading(1), 1, 5)) {
    await new Promise<void>((resolve) => wire.socket.write(Buffer.from([byte]), () => resolve()))
  }
  t.equal((await wire.packet(PUBACK)).body.readUInt16BE(0), 5)
})

t.test('many readings in one segment are each stored and acknowledged in order', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'burst' })
  const sent = Array.from({ length: 2_000 }, (_, i) => i + 1)
  wire.send(...sent.map((n) => publish(topicOf(), reading(n), 1, n)))
  await wire.packet(PUBACK, sent.length)
  t.strictSame(ids(wire, PUBACK), sent)
  t.equal(app.store.readings.count(), sent.length)
})

t.test('a retained message is handed to later subscribers and stored once', async (t) => {
  const app = await openApp(t)
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1, retain: true })
  const watcher = await connected(t, app)
  const heard = hears(watcher)
  await watcher.subscribeAsync(topicOf())
  await until(() => heard.length > 0, 'the retained message')
  t.equal(app.store.readings.count(), 1)

  await device.publishAsync(topicOf(), '', { qos: 1, retain: true })
  const late = await openWire(t, app.mqttPort, { clientId: 'late' })
  late.send(subscribe(topicOf()), PINGREQ)
  await late.packet(SUBACK)
  await late.packet(PINGRESP)
  t.notOk(
    late.arrived.some(({ type }) => type === 3),
    'an empty payload clears it [MQTT-3.3.1-10]',
  )
  t.equal(counted(app, 'payload_not_json'), 0, 'and is no message')
})
