import t from 'tap'
import type { Packet } from '../../broker/redis/packet.js'
import { createSpool } from '../../broker/redis/spool.js'

const message = (topic: string, payload = 'x'): Packet => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
})
const topics = (packets: readonly Packet[]): string[] => packets.map(({ topic }) => topic)

t.test('what devices obey is not kept longer than it is good for', async (t) => {
  let now = 0
  const spool = createSpool({ messages: 100, bytes: 10_000 }, () => now)
  const device = 'kaiser/god/esp/ESP_1'
  const stale = [
    ...['actuator/5/command', 'sensor/5/command', 'system/command', 'config', 'config/sensor/5'],
    ...['actuator/emergency', 'zone/assign'],
  ]
  const lasting = ['sensor/5/data', 'zone/ack']
  for (const topic of [...stale, ...lasting]) spool.push(message(`${device}/${topic}`))
  now = 29_999
  spool.push(message(`${device}/actuator/6/command`))
  t.equal(spool.size, 10)
  now = 30_000
  t.strictSame(
    topics(spool.take().packets),
    [...lasting, 'actuator/6/command'].map((topic) => `${device}/${topic}`),
  )
  t.equal(spool.dropped, stale.length)
  t.equal(spool.size, 0)
})

t.test('the oldest make room, in number and in bytes, and are counted', async (t) => {
  const few = createSpool({ messages: 3, bytes: 10_000 }, () => 0)
  for (const topic of ['a', 'b', 'c', 'd', 'e']) few.push(message(topic))
  t.strictSame(topics(few.take().packets), ['c', 'd', 'e'])
  t.equal(few.dropped, 2)
  const small = createSpool({ messages: 100, bytes: 1_000 }, () => 0)
  for (const topic of ['a', 'b', 'c']) small.push(message(topic, 'x'.repeat(400)))
  t.strictSame(topics(small.take().packets), ['b', 'c'])
})

t.test('what could not be sent comes first the next time', async (t) => {
  const spool = createSpool({ messages: 1_000, bytes: 100_000 }, () => 0)
  for (let n = 0; n < 300; n++) spool.push(message(String(n)))
  const page = spool.take()
  t.equal(page.packets.length, 200)
  page.giveBack()
  t.strictSame(topics(spool.take().packets), topics(page.packets))
  t.equal(spool.take().packets.length, 100)
})
