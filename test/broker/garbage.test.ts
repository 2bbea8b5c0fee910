import { createConnection } from 'node:net'
import t from 'tap'
import { openApp } from '../support/app.js'
import { counted, witness } from '../support/mqtt.js'
import { DOORS, openPipe } from '../support/mqtt-socket.js'
import { connect, openWire } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

/** The same bytes in every run. mulberry32 */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let n = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n
    return ((n ^ (n >>> 14)) >>> 0) / 4_294_967_296
  }
}

const noise = (next: () => number, most: number): Buffer =>
  Buffer.from(Array.from({ length: 1 + Math.floor(next() * most) }, () => Math.floor(next() * 256)))

for (const door of DOORS)
  t.test(`random bytes over ${door}, before and after CONNECT, harm nobody`, async (t) => {
    const app = await openApp(t, { bounds: { connect_timeout: 2_000 } })
    const works = await witness(t, app)
    const next = random(20_260_102)
    for (let round = 0; round < 60; round++) {
      const pipe = await openPipe(t, app, door)
      if (round % 2 === 0) pipe.send(connect({ clientId: `noise-${round}` }))
      for (let n = 0; n < 5 && !pipe.closed; n++) pipe.send(noise(next, 300))
      if (round % 10 === 0) await works()
    }
    await works()
    t.equal(app.stats.subscriber().messages_failed, 0)
  })

const HELLOS: readonly (readonly [string, Buffer])[] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: kaiser\r\n\r\n')],
  ['TLS', Buffer.from('16030100f5010000f10303'.padEnd(500, '5a'), 'hex')],
  ['nothing but zeros', Buffer.alloc(4_096)],
  ['a length without end', Buffer.from('10ffffffffff', 'hex')],
  ['an old protocol name', Buffer.from('100c000458585858040200000000', 'hex')],
]

for (const [name, bytes] of HELLOS)
  t.test(`${name} on the MQTT port is refused`, async (t) => {
    const app = await openApp(t)
    const works = await witness(t, app)
    const wire = await openWire(t, app.mqttPort)
    wire.send(bytes)
    await wire.end()
    t.ok(counted(app, 'protocol_violation') + counted(app, 'packet_too_large') === 1, 'and counted once')
    await works()
  })

t.test('random bytes on the HTTP port harm nobody', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const next = random(7)
  for (let round = 0; round < 40; round++) {
    const socket = createConnection({ host: '127.0.0.1', port: app.httpPort })
    socket.on('error', () => {})
    t.teardown(() => socket.destroy())
    socket.end(round % 2 ? noise(next, 2_000) : Buffer.concat([Buffer.from('GET /'), noise(next, 500)]))
  }
  await works()
  await until(async () => (await fetch(`${app.origin}/api/v1/health`)).ok, 'an answer')
})
