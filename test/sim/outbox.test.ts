/** What a device cannot say at once: eight may wait, telemetry gives way, nothing is larger than its buffer. */
import t from 'tap'
import { Outbox, type Outgoing } from '../../sim/outbox.js'

const branch = 'kaiser/god/esp/MOCK_1'
const message = (n: number, tail = 'actuator/5/status', qos: 0 | 1 = 1): Outgoing => ({
  topic: `${branch}/${tail}`,
  payload: `{"n":${n}}`,
  qos,
  retain: false,
})

t.test('eight wait, in order; the ninth is gone and counted', async (t) => {
  const outbox = new Outbox()
  const taken = Array.from({ length: 10 }, (_, n) => outbox.put(message(n), true))
  t.strictSame(taken, [...Array(8).fill(true), false, false])
  t.strictSame(outbox.counts, { fill: 8, high_water: 8, shed: 0, dropped: 2, too_large: 0 })
  t.strictSame(
    Array.from({ length: 9 }, () => outbox.next()?.payload),
    [...Array.from({ length: 8 }, (_, n) => `{"n":${n}}`), undefined],
  )
})

t.test('telemetry takes six places, and none while there is no connection', async (t) => {
  const outbox = new Outbox()
  t.equal(outbox.put(message(0, 'sensor/4/data'), false), false)
  t.equal(outbox.put(message(0), false), true)
  for (let n = 0; n < 6; n++) outbox.put(message(n, 'sensor/4/data'), true)
  t.strictSame(outbox.counts, { fill: 6, high_water: 6, shed: 2, dropped: 0, too_large: 0 })
})

t.test('what is larger than 1,024 bytes is gone, however few letters it has', async (t) => {
  const outbox = new Outbox()
  t.equal(outbox.put({ ...message(1), payload: 'x'.repeat(1_024) }, true), true)
  t.equal(outbox.put({ ...message(1), payload: 'x'.repeat(1_025) }, true), false)
  t.equal(outbox.put({ ...message(1), payload: '°'.repeat(600) }, true), false)
  t.equal(outbox.counts.too_large, 2)
})

t.test('a reading and an error have a smaller buffer, of 512 bytes', async (t) => {
  const outbox = new Outbox()
  for (const tail of ['sensor/4/data', 'system/error']) {
    t.equal(outbox.put({ ...message(1, tail), payload: 'x'.repeat(512) }, true), true, tail)
    t.equal(outbox.put({ ...message(1, tail), payload: 'x'.repeat(513) }, true), false, tail)
    t.equal(outbox.put({ ...message(1, tail), payload: '°'.repeat(300) }, true), false, `${tail}, in bytes`)
    t.equal(outbox.put({ ...message(1, tail), payload: '°'.repeat(200) }, true), true, tail)
  }
  t.equal(outbox.put({ ...message(1), payload: 'x'.repeat(513) }, true), true, 'what is neither has 1,024')
  t.equal(outbox.counts.too_large, 4)
})

t.test('what is not acknowledged is said again before anything else, at QoS 0 never', async (t) => {
  const outbox = new Outbox()
  for (let n = 0; n < 3; n++) outbox.put(message(n), true)
  outbox.put(message(3, 'system/heartbeat', 0), true)
  const sent = [outbox.next(), outbox.next(), outbox.next(), outbox.next()]
  t.strictSame(
    sent.map((one) => one!.messageId),
    [1, 2, 3, 0],
  )
  outbox.acknowledged(2)
  outbox.put(message(4), true)
  outbox.again()
  t.strictSame(
    [outbox.next(), outbox.next(), outbox.next(), outbox.next()].map((one) => one?.payload),
    ['{"n":0}', '{"n":2}', '{"n":4}', undefined],
  )
})

t.test('no more than 32 are on their way, and no packet id is used twice', async (t) => {
  const outbox = new Outbox()
  let sent = 0
  for (let n = 0; n < 40; n++) {
    outbox.put(message(n), true)
    if (outbox.next()) sent++
  }
  t.equal(sent, 32)
  for (let id = 2; id <= 32; id++) outbox.acknowledged(id)
  const ids = new Set<number>([1])
  for (let n = 0; n < 70_000; n++) {
    outbox.put(message(n), true)
    const next = outbox.next()
    if (!next) throw new Error('nothing to send')
    if (next.messageId === 1) t.fail('1 is still on its way')
    ids.add(next.messageId)
    outbox.acknowledged(next.messageId)
  }
  t.equal(ids.size, 65_535)
})
