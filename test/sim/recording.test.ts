/** Recordings as files: what is written is read, however the file ends, and what is no recording is refused. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { createClock } from '../../sim/clock.js'
import { createRandom } from '../../sim/random.js'
import type { Recorded } from '../../sim/recording/format.js'
import { lookThrough } from '../../sim/recording/overview.js'
import { RecordingError, readRecording } from '../../sim/recording/reader.js'
import { shiftTimes } from '../../sim/recording/time-shift.js'
import { whoSaid } from '../../sim/recording/who-said.js'
import { openWriter } from '../../sim/recording/writer.js'
import { directory, type Teardown } from '../support/app.js'

const STARTED = Date.UTC(2026, 5, 1, 12)

const said = (n: number): Omit<Recorded, 't'> => ({
  topic: `kaiser/god/esp/ESP_${n % 3}/sensor/4/data`,
  payload:
    n % 10 === 3 ? Buffer.from([0xff, 0x00, n & 255]) : Buffer.from(`{"ts":1735818000,"n":${n},"°":"ü\n"}`),
  qos: n % 2 === 0 ? 1 : 0,
  retain: n % 7 === 0,
})

async function written(t: Teardown, count: number): Promise<string> {
  const file = join(directory(t), 'r.ndjson.gz')
  let time = 0
  const writer = await openWriter({
    ...{ file, topics: ['kaiser/#'], force: false },
    clock: createClock(() => STARTED),
    monotonic: () => time,
    failed: () => {},
  })
  for (let n = 0; n < count; n++) {
    time = n * 100
    writer.write(said(n))
  }
  await writer.close()
  return file
}

async function all(file: string) {
  const reader = readRecording(file)
  const messages: Recorded[] = []
  for await (const message of reader) messages.push(message)
  return { messages, damage: reader.damage, header: reader.header }
}

t.test('what is written is read: text, bytes, QoS, retain, and when', async (t) => {
  const { messages, damage, header } = await all(await written(t, 50))
  t.equal(damage, undefined)
  t.match(header, { started_at: STARTED, topics: ['kaiser/#'] })
  t.strictSame(
    messages,
    Array.from({ length: 50 }, (_, n) => ({ t: n * 100, ...said(n) })),
  )
})

t.test('unpacked it is NDJSON that people read, and that is read as well', async (t) => {
  const file = await written(t, 5)
  const text = gunzipSync(readFileSync(file)).toString()
  t.match(text.split('\n')[0], '{"format":"kaiser-recording","version":1,"started_at":')
  t.equal(
    text.split('\n')[1],
    JSON.stringify({ t: 0, topic: said(0).topic, payload: said(0).payload.toString(), qos: 1, retain: true }),
  )
  writeFileSync(file, text)
  const { messages, damage } = await all(file)
  t.equal(messages.length, 5)
  t.equal(damage, undefined)
})

t.test('cut off anywhere, it gives what is whole, in order, and says so', async (t) => {
  const file = await written(t, 200)
  const whole = readFileSync(file)
  const random = createRandom(7)
  let most = 0
  for (const end of [
    ...Array.from({ length: 60 }, () => 60 + Math.floor(random() * (whole.length - 90))),
    whole.length - 12,
  ]) {
    writeFileSync(file, whole.subarray(0, end))
    const { messages, damage } = await all(file).catch((error) => {
      if (error instanceof RecordingError) return { messages: [], damage: 'it is cut off' }
      throw error
    })
    t.equal(damage, 'it is cut off', `${end} of ${whole.length} bytes`)
    for (const [n, message] of messages.entries())
      if (message.t !== n * 100) t.fail(`message ${n} of ${end} bytes`)
    most = Math.max(most, messages.length)
  }
  t.ok(most > 100, `up to ${most} messages`)
})

t.test('damaged in the middle, it gives what comes before, and says so', async (t) => {
  const file = await written(t, 2_000)
  const bytes = readFileSync(file)
  const middle = bytes.length >> 1
  bytes.fill(0xa5, middle, middle + 64)
  writeFileSync(file, bytes)
  const { messages, damage } = await all(file)
  t.match(damage, /^it is (damaged \(.+\)|cut off)$/)
  t.ok(messages.length < 2_000)
})

t.test('what is no recording is refused with a sentence', async (t) => {
  const file = join(directory(t), 'x')
  const no = /x is no recording of kaiser$/
  const cases: [content: string | Buffer, message: RegExp][] = [
    ['', no],
    ['hello\n', no],
    ['{"t":1,"topic":"a","payload":"","qos":0,"retain":false}\n', no],
    ['{"format":"something","version":1,"started_at":0,"topics":[]}\n', no],
    [Buffer.from([0x1f, 0x8b, 1, 2, 3]), no],
    [gzipSync('hello\n'), no],
    [Buffer.alloc(100_000, 0xff), no],
    ['{"format":"kaiser-recording","version":2,"started_at":0,"topics":[]}\n', /newer kaiser \(version 2\)/],
  ]
  for (const [content, message] of cases) {
    writeFileSync(file, content)
    await t.rejects(all(file), { name: 'RecordingError', message })
  }
  await t.rejects(all(`${file}.missing`), { code: 'ENOENT' })
})

t.test('a file that exists is not written over', async (t) => {
  const file = join(directory(t), 'r')
  writeFileSync(file, 'mine')
  const options = { clock: createClock(Date.now), monotonic: () => 0, failed: () => {}, topics: [], file }
  await t.rejects(openWriter({ ...options, force: false }), { code: 'EEXIST' })
  t.equal(readFileSync(file, 'utf8'), 'mine')
})

t.test(
  'devices and people on topics of their own are played; servers and what devices obey are not',
  async (t) => {
    t.match(whoSaid('kaiser/god/esp/ESP_1/sensor/4/data'), {
      kind: 'device',
      esp_id: 'ESP_1',
      kaiser_id: 'god',
    })
    t.match(whoSaid('kaiser/k2/esp/ESP_1/system/will'), { kind: 'device', esp_id: 'ESP_1', kaiser_id: 'k2' })
    t.match(whoSaid('home/door'), { kind: 'somebody' })
    for (const topic of [
      'kaiser/god/esp/ESP_1/actuator/5/command',
      'kaiser/god/esp/ESP_1/actuator/05/command',
      'kaiser/god/esp/ESP_1/actuator/emergency',
      'kaiser/god/esp/ESP_1/config',
      'kaiser/god/esp/ESP_1/config/sensor/4',
      'kaiser/god/esp/ESP_1/system/command',
      'kaiser/god/esp/ESP_1/system/heartbeat/ack',
      'kaiser/god/esp/ESP_1/mqtt/auth_update',
      'kaiser/god/server/status',
      'kaiser/god/event/sensor_data',
      'kaiser/broadcast/emergency',
      '$SYS/broker/uptime',
    ])
      t.equal(whoSaid(topic).kind, 'left_out', topic)
  },
)

t.test('what is in it is known before it is played', async (t) => {
  const file = await written(t, 50)
  t.match(await lookThrough(file, []), {
    ...{ started_at: STARTED, lasts: 4_900, messages: 50, left_out: 0, others: false },
    devices: ['ESP_0', 'ESP_1', 'ESP_2'],
    kaiser_id: 'god',
    damage: undefined,
  })
  t.match(await lookThrough(file, ['kaiser/+/esp/ESP_1/#']), { messages: 17, devices: ['ESP_1'] })
})

t.test('times are moved in seconds and milliseconds, and nothing else is touched', async (t) => {
  const shifted = (text: string, ms: number): string => shiftTimes(Buffer.from(text), ms).toString()
  t.equal(
    shifted(
      '{"ts": 1735818000, "value":22.50,"readings":[{"ts":1735818000123},{"timestamp":1735818000}]}',
      3_600_000,
    ),
    '{"ts": 1735821600, "value":22.50,"readings":[{"ts":1735821600123},{"timestamp":1735821600}]}',
  )
  for (const text of [
    '{"ts":0}',
    '{"uptime":1735818000}',
    '{"ts":"1735818000"}',
    'no json 1735818000',
    '{"ts":null}',
  ])
    t.equal(shifted(text, 5_000), text)
})
