/** Every MUST of MQTT 3.1.1 that a server can be held to from outside, a test each. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { witness } from '../support/mqtt.js'
import { DOORS, openPipe } from '../support/mqtt-socket.js'
import { CONNACK, connect, openWire } from '../support/mqtt-wire.js'
import { forbidden } from './standard/bytes.js'
import { demands } from './standard/demands.js'

const app = await openApp(t)
const works = await witness(t, app)

for (const { clause, what, bytes, connected, connack } of forbidden)
  t.test(`${what} ends the connection [${clause}]`, async (t) => {
    const wire = await openWire(t, app.mqttPort, connected ? { clientId: 'must' } : undefined)
    wire.send(bytes)
    await wire.end()
    const answers = wire.arrived.filter(({ type }) => type !== CONNACK)
    t.strictSame(answers, [], 'and nothing is said to it')
    const acks = wire.arrived.filter(({ type }) => type === CONNACK).map(({ body }) => body[1])
    t.strictSame(acks, connected ? [0] : connack === undefined ? [] : [connack])
  })

for (const door of DOORS)
  t.test(`none of it is taken over ${door} either, and a good client is served throughout`, async (t) => {
    for (const { bytes, connected, what } of forbidden) {
      const pipe = await openPipe(t, app, door)
      if (connected) pipe.send(connect({ clientId: 'must' }))
      pipe.send(bytes)
      await pipe.end()
      t.ok(pipe.closed, what)
    }
    await works()
  })

for (const [n, { clauses, what, prove }] of demands.entries())
  t.test(`${what} [${clauses.join('] [')}]`, async (t) => {
    await prove({ t, name: `must${n}`, open: (hello) => openWire(t, app.mqttPort, hello) })
  })
