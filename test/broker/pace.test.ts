/** Who is too fast is slowed and nobody else notices; what was sent before the connection ended still counts. */
import t from 'tap'
import { outsider } from '../storage/open.js'
import { openApp } from '../support/app.js'
import { counted, reading, topicOf, witness } from '../support/mqtt.js'
import { DOORS, openPipe } from '../support/mqtt-socket.js'
import { connect, ids, openWire, PINGREQ, PINGRESP, PUBACK, packet, publish } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

const DISCONNECT = packet(0xe0, Buffer.alloc(0))
const burst = (n: number): Buffer => Buffer.concat(Array.from({ length: n }, () => publish('lab/x', '')))
const hits = (app: Awaited<ReturnType<typeof openApp>>, bound: string): number =>
  app.broker.boundStates().find(({ name }) => name === bound)?.hits ?? 0

for (const door of DOORS) {
  t.test(`a flooder over ${door} is read at its rate, loses nothing, and nobody else waits`, async (t) => {
    const app = await openApp(t, { bounds: { message_rate: 50, message_burst: 100 } })
    const works = await witness(t, app)
    const flooder = await openPipe(t, app, door)
    const received = () => app.broker.counters().messages_received
    const before = performance.now()
    flooder.send(Buffer.concat([connect({ clientId: 'flooder' }), burst(200)]))

    await until(() => hits(app, 'message_burst') > 0, 'the flooder to be slowed')
    await works()
    t.ok(received() < 200, 'others are served while it waits')
    await until(() => received() >= 201, 'all of it')
    t.ok(performance.now() - before >= 1_900, 'no faster than it may be')
    t.equal(received(), 201)
    t.notOk(flooder.closed)
    t.equal(hits(app, 'message_burst'), 1)
    t.ok(hits(app, 'message_rate') > 1)
    t.equal(counted(app, 'rate_exceeded'), hits(app, 'message_burst') + hits(app, 'message_rate'))
  })

  t.test(`what a client said before it left over ${door} counts, however much it was`, async (t) => {
    const app = await openApp(t, { bounds: { message_rate: 20_000, message_burst: 1_000 } })
    const hasty = await openPipe(t, app, door)
    hasty.send(Buffer.concat([connect({ clientId: 'hasty' }), burst(3_000), DISCONNECT]))
    hasty.leave()
    await until(() => app.broker.counters().messages_received === 3_000, 'all of it')
    await until(() => app.broker.counters().connections === 0, 'its place to be free')
  })
}

t.test(
  'packets right after a CONNECT wait for its answer, more than a few of them too [MQTT-3.1.4-5]',
  async (t) => {
    const app = await openApp(t)
    const wire = await openWire(t, app.mqttPort)
    wire.send(connect({ clientId: 'eager' }), ...Array(300).fill(PINGREQ))
    await wire.packet(PINGRESP, 300)
  },
)

t.test('who has too much that waits for the disk is not read until it is settled', async (t) => {
  const app = await openApp(t, { bounds: { incoming_in_flight: 20 } })
  const device = await openWire(t, app.mqttPort, { clientId: 'ESP_12AB34CD' })
  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  const sent = Array.from({ length: 100 }, (_, n) => publish(topicOf(), reading(n), 1, n + 1))

  // Alone in its segment each, and the first before storage is known to fail.
  for (const one of sent) {
    device.send(one)
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  await until(() => hits(app, 'incoming_in_flight') > 0, 'the bound to be hit')
  t.ok(app.broker.counters().messages_received < 100, 'the rest is not read')
  t.equal(device.arrived.filter(({ type }) => type === PUBACK).length, 0)

  other.exec('COMMIT')
  await device.packet(PUBACK, 100)
  t.strictSame(
    ids(device, PUBACK),
    sent.map((_, n) => n + 1),
  )
})
