/** What mocks measure arrives as what it is: every type of sensor, in its unit and as its sensor's own number. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { MockSensor } from '../../routing/contract/mock.js'
import { computeds } from '../../routing/sensors/computed.js'
import { convert } from '../../routing/sensors/convert.js'
import { sensorTypes } from '../../routing/sensors/library.js'
import { completeSensor } from '../../sim/patterns/index.js'
import { createSteppedClock } from '../../sim/stepped-clock.js'
import { directory, openApp } from '../support/app.js'
import { illMock } from '../support/ill-mock.js'
import { made, mockIn, thermometer, wiredMock } from '../support/mock.js'
import { until } from '../support/until.js'

const PLAIN = { calibration: null, params: {}, temperature: null }
/** Computed values are measured nowhere. */
const measured = sensorTypes.filter((type) => !computeds.includes(type))

t.test('every type comes back as it was measured, in both payloads', async (t) => {
  for (const payload of ['mock', 'native'] as const) {
    const sensors = measured.map((type, gpio) => {
      const sensor = completeSensor({ gpio, sensor_type: type.type, interval_seconds: 60 })
      if (typeof sensor === 'string') throw new Error(sensor)
      return sensor
    })
    const { app, live } = await illMock(t, { payload, sensors })
    await live(65)
    const latest = app.store.readings.latest('MOCK_001')
    t.ok(latest.length >= measured.length)
    for (const [gpio, type] of measured.entries()) {
      // The warmth of the others changes what pH, conductivity and distance mean.
      if (payload === 'native' && type.compensation) continue
      const { processed_value, unit } = latest.find((one) => one.gpio === gpio)!
      const expected = payload === 'mock' ? type.mock : convert(type, type.simulate(type.mock), PLAIN).value!
      const most = Math.max(Math.abs(type.mock) / 100, 10 ** -type.decimals)
      t.ok(Math.abs(processed_value! - expected) < 1e-6, `${payload} ${type.type}: ${processed_value}`)
      t.ok(Math.abs(processed_value! - type.mock) <= most, `${payload} ${type.type} is near ${type.mock}`)
      t.equal(unit ?? '', type.unit)
    }
  }
})

t.test('as the firmware says it: the native number, and beside it what the device makes of it', async (t) => {
  const config = made([thermometer({ base_value: 22.53 })], [], { payload: 'native' })
  const { peer } = await wiredMock(t, { config })
  const said = peer.last('sensor/4/data')
  t.match(said, { raw: 360, value: 22.53, unit: '°C', quality: 'good', time_valid: true, raw_mode: true })
  t.notOk(Object.hasOwn(said!, 'raw_value'))
})

t.test('what has no unit arrives as it is, not a hundredfold', async (t) => {
  const sensors = ['digital', 'linear', 'wind'].map((sensor_type, gpio) => {
    const sensor = completeSensor({ gpio, sensor_type, base_value: 1, interval_seconds: 1 })
    if (typeof sensor === 'string') throw new Error(sensor)
    return sensor
  })
  const { app, live } = await illMock(t, { sensors })
  await live(2)
  t.strictSame(
    app.store.readings.latest('MOCK_001').map(({ raw_value }) => raw_value),
    [1, 1, 1],
  )
})

t.test('a recorded series is played from its file', async (t) => {
  const file = join(directory(t), 'series.ndjson')
  writeFileSync(file, '{"t":0,"value":20}\n{"t":100,"value":30}\n')
  const sensor = completeSensor(
    { gpio: 4, sensor_type: 'DS18B20', variation_pattern: 'recorded', parameters: { file } },
    { files: true },
  ) as MockSensor
  const app = await openApp(t)
  const clock = createSteppedClock(Date.now())
  const mock = mockIn(t, app, {
    clock,
    config: made([sensor], []),
    readSeries: (name) => readFileSync(name, 'utf8'),
  })
  mock.start()
  await until(() => app.store.readings.latest('MOCK_001')[0]?.processed_value === 20, 'its beginning')
  t.throws(
    () => mockIn(t, app, { esp_id: 'MOCK_002', config: made([sensor], []) }),
    /parameters\.file cannot be used here/,
  )
})

t.test(
  'the same seed gives the same values, whatever else a device says; another gives others',
  async (t) => {
    const start = Date.now() - 60_000
    const sensors = ['SHT31', 'moisture'].map(
      (sensor_type, gpio) =>
        completeSensor({
          ...{ gpio, sensor_type, base_value: 40, interval_seconds: 1 },
          ...{ variation_pattern: 'noise', variation_range: 2 },
        }) as MockSensor,
    )
    const run = async (seed: number, busy: boolean) => {
      const { mock, live, rows } = await illMock(t, { start, sensors, seed })
      for (let n = 0; n < 10; n++) {
        if (busy) mock.heartbeat()
        await live(1)
      }
      return (await rows()).map(({ timestamp, raw_value }) => [timestamp, raw_value])
    }
    const first = await run(7, false)
    t.ok(first.length >= 20)
    t.strictSame(await run(7, true), first)
    t.notSame(await run(8, false), first)
  },
)
