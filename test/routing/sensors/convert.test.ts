/** Faults, signs, ranges and trust: what a number may not become. */
import t from 'tap'
import type { Quality } from '../../../routing/contract/quality.js'
import { convert, engineering, sensorTypes, settle } from '../../../routing/sensors/library.js'
import type { Calibration } from '../../../routing/sensors/sensor-type.js'
import { PLAIN, typeOf } from './built-in.js'

const calibrated = (
  coefficients: Calibration['coefficients'],
  method: Calibration['method'],
): Calibration => ({
  method,
  points: [],
  temperature: null,
  coefficients,
})

t.test('a DS18B20 that is not there is a fault, not a temperature', async (t) => {
  const type = typeOf('DS18B20')
  for (const native of [-2032, 0xf810, 4294965264])
    t.match(convert(type, native, PLAIN), { value: null, quality: 'error', reason: /−127/ })
  t.match(engineering(type, -127, null), { value: null, quality: 'error', reason: /−127/ })
  t.match(engineering(type, -127, calibrated({ offset: 3 }, 'offset')), { value: null, quality: 'error' })
})

t.test('85 °C of a DS18B20 is its power-on value: kept and suspect', async (t) => {
  const type = typeOf('ds18b20')
  t.match(convert(type, 1360, PLAIN), { value: 85, quality: 'suspect', reason: /power-on/ })
  t.match(engineering(type, 85, null), { value: 85, quality: 'suspect', reason: /power-on/ })
  const calibration = calibrated({ offset: -0.5 }, 'offset')
  t.match(convert(type, 1360, { ...PLAIN, calibration }), { value: 84.5, quality: 'suspect' })
  t.match(engineering(type, 85, calibration), { value: 84.5, quality: 'suspect' })
  t.equal(convert(type, 1359, PLAIN).quality, 'good')
  t.equal(engineering(type, 84.94, null).quality, 'good')
  t.equal(engineering(typeOf('sht31'), 85, null).quality, 'fair', 'other sensors may measure it')
})

t.test('a native number that no such sensor can have sent has no value', async (t) => {
  const faults: readonly [type: string, native: number, reason: RegExp][] = [
    ['ds18b20', 70_000, /70000 is not between -32768 and 32767/],
    ['ds18b20', 22.5, /22.5 has a fraction/],
    ['sht31_temp', -1, /not between 0 and 65535/],
    ['sht31_humidity', 65536, /not between/],
    ['sht31_humidity', 0.5, /fraction/],
    ['ph', 4096, /not between 0 and 4095/],
    ['ph', -1, /not between/],
    ['ec', 32768, /not between/],
    ['moisture', 65535, /not between/],
    ['light', -1, /not between/],
    ['digital', 2, /not between/],
    ['weight', 0x800000, /not between/],
    ['weight', 0x7fffff, /not between/],
    ['level_ultrasonic', 0, /not between/],
  ]
  for (const [type, native, reason] of faults)
    t.match(convert(typeOf(type), native, PLAIN), { value: null, quality: 'error', reason }, type)
  for (const type of sensorTypes)
    for (const native of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      t.match(convert(type, native, PLAIN), { value: null, quality: 'error' })
      t.match(engineering(type, native, null), { value: null, quality: 'error' })
    }
})

t.test('a negative that lost its sign on the way is read as what it means', async (t) => {
  t.equal(convert(typeOf('bme280_temp'), 4294967291, PLAIN).value, -5)
  t.equal(convert(typeOf('bmp280_temp'), 65531, PLAIN).value, -5)
  t.equal(convert(typeOf('water_temperature'), 0xffb0, PLAIN).value, -5)
})

t.test('zero is a value', async (t) => {
  for (const [type, native] of [
    ['ds18b20', 0],
    ['bme280_temp', 0],
    ['flow', 0],
    ['light', 0],
    ['moisture', 3200],
    ['digital', 0],
    ['linear', 0],
  ] as const) {
    const { value, quality } = convert(typeOf(type), native, PLAIN)
    t.equal(value, 0, type)
    t.not(quality, 'error')
  }
  t.ok(Object.is(convert(typeOf('linear'), -0.0001, PLAIN).value, 0), 'and has no sign')
})

t.test('outside the physical range a value is kept and critical', async (t) => {
  const outside: readonly [type: string, native: number, value: number][] = [
    ['ds18b20', 2040, 127.5],
    ['ds18b20', -900, -56.25],
    ['water_temperature', 1920, 120],
    ['sht31_temp', 65535, 130],
    ['bmp280_pressure', 250, 250],
    ['bme280_humidity', 101, 101],
    ['co2', 12_000, 12_000],
    ['co2', -5, -5],
    ['light', 200_001, 200_001],
    ['flow', 8000, 1066.67],
    ['ens160_aqi', 0, 0],
  ]
  for (const [type, native, value] of outside)
    t.match(convert(typeOf(type), native, PLAIN), { value, quality: 'critical', reason: /range of/ }, type)
  t.match(engineering(typeOf('ph'), 15.2, null), {
    value: 15.2,
    quality: 'critical',
    reason: '15.2 is outside the physical range of 0 to 14 pH',
  })
})

t.test('probes end their scale where the protocol says, and it shows', async (t) => {
  t.match(convert(typeOf('ec'), 32767, PLAIN), { value: 20_000, quality: 'critical', reason: /30300 µS\/cm/ })
  const steep = calibrated({ slope: -7, offset: 20 }, 'linear')
  t.match(convert(typeOf('ph'), 100, { ...PLAIN, calibration: steep }), { value: 14, quality: 'critical' })
  t.match(convert(typeOf('moisture'), 4000, PLAIN), { value: 0, quality: 'poor', reason: /beyond/ })
  t.match(convert(typeOf('moisture'), 1000, PLAIN), { value: 100, quality: 'poor' })
})

