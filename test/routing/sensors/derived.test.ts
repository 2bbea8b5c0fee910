import t, { type Test } from 'tap'
import { derive, partnerOf, plantLight, type Sample } from '../../../routing/sensors/derivation.js'
import {
  absoluteHumidity,
  type DailyLight,
  dewPoint,
  dli,
  ppfdOf,
  vpd,
} from '../../../routing/sensors/derived.js'
import { engineering } from '../../../routing/sensors/library.js'
import { typeOf } from './built-in.js'

const about = (t: Test, value: number | null, wanted: number, within: number) =>
  t.ok(value !== null && Math.abs(value - wanted) <= within, `${value}, ${wanted}`)

t.test('vapour pressure deficit is the known table’s', async (t) => {
  about(t, vpd(25, 60), 1.267, 0.001)
  about(t, vpd(20, 50), 1.169, 0.001)
  about(t, vpd(30, 70), 1.273, 0.001)
  about(t, vpd(24, 100), 0, 1e-9)
  about(t, vpd(25, 0), 3.168, 0.001)
  about(t, vpd(25, 60, -2), 0.909, 0.002)
})

t.test('dew point and absolute humidity are the known tables’', async (t) => {
  about(t, dewPoint(25, 50), 13.9, 0.1)
  about(t, dewPoint(20, 100), 20, 1e-9)
  about(t, dewPoint(30, 60), 21.4, 0.1)
  about(t, absoluteHumidity(20, 100), 17.3, 0.1)
  about(t, absoluteHumidity(25, 50), 11.5, 0.1)
  about(t, absoluteHumidity(0, 100), 4.85, 0.05)
})

t.test('where physics has no answer there is none', async (t) => {
  for (const of of [vpd, dewPoint, absoluteHumidity]) {
    t.equal(of(-41, 50), null)
    t.equal(of(81, 50), null)
    t.equal(of(20, -1), null)
    t.equal(of(20, 101), null)
    t.equal(of(Number.NaN, 50), null)
  }
  t.equal(dewPoint(20, 0), null, 'dry air has no dew point')
  t.equal(vpd(-40, 100), 0)
})

t.test('derived values lie in the ranges of their types', async (t) => {
  for (let temperature = -40; temperature <= 80; temperature += 5)
    for (let humidity = 0; humidity <= 100; humidity += 5)
      for (const [type, value] of [
        ['vpd', vpd(temperature, humidity)],
        ['dew_point', dewPoint(temperature, humidity)],
        ['absolute_humidity', absoluteHumidity(temperature, humidity)],
      ] as const)
        if (value !== null)
          t.equal(engineering(typeOf(type), value, null).quality, 'good', `${type} ${value}`)
})

t.test('lux become plant light by what shines', async (t) => {
  about(t, ppfdOf(108_000), 2000, 1e-6)
  about(t, ppfdOf(82_000, 'hps'), 1000, 1e-6)
  about(t, ppfdOf(10_000, 'white_led'), 150, 1e-6)
})

const MINUTE = 60_000
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
const NOON = Date.UTC(2024, 5, 1, 12)

t.test('a lamp of 500 µmol/m²/s that burns twelve hours gives 21.6 mol', async (t) => {
  let light: DailyLight | null = null
  for (let minute = 0; minute <= 12 * 60; minute++)
    light = dli(light, 500, Date.UTC(2024, 5, 1, 6) + minute * MINUTE, dayOf)
  about(t, light!.dli, 21.6, 1e-9)
})

t.test('light that changes counts as the mean of two readings', async (t) => {
  const first = dli(null, 0, NOON, dayOf)
  about(t, dli(first, 1000, NOON + 10 * MINUTE, dayOf).dli, 0.3, 1e-9)
})

