/**
 * Storage fails, the house goes on: an outsider holds the write lock of a whole kaiser's database while real
 * devices talk to it. Nothing is lost, nothing is stored twice, and only acknowledgements wait.
 */
import t from 'tap'
import { connectDevice } from './storage/device.js'
import {
  data,
  dataTopic,
  heartbeat,
  heartbeatTopic,
  longestStall,
  systemEvents,
  watch,
} from './storage/greenhouse.js'
import { outsider, until } from './storage/open.js'
import { openApp } from './support/app.js'

const ESP = 'ESP_12AB34CD'
const STORED = 'SELECT seq FROM sensor_data ORDER BY seq'
const seqs = (...numbers: number[]): { seq: number }[] => numbers.map((seq) => ({ seq }))

t.test('while somebody else holds the lock only acknowledgements wait', async (t) => {
  const app = await openApp(t)
  const events = await watch(t, app)
  const device = await connectDevice(t, app.mqttPort, ESP)
  const stranger = await connectDevice(t, app.mqttPort, 'stranger')
  device.subscribe(`${heartbeatTopic(ESP)}/ack`)
  device.publish(1, dataTopic(ESP), data(ESP, 1))
  await until(() => device.acknowledged.length === 1)

  const other = outsider(t, `${app.dir}/kaiser.db`)
  const stall = longestStall()
  other.exec('BEGIN IMMEDIATE')
  device.publish(2, dataTopic(ESP), data(ESP, 2))
  device.publish(3, dataTopic(ESP), data(ESP, 3))
  const readings = () => events.filter(({ type }) => type === 'sensor_data')
  await until(() => readings().length === 3)
  t.match(readings().slice(1), [
    { data: { stored: false, raw_value: 2 } },
    { data: { stored: false, raw_value: 3 } },
  ])
  t.strictSame(systemEvents(events), ['storage_failing'])

  stranger.publish(9, dataTopic(ESP), 'not JSON')
  await until(() => stranger.acknowledged.length === 1, 'a refusal to be acknowledged')
  for (let beat = 1; beat <= 3; beat++) {
    device.publish(10 + beat, heartbeatTopic(ESP), heartbeat(beat))
    await until(() => device.received.length === beat, 'the answer to a heartbeat')
  }
  t.equal(device.received[0]?.payload.ack_type, 'heartbeat')
  await until(() => systemEvents(events).includes('breaker_open'))
  t.strictSame(device.acknowledged, [1], 'what is not stored is not acknowledged')
  t.equal((await fetch(`${app.origin}/api/v1/health`)).status, 200)
  t.ok(stall() < 1_000, 'the event loop did not wait for the lock')

  other.exec('COMMIT')
  await until(() => device.acknowledged.length === 6)
  t.strictSame(device.acknowledged, [1, 2, 3, 11, 12, 13], 'in the order they came')
  await until(() => systemEvents(events).includes('storage_recovered'))
  t.strictSame(systemEvents(events), [
    'storage_failing',
    'breaker_open',
    'breaker_closed',
    'storage_recovered',
  ])
  t.strictSame(other.prepare(STORED).all(), seqs(1, 2, 3))
  t.strictSame(other.prepare('SELECT code FROM rejects').all(), [{ code: 'payload_not_json' }])
  t.equal(readings().length, 3, 'each was shown once')
  t.match(app.stats.codes(), { storage_unavailable: 2, payload_not_json: 1 })
})

t.test('who has waited long enough is cut off, sends again, and is stored once', async (t) => {
  const app = await openApp(t, { hold: 600 })
  const first = await connectDevice(t, app.mqttPort, ESP)
  first.publish(1, dataTopic(ESP), data(ESP, 1))
  await until(() => first.acknowledged.length === 1)

  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  first.publish(2, dataTopic(ESP), data(ESP, 2))
  first.publish(3, dataTopic(ESP), data(ESP, 3))
  await until(() => first.closed, 'the connection to be closed')
  t.strictSame(first.acknowledged, [1])

  const second = await connectDevice(t, app.mqttPort, ESP)
  second.publish(2, dataTopic(ESP), data(ESP, 2), { dup: true })
  second.publish(3, dataTopic(ESP), data(ESP, 3))
  // Its answer shows that both have been handled, and wait.
  second.subscribe(`${heartbeatTopic(ESP)}/ack`)
  second.publish(4, heartbeatTopic(ESP), heartbeat(1))
  await until(() => second.received.length === 1)
  other.exec('COMMIT')
  await until(() => second.acknowledged.length === 3 || second.closed)
  if (second.closed) {
    const third = await connectDevice(t, app.mqttPort, ESP)
    third.publish(2, dataTopic(ESP), data(ESP, 2), { dup: true })
    third.publish(3, dataTopic(ESP), data(ESP, 3), { dup: true })
    await until(() => third.acknowledged.length === 2)
  }
  t.strictSame(other.prepare(STORED).all(), seqs(1, 2, 3))
  t.ok(app.stats.subscriber().duplicates >= 2)
})

t.test('when too many wait, QoS 0 is dropped and counted, and QoS 1 is cut off to send again', async (t) => {
  const app = await openApp(t, { backlog: 10 })
  const device = await connectDevice(t, app.mqttPort, ESP)
  device.publish(1, dataTopic(ESP), data(ESP, 1))
  await until(() => device.acknowledged.length === 1)

  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  for (let n = 2; n <= 16; n++) device.publish(0, dataTopic(ESP), data(ESP, n), { qos: 0 })
  await until(() => app.stats.codes().backlog_full === 5)
  t.notOk(device.closed, 'QoS 0 promises nothing')
  device.publish(20, dataTopic(ESP), data(ESP, 20))
  await until(() => device.closed)
  t.equal(app.stats.codes().backlog_full, 6)

  other.exec('COMMIT')
  await until(() => app.store.group.waiting === 0)
  t.strictSame(
    other.prepare(STORED).all(),
    seqs(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
    'what was queued is written when storage returns',
  )
  const again = await connectDevice(t, app.mqttPort, ESP)
  again.publish(20, dataTopic(ESP), data(ESP, 20), { dup: true })
  await until(() => again.acknowledged.length === 1)
  t.strictSame(other.prepare('SELECT count(*) AS n FROM sensor_data WHERE seq = 20').all(), [{ n: 1 }])
})

t.test('kaiser stops in good time although storage fails', async (t) => {
  const app = await openApp(t)
  const device = await connectDevice(t, app.mqttPort, ESP)
  device.publish(1, dataTopic(ESP), data(ESP, 1))
  await until(() => device.acknowledged.length === 1)
  const other = outsider(t, `${app.dir}/kaiser.db`)
  other.exec('BEGIN IMMEDIATE')
  device.publish(2, dataTopic(ESP), data(ESP, 2))
  await until(() => app.store.group.waiting === 1)
  await app.close()
  t.strictSame(device.acknowledged, [1], 'what was not stored was not acknowledged')
  other.exec('COMMIT')
  t.strictSame(other.prepare(STORED).all(), seqs(1))
})
