import t from 'tap'
import { type Calibrated, calibrate } from '../../../routing/sensors/calibration.js'
import { convert, engineering, type RemoteType } from '../../../routing/sensors/library.js'
import type { Conversion } from '../../../routing/sensors/sensor-type.js'
import { storedCalibration } from '../../../routing/sensors/stored-calibration.js'
import { PLAIN, typeOf } from './built-in.js'

const made = (result: Calibrated | string): Calibrated => {
  if (typeof result === 'string') throw new Error(result)
  return JSON.parse(JSON.stringify(result)) as Calibrated
}
const shows = (word: string, native: number, { calibration }: Calibrated, more: Partial<Conversion> = {}) =>
  convert(typeOf(word), native, { ...PLAIN, ...more, calibration }).value

const PH = typeOf('ph')
/** ADC count at which the assumed amplifier shows a pH. */
const at = (ph: number): number => PH.simulate(ph)

t.test('two buffers draw the line of a pH probe', async (t) => {
  const result = made(
    calibrate(PH, [
      { raw: at(6.86), reference: 6.86 },
      { raw: at(4.01), reference: 4.01 },
    ]),
  )
  t.match(result.verdict, {
    quality: 'good',
    sentence: /^Slope \d+(\.\d)? % of the ideal, .*: the probe is good$/,
  })
  t.ok(Math.abs(result.verdict.slope_percent! - 100) < 0.2)
  t.ok(Math.abs(result.verdict.offset) < 0.01)
  t.equal(shows('ph', at(6.86), result), 6.86)
  t.equal(shows('ph', at(4.01), result), 4.01)
  t.match(result.calibration, { method: 'linear', temperature: null, coefficients: { adc_bits: 12 } })
})

t.test('a worn probe is found out by its slope, a drifted one by its offset at pH 7', async (t) => {
  /** The count of a probe whose voltage around pH 7 is only part of the ideal, and shifted. */
  const worn = (ph: number, share: number, shift = 0) => at(7 + (ph - 7) * share + shift)
  const verdict = (share: number, shift = 0) =>
    made(
      calibrate(PH, [
        { raw: worn(4.01, share, shift), reference: 4.01 },
        { raw: worn(9.18, share, shift), reference: 9.18 },
      ]),
    ).verdict
  t.equal(verdict(1).quality, 'good')
  t.match(verdict(0.92), { quality: 'fair', sentence: /clean the probe/ })
  t.match(verdict(0.8), { quality: 'replace', sentence: /replace the probe/ })
  t.ok(Math.abs(verdict(0.8).slope_percent! - 80) < 0.5)
  t.match(verdict(1, 0.5), { quality: 'fair' })
  t.ok(Math.abs(verdict(1, 0.5).offset + 0.5) < 0.01, 'what the calibration adds at pH 7')
  t.equal(verdict(1, 0.9).quality, 'replace')
})

t.test('three buffers are each exact, and between them two lines hold', async (t) => {
  const points = [
    { raw: 2900, reference: 4.01 },
    { raw: 1100, reference: 9.18 },
    { raw: 1900, reference: 7 },
  ]
  const result = made(calibrate(PH, points))
  for (const { raw, reference } of points) t.equal(shows('ph', raw, result), reference)
  t.ok(Math.abs(shows('ph', 2400, result)! - 5.505) < 0.006, 'halfway')
  t.equal(shows('ph', 1500, result), 8.09, 'halfway')
  t.match(result.verdict, { quality: 'good', offset: 0.108974 })
  const bent = made(calibrate(PH, [points[0]!, points[2]!, { raw: 1300, reference: 9.18 }]))
  t.match(bent.verdict, { quality: 'fair', sentence: /two slopes differ by 17/ })
})

t.test('one buffer shifts the ideal line', async (t) => {
  const result = made(calibrate(PH, [{ raw: at(7.2), reference: 7 }]))
  t.equal(shows('ph', at(7.2), result), 7)
  t.ok(Math.abs(shows('ph', at(4.2), result)! - 4) < 0.01)
  t.match(result.verdict, { quality: 'good', slope_percent: null, sentence: /^Offset -0\.2/ })
})

t.test('a calibration taken at another temperature is exact there, and compensated from there', async (t) => {
  const points = [
    { raw: 2750, reference: 4 },
    { raw: 1240, reference: 9.23 },
  ]
  const cold = made(calibrate(PH, points, 15))
  for (const { raw, reference } of points) {
    t.equal(shows('ph', raw, cold, { temperature: 15 }), reference)
    t.equal(shows('ph', raw, cold), reference, 'unknown is taken as then')
  }
  t.ok(shows('ph', 2750, cold, { temperature: 30 })! > 4.1)

  const ec = typeOf('ec')
  const standard = made(
    calibrate(
      ec,
      [
        { raw: 250, reference: 1413 },
        { raw: 2300, reference: 12_880 },
      ],
      20,
    ),
  )
  t.equal(shows('ec', 250, standard, { temperature: 20 }), 1413)
  t.equal(shows('ec', 2300, standard), 12_880)
  t.equal(shows('ec', 2300, standard, { temperature: 25 }), 11_592)
  t.equal(standard.verdict.quality, 'good')
})

