/** What is filled in of a mock's sensor when it is made, and what is refused in which words. */
import t from 'tap'
import type { MockSensor } from '../../routing/contract/mock.js'
import { completeSensor, PATTERN_NAMES, type SensorWish, startCourse } from '../../sim/patterns/index.js'
import { readSeries } from '../../sim/patterns/recorded.js'
import { createRandom } from '../../sim/random.js'
import { createWorld } from '../../sim/world.js'

const AT = Date.UTC(2026, 5, 1)

type Wish = Partial<SensorWish>
const whole = (wish: Wish): MockSensor => {
  const sensor = completeSensor({ gpio: 4, sensor_type: 'DS18B20', ...wish })
  if (typeof sensor === 'string') throw new Error(sensor)
  return sensor
}
const refusal = (wish: Wish): unknown => completeSensor({ gpio: 4, sensor_type: 'DS18B20', ...wish })

t.test(
  'a recorded series comes from a file of lines or of one array, and what is wrong in it is named',
  async (t) => {
    t.strictSame(
      readSeries('{"t":0,"value":1}\n\n{"t":2,"value":3}\n'),
      readSeries('[{"t":0,"value":1},{"t":2,"value":3}]'),
    )
    t.throws(() => readSeries('{"t":0,"value":1}\n{"t":2,"val'), { message: 'line 2 is not JSON' })
    t.throws(() => readSeries('{"t":0,"value":1}\n{"t":0,"value":1}'), /series\.1\.t must be later/)
    t.throws(() => readSeries('{"t":0}'), /series\.0\.value/)
    t.throws(() => readSeries(''), /series/)
    const wish = {
      gpio: 4,
      sensor_type: 'DS18B20',
      variation_pattern: 'recorded',
      parameters: { file: 'x.ndjson' },
    }
    t.equal(completeSensor(wish), 'parameters.file cannot be used here; use parameters.series')
    const file = completeSensor(wish, { files: true }) as MockSensor
    const around = { random: createRandom(1), world: createWorld() }
    t.throws(() => startCourse(file, around), /parameters\.file cannot be used here/)
    t.equal(startCourse(file, { ...around, readSeries: () => '[{"t":0,"value":7}]' }).value(AT), 7)
  },
)

t.test('what is left out is filled in: the registry’s unit, limits, a value of the type', async (t) => {
  const plain = whole({ base_value: 21 })
  t.match(plain, {
    unit: '°C',
    raw_value: 21,
    min_value: 11,
    max_value: 31,
    interval_seconds: 30,
    raw_mode: true,
  })
  t.equal(whole({ sensor_type: 'pH' }).base_value, 6.2)
  t.equal(whole({ base_value: 0 }).base_value, 0, 'zero is a value')
  t.equal(whole({ raw_value: 0 }).base_value, 0)
  t.equal(whole({ unit: '°F' }).unit, '°F')
  t.match(whole({ sensor_type: 'light', variation_pattern: 'day' }), { min_value: 0, max_value: 200_000 })
  t.match(whole({ sensor_type: 'wind', variation_pattern: 'noise' }), { unit: '', min_value: -1e9 })
  t.equal(whole({ name: null, parameters: null } as never).name, undefined)
})

t.test('what cannot be is refused with the field and what is allowed', async (t) => {
  t.equal(
    refusal({ variation_pattern: 'wobble' }),
    `variation_pattern "wobble" is not known; it is one of ${PATTERN_NAMES.join(', ')}`,
  )
  t.equal(refusal({ min_value: 30, max_value: 20 }), 'min_value 30 is above max_value 20')
  t.match(refusal({ interval_seconds: 0 }), /^interval_seconds must be >= 1 \(it is 0\)$/)
  t.match(refusal({ variation_range: -1 }), /^variation_range must be >= 0/)
  t.match(refusal({ gpio: 300 }), /^gpio must be <= 255/)
  t.match(refusal({ quality: 'super' as never }), /^quality must be one of .*good/)
  t.match(refusal({ base_value: Number.NaN }), /^base_value must be number/)
  t.equal(
    refusal({ variation_pattern: 'step', parameters: { hold: 3 } }),
    'parameters.hold is not known; allowed are values, hold_seconds',
  )
  t.equal(refusal({ parameters: { speed: 3 } }), 'parameters.speed is not known; there are none')
  t.match(
    refusal({ variation_pattern: 'step', parameters: { hold_seconds: 0 } }),
    /^parameters\.hold_seconds must be >= 0\.1/,
  )
  t.match(
    refusal({ variation_pattern: 'day', parameters: { latitude: 100 } }),
    /^parameters\.latitude must be <= 90/,
  )
  t.match(
    refusal({ variation_pattern: 'day', parameters: { of: 'moon' } }),
    /^parameters\.of must be one of sun, temperature/,
  )
  t.match(refusal({ sensor_type: 'air_pressure', variation_pattern: 'linked' }), /^parameters\.to is missing/)
  t.match(
    refusal({ variation_pattern: 'linked', parameters: { to: 'mood' } }),
    /^parameters\.to must be one of temperature/,
  )
  t.equal(
    refusal({ variation_pattern: 'recorded' }),
    'parameters.series or parameters.file is needed, one of them',
  )
  t.match(
    refusal({
      variation_pattern: 'recorded',
      parameters: {
        series: [
          { t: 1, value: 1 },
          { t: 1, value: 2 },
        ],
      },
    }),
    /^parameters\.series\.1\.t must be later/,
  )
})
