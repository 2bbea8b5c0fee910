/** How the values of mocks go on: protocol.md §9 to the letter for the three old patterns, and the new ones. */
import t from 'tap'
import type { MockSensor } from '../../routing/contract/mock.js'
import {
  completeSensor,
  findPattern,
  type Kept,
  PATTERN_NAMES,
  type SensorWish,
  startCourse,
} from '../../sim/patterns/index.js'
import { createRandom } from '../../sim/random.js'
import { createWorld } from '../../sim/world.js'

const AT = Date.UTC(2026, 5, 1)
const SECOND = 1_000

type Wish = Partial<SensorWish>
const whole = (wish: Wish): MockSensor => {
  const sensor = completeSensor({ gpio: 4, sensor_type: 'DS18B20', ...wish })
  if (typeof sensor === 'string') throw new Error(sensor)
  return sensor
}

const started = (wish: Wish, kept?: Kept, seed = 1) =>
  startCourse(whole(wish), { random: createRandom(seed), world: createWorld({ seed }) }, kept)

const values = (wish: Wish, count: number, seed = 1, seconds = 1): number[] => {
  const course = started(wish, undefined, seed)
  return Array.from({ length: count }, (_, index) => course.value(AT + index * seconds * SECOND))
}

t.test('any case of the word names the pattern', async (t) => {
  for (const word of ['CONSTANT', 'Random', 'drift', ' LINKED '])
    t.equal(whole({ variation_pattern: word }).variation_pattern, word.trim().toLowerCase())
  t.equal(findPattern('wobble'), undefined)
})

t.test('constant is the base value, with two decimals', async (t) => {
  t.strictSame(new Set(values({ base_value: 21.456 }, 20)), new Set([21.46]))
})

t.test('random stays within its range and its limits, and goes everywhere in it', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const found = values({ variation_pattern: 'RANDOM', base_value: 20, variation_range: 4 }, 500, seed)
    t.ok(Math.min(...found) >= 16 && Math.max(...found) <= 24)
    t.ok(Math.min(...found) < 16.5 && Math.max(...found) > 23.5)
    t.ok(found.every((value) => Math.round(value * 100) / 100 === value))
  }
  const held = values({ variation_pattern: 'random', base_value: 20, variation_range: 400 }, 500)
  t.strictSame([Math.min(...held), Math.max(...held)], [10, 30], 'ten below and above when nobody says more')
})

t.test('drift moves a tenth of its range each time and turns round at its limits', async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const wish = {
      variation_pattern: 'drift',
      base_value: 20,
      variation_range: 5,
      min_value: 18,
      max_value: 23,
    }
    const found = values(wish, 300, seed)
    t.ok([19.5, 20.5].includes(found[0]!), 'the first is one step from the base')
    const steps = found.slice(1).map((value, index) => Math.abs(value - found[index]!))
    t.ok(steps.every((step) => Math.abs(step - 0.5) < 1e-9))
    t.strictSame([Math.min(...found), Math.max(...found)], [18, 23])
  }
  const first = new Set(
    Array.from(
      { length: 30 },
      (_, seed) => values({ variation_pattern: 'drift', base_value: 20, variation_range: 5 }, 1, seed)[0],
    ),
  )
  t.equal(first.size, 2, 'in either direction')
})

t.test('drift goes on after a restart where it was, in the direction it had', async (t) => {
  const wish = { variation_pattern: 'drift', base_value: 20, variation_range: 5 }
  const whole = values(wish, 60, 3)
  const course = started(wish, undefined, 3)
  for (let index = 0; index < 25; index++) course.value(AT)
  const again = started(wish, JSON.parse(JSON.stringify(course.snapshot())), 99)
  t.strictSame(
    Array.from({ length: 35 }, () => again.value(AT)),
    whole.slice(25),
  )
})

t.test('two sensors on one gpio do not share their drift', async (t) => {
  const [temperature, humidity] = ['SHT31', 'SHT31_humidity'].map((sensor_type) =>
    started({ sensor_type, variation_pattern: 'drift', base_value: 50, variation_range: 10 }),
  )
  for (let index = 0; index < 5; index++) temperature!.value(AT)
  t.equal(Math.abs(humidity!.value(AT) - 50), 1)
})

t.test('noise has its standard deviation, with or without persistence', async (t) => {
  for (const persistence of [0, 0.9]) {
    const found = values(
      { variation_pattern: 'noise', base_value: 20, variation_range: 0.5, parameters: { persistence } },
      20_000,
    )
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length
    const deviation = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / found.length)
    t.ok(Math.abs(mean - 20) < 0.1, `mean ${mean}`)
    t.ok(Math.abs(deviation - 0.5) < 0.06, `deviation ${deviation}`)
  }
})