t.test('an EC probe remembers which ADC it was calibrated on', async (t) => {
  const result = made(
    calibrate(typeOf('ec'), [
      { raw: 1600, reference: 1413 },
      { raw: 14_000, reference: 12_880 },
    ]),
  )
  t.equal(result.calibration.coefficients.adc_bits, 16)
  t.equal(shows('ec', 1600, result), 1413)
  t.equal(shows('ec', 14_000, result), 12_880)
})

t.test('soil is dry at one count and wet at another, in either direction', async (t) => {
  const soil = typeOf('moisture')
  const result = made(
    calibrate(soil, [
      { raw: 1400, reference: 100 },
      { raw: 3000, reference: 0 },
    ]),
  )
  t.equal(shows('moisture', 3000, result), 0)
  t.equal(shows('moisture', 1400, result), 100)
  t.equal(shows('moisture', 2200, result), 50)
  t.match(result.verdict, { quality: 'good', slope_percent: 94.1 })
  const resistive = made(
    calibrate(soil, [
      { raw: 200, reference: 0 },
      { raw: 2800, reference: 100 },
    ]),
  )
  t.equal(shows('moisture', 1500, resistive), 50)
  const weak = made(
    calibrate(soil, [
      { raw: 2000, reference: 0 },
      { raw: 1700, reference: 100 },
    ]),
  )
  t.equal(weak.verdict.quality, 'replace')
})

t.test('a thermometer is off by the mean of its points', async (t) => {
  const type = typeOf('ds18b20')
  const ice = made(
    calibrate(type, [
      { raw: 8, reference: 0 },
      { raw: 0xff5e, reference: -10.825 },
    ]),
  )
  t.ok(Math.abs(ice.calibration.coefficients.offset! + 0.6) < 1e-9)
  t.equal(shows('ds18b20', 168, ice), 9.9)
  t.match(ice.verdict, { quality: 'good', slope_percent: null, offset: -0.6 })
  const apart = made(
    calibrate(type, [
      { raw: 0, reference: 0 },
      { raw: 1600, reference: 97 },
    ]),
  )
  t.match(apart.verdict, { quality: 'fair', sentence: /disagree by 3/ })
  t.match(calibrate(type, [{ raw: 1360, reference: 80 }]), /power-on/)
  t.match(calibrate(type, [{ raw: -2032, reference: 0 }]), /−127/)
})

t.test('a sensor that sends its unit is calibrated by an offset, whatever it measures', async (t) => {
  const result = made(calibrate(PH, [{ raw: 6.5, reference: 7 }], 30, { engineering: true }))
  t.match(result.calibration, { method: 'offset', coefficients: { offset: 0.5 } })
  t.equal(engineering(PH, 5.5, result.calibration).value, 6)
})

t.test('a flow meter is right by a factor, a load cell by tare and weight', async (t) => {
  const flow = typeOf('flow')
  const slow = made(calibrate(flow, [{ raw: 75, reference: 12 }]))
  t.equal(shows('flow', 75, slow), 12)
  t.match(slow.verdict, { quality: 'good', slope_percent: 83.3 })
  const minute = { params: { time_window: 60 } }
  const counted = made(calibrate(flow, [{ raw: 500, reference: 1 }], null, minute))
  t.equal(shows('flow', 500, counted, minute), 1)

  const cell = made(
    calibrate(typeOf('hx711'), [
      { raw: 0xfffc18, reference: 0 },
      { raw: -501_000, reference: 1000 },
    ]),
  )
  t.equal(shows('hx711', -1000, cell), 0)
  t.equal(shows('hx711', -251_000, cell), 500, 'a cell that is wired the other way round weighs too')
  t.match(cell.verdict, { quality: 'good', slope_percent: null })
  t.equal(cell.calibration.coefficients.adc_bits, undefined)
  const tare = made(calibrate(typeOf('hx711'), [{ raw: 42_949, reference: 0 }]))
  t.equal(shows('hx711', 42_949, tare), 0)
})

t.test('a bare number becomes anything by two points', async (t) => {
  const result = made(
    calibrate(typeOf('linear'), [
      { raw: 4, reference: 0 },
      { raw: 20, reference: 250 },
    ]),
  )
  t.equal(shows('linear', 12, result), 125, 'a 4 to 20 mA transmitter')
})

const two = (a: [number, number], b: [number, number]) =>
  [a, b].map(([raw, reference]) => ({ raw: raw!, reference: reference! }))