/** protocol.md §7.3: type, engineering value, quality. */
const TRUST: readonly [type: string, value: number, quality: Quality][] = [
  ['ds18b20', -10, 'good'],
  ['ds18b20', -10.5, 'fair'],
  ['ds18b20', 86, 'fair'],
  ['sht31_temp', 0, 'good'],
  ['sht31_temp', 65, 'good'],
  ['sht31_temp', 65.5, 'fair'],
  ['sht31_humidity', 4.9, 'poor'],
  ['sht31_humidity', 5, 'fair'],
  ['sht31_humidity', 20, 'good'],
  ['sht31_humidity', 80, 'good'],
  ['sht31_humidity', 81, 'fair'],
  ['sht31_humidity', 95.5, 'poor'],
  ['bmp280_pressure', 950, 'good'],
  ['bmp280_pressure', 949, 'fair'],
  ['bmp280_temp', -20, 'good'],
  ['bmp280_temp', -21, 'fair'],
  ['moisture', 9.9, 'poor'],
  ['moisture', 10, 'fair'],
  ['moisture', 50, 'good'],
  ['moisture', 95.1, 'poor'],
  ['co2', 399, 'excellent'],
  ['co2', 400, 'good'],
  ['co2', 1000, 'fair'],
  ['co2', 1500, 'poor'],
  ['co2', 2000, 'bad'],
  ['light', 49, 'poor'],
  ['light', 50, 'fair'],
  ['light', 200, 'good'],
  ['light', 1000, 'excellent'],
  ['light', 100_000, 'bad'],
  ['flow', 0, 'good'],
  ['flow', 0.05, 'fair'],
  ['flow', 0.5, 'good'],
  ['flow', 5, 'excellent'],
  ['flow', 15, 'good'],
  ['flow', 25, 'fair'],
  ['vpd', 1.1, 'good'],
]

t.test('a value is trusted as the protocol says', async (t) => {
  for (const [type, value, quality] of TRUST)
    t.equal(engineering(typeOf(type), value, null).quality, quality, `${type} ${value}`)
})

t.test('a probe is trusted when it is calibrated and well inside its scale', async (t) => {
  const line = calibrated({ slope: -3.5, offset: 12.25 }, 'linear')
  const ph = (native: number, calibration: Calibration | null) =>
    convert(typeOf('ph'), native, { ...PLAIN, calibration }).quality
  t.equal(ph(1861, line), 'good', 'pH 7')
  t.equal(ph(1861, null), 'fair')
  t.equal(ph(3800, line), 'fair', 'pH 1.5')
  t.equal(ph(3800, null), 'poor')
  const ec = (native: number, calibration: Calibration | null) =>
    convert(typeOf('ec'), native, { ...PLAIN, calibration }).quality
  const same = calibrated({ slope: 6060, offset: 0 }, 'linear')
  t.equal(ec(300, same), 'good')
  t.equal(ec(300, null), 'fair')
  t.equal(ec(10, same), 'fair')
  t.equal(ec(10, null), 'poor')
  t.equal(convert(typeOf('weight'), 1000, PLAIN).quality, 'poor')
})

t.test('an engineering value is left as it came, but for an offset', async (t) => {
  t.strictSame(engineering(typeOf('sht31'), 22.537, null), { value: 22.537, quality: 'good' })
  const offset = calibrated({ offset: 0.1 }, 'offset')
  t.equal(engineering(typeOf('sht31'), 22.53, offset).value, 22.63)
  t.equal(engineering(typeOf('ph'), 6.5, calibrated({ slope: 2, offset: 1 }, 'linear')).value, 6.5)
  t.equal(engineering(typeOf('sht31_humidity'), 99.5, calibrated({ offset: 2 }, 'offset')).value, 100)
})

t.test('a correction ends at saturated air; one that is far out shows', async (t) => {
  const damp = (offset: number) =>
    convert(typeOf('bme280_humidity'), 99.5, { ...PLAIN, calibration: calibrated({ offset }, 'offset') })
  t.match(damp(2), { value: 100, quality: 'poor' })
  t.match(damp(200), { value: 299.5, quality: 'critical' })
})

t.test('a calibration that is broken gives no value', async (t) => {
  const broken: readonly [type: string, native: number, calibration: Calibration][] = [
    ['ph', 2000, calibrated({}, 'linear')],
    ['ph', 2000, calibrated({ slope: Number.NaN, offset: 1 }, 'linear')],
    ['moisture', 2000, calibrated({ dry_value: 1500, wet_value: 1500 }, 'dry_wet')],
    ['ds18b20', 200, calibrated({ offset: Number.POSITIVE_INFINITY }, 'offset')],
    ['flow', 200, calibrated({ factor: Number.NaN }, 'factor')],
  ]
  for (const [type, native, calibration] of broken)
    t.match(convert(typeOf(type), native, { ...PLAIN, calibration }), { value: null, quality: 'error' }, type)
})

t.test('what a user’s module made is rounded and checked like all else', async (t) => {
  const type = typeOf('sht31')
  t.strictSame(settle(type, { value: 21.26, quality: 'fair' }), { value: 21.3, quality: 'fair' })
  t.match(settle(type, { value: 500, quality: 'good' }), { value: 500, quality: 'critical' })
  t.match(settle(type, { value: Number.NaN, quality: 'good' }), { value: null, quality: 'error' })
  t.match(settle(type, { value: null, quality: 'good' }), { value: null, quality: 'error' })
})
