/** The connections of a device, packet by packet: it comes back for ever, and says again what nobody acknowledged. */
import t from 'tap'
import { Connection, type ConnectionOptions } from '../../sim/connection.js'
import { createRandom } from '../../sim/random.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { arrive, MqttPeer } from '../support/mqtt-peer.js'

const START = Date.UTC(2026, 5, 1)
const topic = 'kaiser/god/esp/MOCK_1/actuator/5/status'
const status = (n: number) => ({ topic, payload: `{"n":${n}}`, qos: 1 as const, retain: false })

function wired(options: Partial<ConnectionOptions> = {}) {
  const peer = new MqttPeer()
  const clock = createSteppedClock(START)
  const told: string[] = []
  const connection = new Connection({
    client_id: 'MOCK_1',
    connect: peer.connect,
    login: () => ({ username: 'MOCK_1', password: 'secret' }),
    will: () => ({ topic: 'kaiser/god/esp/MOCK_1/system/will', payload: '{}', qos: 1, retain: true }),
    filters: ['a', 'b'],
    buffer: 4_096,
    clock,
    random: createRandom(1),
    ...options,
    events: {
      up: () => told.push('up'),
      down: () => told.push('down'),
      heard: (heard, payload) => told.push(`heard ${heard} ${payload}`),
      trouble: (what, detail) => told.push(`${what} ${detail}`),
    },
  })
  return { peer, clock, told, connection }
}

t.test('it logs in, leaves its Will, subscribes, and is up', async (t) => {
  const { peer, connection, told } = wired()
  connection.open()
  connection.open()
  await arrive()
  t.match(peer.connects, [
    {
      clientId: 'MOCK_1',
      username: 'MOCK_1',
      clean: true,
      keepalive: 60,
      will: { topic: 'kaiser/god/esp/MOCK_1/system/will', qos: 1, retain: true },
    },
  ])
  t.equal(String(peer.connects[0]!.password), 'secret')
  t.strictSame(told, ['up'])
  t.ok(connection.up)
  await connection.close()
  t.equal(peer.packets.at(-1)?.cmd, 'disconnect')
  t.strictSame(told, ['up', 'down'])
})

t.test('where nobody is it tries for ever, after 1 s at first and 30 s at most', async (t) => {
  const { peer, connection, clock, told } = wired()
  peer.gone = true
  connection.open()
  const waits: number[] = []
  for (let n = 0; n < 12; n++) {
    const due = clock.next()!
    waits.push(due - clock.now())
    clock.moveTo(due)
  }
  t.equal(told.length, 13)
  waits.forEach((wait, n) => {
    const longest = Math.min(30_000, 2_000 * 2 ** n)
    t.ok(wait >= longest / 2 && wait <= longest, `${n}: ${wait}`)
  })
  peer.gone = false
  clock.moveTo(clock.next()!)
  await arrive()
  t.ok(connection.up)
  connection.cut()
})

t.test('a line that breaks is mended, and what was not acknowledged is said again', async (t) => {
  const { peer, connection, clock, told } = wired()
  connection.open()
  await arrive()
  peer.deviates = ({ cmd }) => cmd === 'publish'
  connection.publish(status(1))
  await arrive()
  peer.drop()
  await arrive()
  t.equal(connection.up, false)
  t.ok(connection.publish(status(2)), 'it waits')
  peer.deviates = () => false
  clock.step(2_000)
  await arrive()
  t.strictSame(
    peer.said.map(({ text }) => text),
    ['{"n":1}', '{"n":1}', '{"n":2}'],
  )
  t.strictSame(told, ['up', 'down', 'up'])
  clock.step(2_000)
  await arrive()
  t.equal(peer.said.length, 3)
  connection.cut()
})

t.test('a refused login is told, and tried again', async (t) => {
  const { peer, connection, clock, told } = wired()
  peer.deviates = ({ cmd }) => {
    if (cmd === 'connect') peer.send({ cmd: 'connack', returnCode: 5, sessionPresent: false })
    return cmd === 'connect'
  }
  connection.open()
  await arrive()
  t.strictSame(told, ['connection_refused CONNACK 5'])
  peer.deviates = () => false
  clock.step(2_000)
  await arrive()
  t.ok(connection.up)
  connection.cut()
})

t.test('a refused subscription is told and tried again; the others work', async (t) => {
  const { peer, connection, clock, told } = wired()
  peer.deviates = (packet) => {
    if (packet.cmd !== 'subscribe') return false
    const granted = packet.subscriptions.map((one) => (one.topic === 'b' ? 128 : 1))
    peer.send({ cmd: 'suback', messageId: packet.messageId!, granted } as never)
    return true
  }
  connection.open()
  await arrive()
  t.strictSame(told, ['subscription_refused b', 'up'])
  peer.deviates = () => false
  clock.step(30_000)
  await arrive()
  const asked = peer.packets.flatMap((packet) => (packet.cmd === 'subscribe' ? [packet.subscriptions] : []))
  t.match(asked, [[{ topic: 'a' }, { topic: 'b' }], [{ topic: 'b' }]])
  t.equal(told.length, 2)
  connection.cut()
})

t.test('it asks whether somebody is there, and goes where nobody answers', async (t) => {
  const { peer, connection, clock, told } = wired()
  connection.open()
  await arrive()
  for (let n = 0; n < 10; n++) {
    clock.step(30_000)
    await arrive()
  }
  t.ok(connection.up)
  t.ok(peer.packets.filter(({ cmd }) => cmd === 'pingreq').length >= 4)
  peer.deviates = ({ cmd }) => cmd === 'pingreq'
  for (let n = 0; n < 3; n++) {
    clock.step(30_000)
    await arrive()
  }
  t.ok(told.includes('down'))
  t.match(told.join(), /nobody answers/)
  connection.cut()
})

t.test('who accepts and says nothing is left after 30 s', async (t) => {
  const { peer, connection, clock, told } = wired()
  peer.deviates = () => true
  connection.open()
  await arrive()
  clock.step(30_000)
  await arrive()
  t.strictSame(told, ['unreachable nobody answers'])
  t.equal(connection.up, false)
  connection.cut()
})

t.test('a packet larger than its buffer is lost without a word, and what follows is heard', async (t) => {
  const { peer, connection, told } = wired({ buffer: 128 })
  connection.open()
  await arrive()
  peer.tell('a', 'x'.repeat(5_000))
  peer.tell('a', 'small')
  await arrive()
  t.match(told, ['up', /^packet_too_large 50\d\d bytes$/, 'heard a small'])
  t.strictSame(
    peer.packets.flatMap((packet) => (packet.cmd === 'puback' ? [packet.messageId] : [])),
    [2],
  )
  connection.cut()
})

t.test(
  'bytes that come one by one are the same packets; bytes that are none end the connection',
  async (t) => {
    const { peer, connection, told } = wired()
    connection.open()
    await arrive()
    const packet = Buffer.concat([Buffer.from([0x30, 6, 0, 1]), Buffer.from('a'), Buffer.from('one')])
    for (const byte of [...packet, ...packet]) {
      peer.write(Buffer.from([byte]))
      await arrive(2)
    }
    await arrive()
    t.strictSame(told, ['up', 'heard a one', 'heard a one'])
    peer.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))
    await arrive()
    t.ok(told.includes('down'))
    connection.cut()
  },
)
