import t from 'tap'
import { PacketWalk } from '../../broker/packet-walk.js'
import { connect, PINGREQ, packet, publish, subscribe } from '../support/mqtt-wire.js'

const PACKETS: readonly (readonly [bytes: Buffer, first: number, payload: number])[] = [
  [connect({ clientId: 'x'.repeat(200) }), 0x10, 0],
  [publish('lab/x', ''), 0x30, 0],
  [publish('lab/x', 'hello'), 0x30, 5],
  [publish('lab/x', 'hello', 1, 7), 0x32, 5],
  [publish('lab/x', 'hello', 2, 7, true), 0x3c, 5],
  [publish('ü'.repeat(300), 'x'.repeat(70_000), 1, 7), 0x32, 70_000],
  [PINGREQ, 0xc0, 0],
  [subscribe('lab/#'), 0x82, 0],
  [packet(0x40, Buffer.from([0, 7])), 0x40, 0],
]

t.test('each packet is told once, however its bytes go by', async (t) => {
  const whole = Buffer.concat(PACKETS.map(([bytes]) => bytes))
  for (const size of [1, 2, 3, 7, 100, 4_096, whole.length]) {
    const told: [number, number][] = []
    const walk = new PacketWalk((first, payload) => told.push([first, payload]))
    for (let at = 0; at < whole.length; at += size) walk.pass(whole.subarray(at, at + size))
    t.strictSame(
      told,
      PACKETS.map(([, first, payload]) => [first, payload]),
      `in pieces of ${size}`,
    )
  }
})

t.test('topics and payloads may go by as text', async (t) => {
  const told: [number, number][] = []
  const walk = new PacketWalk((first, payload) => told.push([first, payload]))
  const bytes = publish('grün', 'Käse', 1, 7)
  walk.pass(bytes.subarray(0, 4))
  walk.pass('grün')
  walk.pass(bytes.subarray(9, 11))
  walk.pass('Käse')
  walk.pass(PINGREQ)
  t.strictSame(told, [
    [0x32, 5],
    [0xc0, 0],
  ])
})
