/** Many readings in one message: each is a reading of its own, and a bad one is named. */
import t from 'tap'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW } from '../../support/samples.js'

const batch = (sensors: object[], more: object = {}) => ({
  topic: `kaiser/god/esp/${DEVICE}/sensor/batch`,
  payload: JSON.stringify({ ts: 1735818000, esp_id: DEVICE, sensors, ...more }),
})
const air = { gpio: 4, sensor_type: 'ds18b20', value: 21.5, unit: '°C', quality: 'good' }

t.test('each item is stored as an engineering value, in the time of the message', async (t) => {
  const { receive, rows } = await inStore(t)
  const { code, effects } = await receive(
    batch([
      air,
      { gpio: 34, sensor_type: 'moisture', value: 0, unit: '%' },
      { ...air, gpio: 5, ts: 1735818005 },
    ]),
  )
  t.equal(code, 'processed')
  t.match(
    rows(
      'SELECT gpio, sensor_type, raw_value, processed_value, processing_mode, timestamp FROM sensor_data ORDER BY gpio',
    ),
    [
      { gpio: 4, raw_value: 21.5, processed_value: 21.5, processing_mode: 'local', timestamp: 1735818000000 },
      { gpio: 5, timestamp: 1735818005000 },
      { gpio: 34, sensor_type: 'moisture', raw_value: 0, processed_value: 0 },
    ],
  )
  t.equal(effects.filter(({ kind }) => kind === 'evaluate').length, 3)
})

t.test('a batch that arrives twice is stored once', async (t) => {
  const { receive, rows, stats } = await inStore(t)
  for (let n = 0; n < 2; n++) await receive(batch([air, { ...air, gpio: 5 }]))
  t.equal(rows('SELECT * FROM sensor_data').length, 2)
  t.equal(stats.subscriber().duplicates, 2)
})

t.test('native numbers in a batch are converted', async (t) => {
  const { receive, rows } = await inStore(t)
  await receive(batch([{ gpio: 4, sensor_type: 'ds18b20', raw: 400, raw_mode: true }]))
  t.match(rows('SELECT raw_value, processed_value, processing_mode FROM sensor_data'), [
    { raw_value: 400, processed_value: 25, processing_mode: 'pi_enhanced' },
  ])
})

const bad: [string, object[] | unknown, RegExp][] = [
  ['no list', undefined, /sensors/],
  ['an empty list', [], /sensors/],
  ['a list of numbers', [1], /sensors.0/],
  ['101 items', Array.from({ length: 101 }, (_, gpio) => ({ ...air, gpio })), /sensors/],
  ['an item without gpio', [air, { sensor_type: 'ph', value: 1 }], /sensors.1.*gpio/],
  [
    'an item without a value',
    [air, { gpio: 5, sensor_type: 'ph' }],
    /sensors.1: raw or raw_value is required/,
  ],
  ['a value as text', [{ ...air, value: '21' }], /sensors.0.value/],
  ['a gpio over 255', [{ ...air, gpio: 256 }], /sensors.0.gpio/],
]
for (const [name, sensors, detail] of bad)
  t.test(`${name} is refused as a whole and named`, async (t) => {
    const { receive, rows } = await inStore(t)
    const { code } = await receive(batch(sensors as object[]))
    t.equal(code, 'payload_invalid')
    t.match(rows('SELECT detail FROM rejects'), [{ detail }])
    t.strictSame(rows('SELECT * FROM sensor_data'), [])
  })

t.test('a device has 128 sensors at most; what it already has goes on', async (t) => {
  const { receive, rows, stats, findings } = await inStore(t)
  const many = Array.from({ length: 100 }, (_, gpio) => ({ ...air, gpio }))
  await receive(batch(many))
  const over = await receive(
    batch(
      many.map((item) => ({ ...item, gpio: item.gpio + 100 })),
      { ts: NOW },
    ),
  )
  t.equal(over.code, 'sensors_full')
  t.equal(rows('SELECT DISTINCT gpio FROM sensor_data').length, 128, 'those that fit are kept')
  t.match(rows('SELECT code, detail FROM rejects'), [
    { code: 'sensors_full', detail: /has 128 sensors; ds18b20 on gpio 199/ },
  ])
  t.match(findings.list(DEVICE), [{ kind: 'sensors_full', count: 72 }])
  t.match(stats.subscriber().codes, { sensors_full: 1 })
  t.equal((await receive(batch([{ ...air, ts: NOW + 1000 }]))).code, 'processed')
})
