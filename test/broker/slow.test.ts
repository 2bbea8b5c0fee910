import t from 'tap'
import { openApp } from '../support/app.js'
import { client, connected, counted, hears, webSocket, witness } from '../support/mqtt.js'
import { openSocket } from '../support/mqtt-socket.js'
import { connect, openWire, publish, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const BIG = 'x'.repeat(60_000)

t.test('a subscriber that stops reading is closed after the drain timeout; the others go on', async (t) => {
  const app = await openApp(t, { bounds: { drain_timeout: 300 } })
  const works = await witness(t, app)
  const stuck = await openWire(t, app.mqttPort, { clientId: 'stuck' })
  stuck.send(subscribe('lab/#'))
  await stuck.packet(SUBACK)
  stuck.socket.pause()
  const reader = await connected(t, app)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#')
  const sender = await connected(t, app)

  // More than the buffers of any kernel between the two take.
  for (let n = 0; n < 400; n++) await sender.publishAsync(`lab/${n}`, BIG, { qos: 1 })

  await until(() => heard.length === 400, 'the one that reads to hear everything')
  await until(() => counted(app, 'drain_timeout') > 0, 'the stuck one to be closed')
  await works()
  t.equal(counted(app, 'drain_timeout'), 1, 'it is counted once')
  await until(() => app.broker.counters().connections === 3, 'its place to be free')
})

t.test('a WebSocket client that reads loses nothing of a large burst [MQTT-6.0.0-1]', async (t) => {
  const app = await openApp(t)
  const reader = client(t, webSocket(app), { clientId: 'reader' })
  let bytes = 0
  const heard: string[] = []
  reader.on('message', (topic, payload) => {
    heard.push(topic)
    bytes += payload.length
  })
  await until(() => reader.connected, 'the connection')
  await reader.subscribeAsync('lab/#')
  const sender = await openWire(t, app.mqttPort, { clientId: 'sender' })
  const sent = Array.from({ length: 500 }, (_, n) => `lab/${n}`)

  for (const topic of sent) sender.send(publish(topic, BIG))

  await until(() => heard.length >= sent.length || !reader.connected, 'the burst')
  t.strictSame(heard, sent)
  t.equal(bytes, sent.length * BIG.length)
})

t.test('a WebSocket client that stops reading is closed too, and nobody waits for it', async (t) => {
  const app = await openApp(t, { bounds: { drain_timeout: 300 } })
  const works = await witness(t, app)
  const stuck = await openSocket(t, app)
  stuck.send(connect({ clientId: 'stuck' }))
  stuck.send(subscribe('lab/#'))
  await until(() => app.broker.counters().unauthenticated === 0, 'the connection')
  stuck.pause()
  const sender = await connected(t, app)

  for (let n = 0; n < 400; n++) await sender.publishAsync('lab/note', BIG, { qos: 1 })

  await until(() => counted(app, 'drain_timeout') === 1, 'the stuck one to be closed')
  await until(() => app.broker.counters().connections === 2, 'its place to be free')
  await works()
})

t.test('what a WebSocket client sends and nobody reads yet is bounded: it is closed with 1013', async (t) => {
  const app = await openApp(t, { bounds: { inbound_bytes: 100_000 } })
  const socket = await openSocket(t, app)
  let code: number | undefined
  socket.on('close', (closed) => {
    code = closed
  })
  socket.send(connect({ clientId: 'flood' }))
  await until(() => app.broker.counters().unauthenticated === 0, 'the connection')

  // While the disk is lent to somebody else nothing is acknowledged, and the broker reads no further.
  let giveBack = (): void => {}
  const lent = app.store.group.lend(() => new Promise<void>((resolve) => (giveBack = resolve)))
  t.teardown(() => giveBack())
  const some = Array.from({ length: 40 }, (_, n) =>
    publish('kaiser/god/esp/ESP_1/none', 'x'.repeat(1_000), 1, n + 1),
  )
  for (let n = 0; n < 20; n++) socket.send(Buffer.concat(some))

  await until(() => code !== undefined, 'the end of the flood')
  t.equal(code, 1013)
  t.equal(counted(app, 'inbound_full'), 1)
  giveBack()
  await lent
  await (await witness(t, app))()
})

t.test('a text frame on /mqtt ends the connection, a missing subprotocol prevents it', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const socket = await openSocket(t, app)
  let code: number | undefined
  socket.on('close', (closed) => {
    code = closed
  })
  socket.send('hello')
  await until(() => code !== undefined, 'the end of the connection')
  t.equal(code, 1003)
  t.equal(counted(app, 'protocol_violation'), 1)

  await t.rejects(openSocket(t, app, []))
  await t.rejects(openSocket(t, app, ['amqp']))
  t.equal((await openSocket(t, app, ['mqttv3.1', 'amqp'])).protocol, 'mqttv3.1')
  await works()
})
