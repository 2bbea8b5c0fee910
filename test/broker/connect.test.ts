import t from 'tap'
import { openApp } from '../support/app.js'
import {
  client,
  connected,
  counted,
  hears,
  logged,
  reading,
  tcp,
  topicOf,
  webSocket,
  witness,
} from '../support/mqtt.js'
import { DOORS, openPipe } from '../support/mqtt-socket.js'
import { CONNACK, connect, openWire, PINGREQ, PINGRESP, publish } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const VERSIONS = [
  { name: 'MQTT 3.1', protocolId: 'MQIsdp', protocolVersion: 3 },
  { name: 'MQTT 3.1.1', protocolId: 'MQTT', protocolVersion: 4 },
] as const

for (const { name, ...version } of VERSIONS)
  for (const [door, url] of Object.entries({ TCP: tcp, WebSocket: webSocket }))
    t.test(`${name} connects over ${door}, publishes and hears`, async (t) => {
      const app = await openApp(t)
      const opened = client(t, url(app), { ...version, clientId: 'pen' })
      const heard = hears(opened)
      await until(() => opened.connected, 'the connection')

      await opened.subscribeAsync('lab/#', { qos: 1 })
      await opened.publishAsync('lab/note', 'hello', { qos: 1 })

      await until(() => heard.length > 0, 'the message')
      t.strictSame(heard, ['lab/note hello'])
    })

t.test('MQTT 5 is told that its version is not spoken here [MQTT-3.1.2-2]', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort)

  wire.send(connect({ version: 5 }))

  const { body } = await wire.packet(CONNACK)
  t.strictSame([...body], [0, 1])
  await wire.end()
})

t.test('without --allow-anonymous a client without credentials is not authorized', async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const wire = await openWire(t, app.mqttPort)

  wire.send(connect({ clientId: 'stranger' }))

  const { body } = await wire.packet(CONNACK)
  t.strictSame([...body], [0, 5])
  await wire.end()
  t.equal(counted(app, 'not_authorized'), 1)
  t.match(logged(app, 'not_authorized'), [{ level: 40, client_id: 'stranger', address: '127.0.0.1' }])
  await until(() => app.broker.counters().connections === 0, 'its place to be free again')
})

t.test('an empty client id needs a clean session [MQTT-3.1.3-8]', async (t) => {
  const app = await openApp(t)
  const lasting = await openWire(t, app.mqttPort)
  const passing = await openWire(t, app.mqttPort)

  lasting.send(connect({ clientId: '', clean: false }))
  passing.send(connect({ clientId: '', clean: true }))

  t.strictSame([...(await lasting.packet(CONNACK)).body], [0, 2])
  t.strictSame([...(await passing.packet(CONNACK)).body], [0, 0])
  await lasting.end()
  t.equal(counted(app, 'identifier_rejected'), 1)
})

t.test('a second client of the same id takes over from the first [MQTT-3.1.4-2]', async (t) => {
  const app = await openApp(t)
  const first = await openWire(t, app.mqttPort, { clientId: 'twin' })
  const second = await openWire(t, app.mqttPort, { clientId: 'twin' })

  await first.end()
  second.send(PINGREQ)
  await second.packet(PINGRESP)
  t.equal(app.broker.counters().connections, 1)
})

for (const door of DOORS)
  t.test(
    `what follows a CONNECT over ${door} without waiting is handled after it [MQTT-3.1.4-5]`,
    async (t) => {
      const app = await openApp(t)
      for (let n = 0; n < 5; n++) {
        const pipe = await openPipe(t, app, door)
        pipe.send(connect({ clientId: `hasty-${n}` }))
        pipe.send(publish(topicOf(), reading(n), 1, 1))
        await until(() => app.store.readings.count() > n || pipe.closed, 'the reading')
        t.notOk(pipe.closed)
      }
      t.equal(counted(app, 'publish_forbidden'), 0)
    },
  )

t.test('a Will may only speak where its client may publish [MQTT-3.1.4-2]', async (t) => {
  const app = await openApp(t)
  for (const topic of [
    '$SYS/broker',
    'kaiser/god/event/system_event',
    'lab/#',
    'lab/+/x',
    '',
    'a/'.repeat(20),
  ]) {
    const wire = await openWire(t, app.mqttPort)
    wire.send(connect({ clientId: 'liar', will: { topic, payload: 'x' } }))
    t.strictSame([...(await wire.packet(CONNACK)).body], [0, 5], `Will on "${topic}"`)
    await wire.end()
  }
  t.equal(counted(app, 'publish_forbidden'), 5)
  t.equal(counted(app, 'topic_too_deep'), 1)
})

t.test('a second CONNECT and a packet before CONNECT end the connection', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const twice = await openWire(t, app.mqttPort, { clientId: 'twice' })
  const early = await openWire(t, app.mqttPort)

  twice.send(connect({ clientId: 'twice' })) // [MQTT-3.1.0-2]
  early.send(PINGREQ) // [MQTT-3.1.0-1]

  await Promise.all([twice.end(), early.end()])
  t.equal(counted(app, 'protocol_violation'), 2)
  await works()
})

t.test('a keep alive that is not kept ends the connection and is counted [MQTT-3.1.2-24]', async (t) => {
  const app = await openApp(t)
  const wire = await openWire(t, app.mqttPort, { clientId: 'sleeper', keepAlive: 1 })
  await wire.end()
  t.equal(counted(app, 'keepalive_timeout'), 1)
})

t.test('an operator without credentials hears both directions, each message after its PUBACK', async (t) => {
  const app = await openApp(t)
  const watcher = await connected(t, app)
  const heard = hears(watcher)
  const device = await connected(t, app)
  await watcher.subscribeAsync('kaiser/god/esp/#')

  await device.publishAsync(
    'kaiser/god/esp/ESP_1/system/heartbeat',
    '{"uptime":1,"heap_free":1,"wifi_rssi":-50}',
    {
      qos: 1,
    },
  )
  await watcher.publishAsync('kaiser/god/esp/ESP_1/sensor/5/command', '{"command":"measure"}', { qos: 1 })

  await until(() => heard.length >= 3, 'three messages')
  t.same(heard.map((line) => line.split(' ')[0]).sort(), [
    'kaiser/god/esp/ESP_1/sensor/5/command',
    'kaiser/god/esp/ESP_1/system/heartbeat',
    'kaiser/god/esp/ESP_1/system/heartbeat/ack',
  ])
  t.strictSame(app.stats.subscriber().messages_failed, 0, 'what goes to a device is known')
})