/** What is no calibration, and the words that must say why. */
const REFUSED: readonly [word: string, points: { raw: number; reference: number }[], why: RegExp][] = [
  ['ph', [], /1 to 3 points \(linear\), not 0/],
  ['ph', [...two([1, 4], [2, 7]), ...two([3, 9], [4, 10])], /not 4/],
  ['ph', two([2000, 4], [2000, 7]), /same raw value 2000/],
  ['ph', two([2000, 7], [2100, 7]), /same reference 7/],
  ['ph', two([2000, 7], [2600, 15]), /Reference 15 is outside the range of ph, 0 to 14 pH/],
  ['ph', two([2000, 7], [5000, 4]), /5000 is not between 0 and 4095/],
  ['ph', two([Number.NaN, 7], [2000, 4]), /raw value of a point is not a finite number/],
  ['ph', two([1800, Number.POSITIVE_INFINITY], [2000, 4]), /reference of a point is not a finite number/],
  ['ph', two([1800, 4], [2600, 7]), /wrong sign/],
  ['ph', [...two([2650, 4], [1900, 7]), { raw: 2000, reference: 9 }], /wrong sign/],
  ['linear', [...two([1, 0], [2, 10]), { raw: 3, reference: 5 }], /changes its sign/],
  ['moisture', [{ raw: 3000, reference: 0 }], /exactly 2 points \(dry_wet\), not 1/],
  ['moisture', two([3000, 0], [1500, 80]), /wet end \(reference 100\)/],
  ['moisture', two([3000, 0], [9000, 100]), /9000 is not between/],
  ['ds18b20', [], /1 to 3 points \(offset\)/],
  ['ds18b20', [{ raw: 3.5, reference: 0 }], /fraction/],
  ['flow', [{ raw: 0, reference: 1 }], /not 0/],
  ['flow', [{ raw: 100, reference: 0 }], /not 0/],
  ['digital', [{ raw: 0, reference: 0 }], /digital is not calibrated/],
]
for (const [word, points, why] of REFUSED)
  t.test(`${word} refuses ${JSON.stringify(points)}`, async (t) => {
    t.match(calibrate(typeOf(word), points), why)
  })

t.test('a temperature that no reference has is refused', async (t) => {
  t.match(calibrate(PH, [{ raw: 1861, reference: 7 }], 300), /temperature/)
  t.match(calibrate(PH, [{ raw: 1861, reference: 7 }], Number.NaN), /temperature/)
})

t.test('a probe whose amplifier rises with pH is calibrated once the config says so', async (t) => {
  const rising = two([2000, 4.01], [2900, 6.86])
  t.match(calibrate(PH, rising), /params\.slope is of another amplifier/)
  const params = { slope: 3.5, offset: 0 }
  t.equal(shows('ph', 2900, made(calibrate(PH, rising, null, { params })), { params }), 6.86)
})

t.test('a user’s type is calibrated over its native number; its module applies the result', async (t) => {
  const { convert: _, simulate: __, line: ___, ...described } = PH
  const own: RemoteType = { ...described, type: 'redox', aliases: [], remote: true }
  t.match(made(calibrate(own, two([1000, 4], [2000, 6]))).calibration.coefficients, {
    slope: 0.002,
    offset: 2,
  })
  t.match(calibrate({ ...own, calibration: 'offset' }, [{ raw: 1, reference: 2 }]), /its own module/)
})

t.test('a calibration that was written down is read, also in the shapes of the original', async (t) => {
  const read = (word: string, written: unknown) => storedCalibration(typeOf(word), written)
  const kept = made(calibrate(PH, two([2650, 4.01], [1900, 7]), 22)).calibration
  t.strictSame(read('ph', kept), kept)
  t.equal(read('ph', null), null)
  t.equal(read('ph', {}), null)
  t.match(read('ph', { slope: -3.4, offset: 12 }), {
    method: 'linear',
    coefficients: { slope: -3.4, offset: 12 },
  })
  t.match(read('moisture', { dry_value: 3100, wet_value: 1400 }), { method: 'dry_wet' })
  t.match(read('sht31', { offset: -0.4 }), { method: 'offset', coefficients: { offset: -0.4 } })
  t.match(read('flow', { calibration_factor: 225 }), { method: 'factor', coefficients: { factor: 2 } })
  t.match(read('ph', { points: two([2650, 4.01], [1900, 7]) }), {
    method: 'linear',
    coefficients: { adc_bits: 12 },
  })
  t.match(read('ph', { method: 'offset', coefficients: { offset: 0.2 } }), { method: 'offset' })
  t.match(read('ph', { points: two([2650, 4.01], [2650, 7]) }), /same raw value/)
  for (const wrong of [
    'x',
    [],
    7,
    { slope: 'steep' },
    { points: [{ raw: 1 }] },
    { method: 'dry_wet', coefficients: { dry_value: 1, wet_value: 2 } },
    { method: 'linear', coefficients: { slope: 1 } },
  ])
    t.match(read('ph', wrong), /no calibration of ph/, JSON.stringify(wrong))
  t.match(read('digital', { offset: 1 }), /no calibration of digital/)
})