t.test('step holds each value for its time, begins again, and goes on after a restart', async (t) => {
  const wish = { variation_pattern: 'step', parameters: { values: [1, 5, 9], hold_seconds: 2 } }
  t.strictSame(values(wish, 8), [1, 1, 5, 5, 9, 9, 1, 1])
  const course = started(wish)
  course.value(AT)
  course.value(AT + 3 * SECOND)
  const again = started(wish, JSON.parse(JSON.stringify(course.snapshot())))
  t.equal(again.value(AT + 3 * SECOND), 5)
  t.equal(again.value(AT + 4 * SECOND), 9)
})

t.test(
  'a day has light at noon and none at night, more in summer, and its temperature follows',
  async (t) => {
    const light = (day_of_year: number, hour: number) =>
      started({
        sensor_type: 'light',
        variation_pattern: 'day',
        base_value: 0,
        variation_range: 100_000,
        parameters: { day_of_year },
      }).value(AT + hour * 3_600 * SECOND)
    t.equal(light(172, 0), 0)
    t.ok(light(172, 12) > 85_000 && light(172, 12) < 100_000, 'a summer noon at 48°')
    t.ok(light(355, 12) > 15_000 && light(355, 12) < 40_000, 'a winter noon')
    const warmth = values(
      { variation_pattern: 'day', base_value: 20, variation_range: 6, parameters: { day_seconds: 600 } },
      600,
    )
    t.ok(Math.abs(Math.min(...warmth) - 14) < 0.1 && Math.abs(Math.max(...warmth) - 26) < 0.1)
  },
)

t.test('linked sensors measure what the zone has', async (t) => {
  const world = createWorld({ seed: 1 })
  const around = { random: createRandom(1), world }
  const start = (sensor_type: string) =>
    startCourse(whole({ sensor_type, variation_pattern: 'linked', base_value: 0 }), around)
  const [moisture, level, humidity, temperature] = ['moisture', 'level', 'SHT31_humidity', 'DS18B20'].map(
    start,
  )
  const hours = (n: number) => AT + n * 3_600 * SECOND
  const [wetAt, fullAt] = [moisture!.value(hours(0)), level!.value(hours(0))]
  world.switched('MOCK_1', 5, 'pump', 1, hours(0))
  t.ok(moisture!.value(hours(0.2)) > wetAt + 10)
  t.ok(level!.value(hours(0.2)) < fullAt - 20)
  world.switched('MOCK_1', 5, 'pump', 0, hours(0.2))
  const [damp, cold] = [humidity!.value(hours(4)), temperature!.value(hours(4))]
  t.ok(temperature!.value(hours(13)) > cold + 5 && humidity!.value(hours(13)) < damp, 'warm air is drier')
})

t.test('a sensor can follow another of its device', async (t) => {
  const course = startCourse(
    whole({
      sensor_type: 'air_humidity',
      variation_pattern: 'linked',
      base_value: 100,
      parameters: { sensor: '4_DS18B20', factor: -2 },
    }),
    {
      random: createRandom(1),
      world: createWorld(),
      lastOf: (key) => (key === '4_DS18B20' ? temperature : undefined),
    },
  )
  let temperature: number | undefined
  t.equal(course.value(AT), 100, 'its base while the other has no value')
  temperature = 20
  t.equal(course.value(AT), 60)
})

t.test('a recorded series goes straight or holds, loops or stays, and goes on after a restart', async (t) => {
  const series = [
    { t: 0, value: 10 },
    { t: 4, value: 18 },
    { t: 6, value: 10 },
  ]
  const of = (parameters: object) => ({
    variation_pattern: 'recorded',
    parameters: { series, ...parameters },
  })
  t.strictSame(values(of({}), 9), [10, 12, 14, 16, 18, 14, 10, 12, 14])
  t.strictSame(values(of({ between: 'hold', loop: false }), 9), [10, 10, 10, 10, 18, 18, 10, 10, 10])
  t.strictSame(values(of({ speed: 2 }), 3), [10, 14, 18])
  const course = started(of({}))
  course.value(AT)
  const again = started(of({}), JSON.parse(JSON.stringify(course.snapshot())))
  t.equal(again.value(AT + 4 * SECOND), 18)
})

t.test('whatever was kept, by whomever, does not lead out of the limits', async (t) => {
  for (const name of PATTERN_NAMES) {
    const wish: Wish = {
      variation_pattern: name,
      base_value: 20,
      variation_range: 3,
      min_value: 15,
      max_value: 25,
      ...(name === 'recorded' ? { parameters: { series: [{ t: 0, value: 99 }] } } : {}),
    }
    for (const kept of [
      {},
      { value: 1e9, direction: 7 },
      { index: 1e6, since: AT },
      { deviation: 1e6 },
      { began: -1 },
    ]) {
      const course = started(wish, kept as Kept)
      for (let index = 0; index < 20; index++) {
        const value = course.value(AT + index * 37 * SECOND)
        if (!(value >= 15 && value <= 25)) t.fail(`${name}: ${value}`)
      }
    }
    t.ok(started(wish, { value: 'x' } as never).value(AT))
  }
})