t.test('a silence counts nothing, an old reading changes nothing, a new day begins at 0', async (t) => {
  const noon: DailyLight = { dli: 10, at: NOON, day: '2024-06-01', ppfd: 800 }
  const later = dli(noon, 800, NOON + 16 * MINUTE, dayOf)
  t.strictSame(later, { ...noon, at: NOON + 16 * MINUTE })
  about(t, dli(noon, 800, NOON + 15 * MINUTE, dayOf).dli, 10.72, 1e-9)
  t.equal(dli(noon, 800, NOON - 1, dayOf), noon)
  t.equal(dli(noon, 800, NOON, dayOf), noon)
  t.strictSame(dli(noon, 100, NOON + 12 * 60 * MINUTE, dayOf), {
    dli: 0,
    at: NOON + 12 * 60 * MINUTE,
    day: '2024-06-02',
    ppfd: 100,
  })
})

const sample = (value: number, seconds: number, quality: Sample['quality'] = 'good'): Sample => ({
  value,
  at: NOON + seconds * 1000,
  quality,
})

t.test('temperature and humidity make three values, whichever comes second', async (t) => {
  const made = derive('air_temperature', sample(25, 10), sample(60, 0), null)
  t.strictSame(
    made.map(({ type, value }) => [type, value]),
    [
      ['vpd', 1.2671],
      ['dew_point', 16.69],
      ['absolute_humidity', 13.78],
    ],
  )
  t.ok(made.every(({ at, quality }) => at === NOON + 10_000 && quality === 'good'))
  t.strictSame(derive('relative_humidity', sample(60, 10), sample(25, 0), null), made)
  t.equal(partnerOf('air_temperature'), 'relative_humidity')
  t.equal(partnerOf('relative_humidity'), 'air_temperature')
})

t.test('a partner older than a minute, at fault or missing makes nothing', async (t) => {
  const none = (partner: Sample | undefined, reading = sample(25, 61)) =>
    t.strictSame(derive('air_temperature', reading, partner, null), [])
  none(sample(60, 0))
  none(undefined)
  none(sample(60, 60, 'error'))
  none(sample(60, 60, 'critical'))
  none(sample(60, 60), sample(25, 61, 'error'))
  none(sample(60, 60), sample(Number.NaN, 61))
  t.equal(derive('air_temperature', sample(25, 60), sample(60, 0), null).length, 3, 'sixty seconds will do')
  t.strictSame(derive('illuminance', sample(25, 1), sample(60, 0), null), [], 'nor light with humidity')
})

t.test('a derived value is no better than what it is made of', async (t) => {
  const quality = (a: Sample['quality'], b: Sample['quality']) =>
    derive('air_temperature', sample(25, 1, a), sample(60, 0, b), null)[0]!.quality
  t.equal(quality('good', 'suspect'), 'suspect')
  t.equal(quality('fair', 'good'), 'fair')
  t.equal(quality('excellent', 'excellent'), 'good')
})

t.test('two sensors make one value per round, however they take turns', async (t) => {
  let previous: number | null = null
  const latest: { air_temperature?: Sample; relative_humidity?: Sample } = {}
  let rows = 0
  const arrives = (quantity: 'air_temperature' | 'relative_humidity', value: number, seconds: number) => {
    const reading = sample(value, seconds)
    const [made] = derive(quantity, reading, latest[partnerOf(quantity)! as 'air_temperature'], previous)
    latest[quantity] = reading
    if (!made) return
    previous = made.at
    rows++
  }
  for (let second = 0; second < 300; second += 30) {
    arrives('air_temperature', 25, second)
    arrives('relative_humidity', 60, second)
  }
  t.equal(rows, 10)
  rows = 0
  for (let second = 300; second < 600; second += 10) {
    arrives('air_temperature', 25, second)
    if (second % 30 === 0) arrives('relative_humidity', 60, second + 1)
  }
  t.equal(rows, 10, 'the slower of the two sets the pace')
})

t.test('plant light comes from either light sensor, and from no faulty one', async (t) => {
  t.equal(plantLight('ppfd', sample(400, 0)), 400)
  about(t, plantLight('illuminance', sample(54_000, 0)) ?? null, 1000, 1e-6)
  about(t, plantLight('illuminance', sample(54_000, 0), 'white_led') ?? null, 810, 1e-6)
  t.equal(plantLight('air_temperature', sample(20, 0)), undefined)
  t.equal(plantLight('ppfd', sample(400, 0, 'critical')), undefined)
  t.equal(plantLight('illuminance', sample(-1, 0)), undefined)
})
