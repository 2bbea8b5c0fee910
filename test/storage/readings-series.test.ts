/** A sensor's readings as a chart draws them: few are all there, many are the least and greatest of each bucket. */
import t from 'tap'
import type { Reading, Series } from '../../storage/readings.js'
import { bucketOf } from '../../storage/readings-series.js'
import { randomOf } from '../support/random.js'
import { between } from './moving.js'
import { NOON, type Opened, open, reading } from './open.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const only = ({ store }: Opened) => [...store.sensors.list()][0]!
const ask = (opened: Opened, from: number, to: number, points = 100): Promise<Series> =>
  opened.store.readings.series(only(opened), { from, to, points })
const every = (ms: number, count: number, fields: (n: number) => Partial<Reading> = () => ({})) =>
  Array.from({ length: count }, (_, n) => ({ timestamp: NOON + n * ms, ...fields(n) }))

/** What two points a bucket must be, said without any cleverness. */
function expected(rows: readonly Reading[], ms: number, from: number, to: number) {
  const buckets = new Map<number, Reading[]>()
  for (const row of [...rows].sort((a, b) => a.timestamp - b.timestamp)) {
    if (row.timestamp < from || row.timestamp > to) continue
    const begin = Math.floor(row.timestamp / ms) * ms
    buckets.set(begin, [...(buckets.get(begin) ?? []), row])
  }
  return [...buckets].map(([begin, inside]) => {
    const values = inside.flatMap(({ processed_value }) =>
      processed_value === null ? [] : [processed_value],
    )
    return { begin, low: Math.min(...values), high: Math.max(...values), some: values.length > 0 }
  })
}

t.test('where there are few readings each is a point', async (t) => {
  const opened = await open(t)
  await opened.insert(...every(30_000, 20, (n) => ({ processed_value: n })))
  const series = await ask(opened, NOON, NOON + HOUR)
  t.match(series, { bucket_ms: null, interval_ms: 30_000, readings: 20, flaws: [] })
  t.strictSame(
    series.values,
    Array.from({ length: 20 }, (_, n) => n),
  )
  t.equal(series.timestamps[19], NOON + 19 * 30_000)
  await opened.store.maintenance!.round(true)
  t.strictSame(await ask(opened, NOON, NOON + HOUR), series, 'in the history too')
  t.match(await ask(opened, NOON + 30_000, NOON + 60_000), { values: [1, 2] }, 'both ends are included')
})

t.test(
  'a gap is a gap, a reading without a value breaks the line, and flaws are said with their times',
  async (t) => {
    const opened = await open(t)
    await opened.insert(
      ...every(30_000, 4),
      { timestamp: NOON + 4 * 30_000, processed_value: null, quality: 'error' },
      ...every(30_000, 3, () => ({ quality: 'suspect' })).map((one) => ({
        ...one,
        timestamp: one.timestamp + HOUR,
      })),
    )
    const { timestamps, values, flaws, interval_ms } = await ask(opened, NOON, NOON + 2 * HOUR)
    t.equal(interval_ms, 30_000)
    t.strictSame(values, [21.5, 21.5, 21.5, 21.5, null, null, 21.5, 21.5, 21.5])
    t.equal(timestamps[5], NOON + 5 * 30_000, 'the line ends where the next reading was due')
    t.strictSame(flaws, [
      { from: NOON + 4 * 30_000, to: NOON + 4 * 30_000, quality: 'error' },
      { from: NOON + HOUR, to: NOON + HOUR + 60_000, quality: 'suspect' },
    ])
  },
)

t.test('no reading, no points', async (t) => {
  const opened = await open(t)
  await opened.insert({})
  t.strictSame(await ask(opened, 0, 1), {
    bucket_ms: null,
    interval_ms: null,
    readings: 0,
    timestamps: [],
    values: [],
    flaws: [],
  })
  t.match(await ask(opened, NOON, NOON), { values: [21.5], interval_ms: null })
})

t.test(
  'many readings become the least and the greatest of each bucket, wherever their rows are',
  async (t) => {
    const opened = await open(t)
    const random = randomOf(7)
    const rows = every(1_000, 6_000, (n) => ({
      timestamp: NOON + Math.floor(random() * 4 * HOUR),
      processed_value: n % 50 === 0 ? null : random() < 0.001 ? 1e300 : random() * 100 - 50,
      quality: n % 500 === 7 ? 'bad' : 'good',
      seq: n,
    }))
    await opened.insert(...rows.slice(0, 4_000))
    await opened.store.maintenance!.round(true)
    await opened.insert(...rows.slice(4_000))
    const range = { from: NOON + 1_234, to: NOON + 4 * HOUR - 4_321 }
    for (const points of [10, 97, 500]) {
      const series = await ask(opened, range.from, range.to, points)
      const ms = bucketOf({ ...range, points })
      const wanted = expected(rows.map(reading), ms, range.from, range.to)
      t.equal(series.bucket_ms, ms)
      t.ok(wanted.length <= points, 'a bucket is no narrower than a pixel')
      t.ok(series.timestamps.length <= 2 * points, 'two points per pixel at most')
      t.equal(
        series.readings,
        rows.filter(({ timestamp }) => timestamp >= range.from && timestamp <= range.to).length,
      )
      t.ok(
        series.timestamps.every((at, n) => n === 0 || at >= series.timestamps[n - 1]!),
        'in the order of time',
      )
      for (const { begin, low, high, some } of wanted) {
        const inside = series.values.filter(
          (value, n) =>
            value !== null && series.timestamps[n]! >= begin && series.timestamps[n]! < begin + ms,
        ) as number[]
        if (!some) t.strictSame(inside, [])
        else if (Math.min(...inside) !== low || Math.max(...inside) !== high || inside.length > 2)
          t.fail(`bucket ${begin} is ${inside}, not ${low} to ${high}`)
      }
      for (const [n, value] of series.values.entries())
        if (
          value !== null &&
          !rows.some((row) => row.timestamp === series.timestamps[n] && row.processed_value === value)
        )
          t.fail(`${value} was not measured at ${series.timestamps[n]}`)
      t.ok(series.flaws.length > 0)
      t.ok(series.flaws.every(({ quality }) => quality === 'bad'))
    }
  },
)

t.test('long buckets are read in several slices, and hours without a reading are leapt over', async (t) => {
  const opened = await open(t)
  const far = 400 * 24 * HOUR
  await opened.insert(...every(100, 5_000, (n) => ({ processed_value: n })))
  await opened.store.maintenance!.round(true)
  await opened.insert(...every(100, 700, (n) => ({ timestamp: NOON + far + n * 100, processed_value: -n })))
  const series = await ask(opened, NOON - far, NOON + 2 * far, 10)
  t.match(series, { readings: 5_700, interval_ms: Number })
  t.strictSame(
    series.values.filter((value) => value !== null),
    [0, 4_999, 0, -699],
  )
  t.equal(series.values.filter((value) => value === null).length, 1, 'one gap')
  t.equal(series.timestamps.at(-1), NOON + far + 699 * 100)
})

t.test('a bucket without a reading is a gap, and one without a value too', async (t) => {
  const opened = await open(t)
  await opened.insert(
    ...every(1_000, 4 * 3_600, (n) => ({
      processed_value: n >= 600 && n < 1_200 ? null : 20 + (n % 60),
      quality: n >= 600 && n < 1_200 ? 'error' : 'good',
    })).filter((_, n) => n < 3_600 || n >= 7_200),
  )
  const { timestamps, values, flaws, bucket_ms, interval_ms } = await ask(
    opened,
    NOON,
    NOON + 4 * HOUR - 1,
    241,
  )
  t.equal(bucket_ms, MINUTE)
  t.equal(interval_ms, 1_000)
  const breaks = timestamps.filter((_, n) => values[n] === null)
  t.strictSame(breaks, [...Array.from({ length: 10 }, (_, n) => NOON + (10 + n) * MINUTE), NOON + HOUR])
  t.strictSame(flaws, [{ from: NOON + 10 * MINUTE, to: NOON + 20 * MINUTE - 1, quality: 'error' }])
})

t.test('no reading counts twice or not at all while rows move', async (t) => {
  const opened = await open(t)
  await opened.insert(...every(1_000, 3_000, (n) => ({ processed_value: n })))
  const before = await ask(opened, NOON, NOON + HOUR, 50)
  t.equal(before.readings, 3_000)
  let looks = 0
  await between(t, opened, async () => {
    looks++
    t.strictSame(await ask(opened, NOON, NOON + HOUR, 50), before)
  })
  t.ok(looks > 0)
})

t.test('who leaves is not read for any longer', async (t) => {
  const opened = await open(t)
  await opened.insert(...every(1_000, 3_000))
  const leaving = new AbortController()
  const asked = opened.store.readings.series(
    only(opened),
    { from: NOON, to: NOON + HOUR, points: 50 },
    leaving.signal,
  )
  leaving.abort()
  await t.rejects(asked, { name: 'AbortError' })
})

t.test('buckets have lengths that people can say, and never more of them than points', async (t) => {
  const year = 365 * 24 * HOUR
  t.equal(bucketOf({ from: 0, to: HOUR, points: 1_000 }), 4_000)
  t.equal(bucketOf({ from: 0, to: year, points: 1_000 }), 8 * HOUR + 50 * MINUTE)
  t.equal(bucketOf({ from: 5, to: 5, points: 10 }), 1)
  const random = randomOf(3)
  for (let n = 0; n < 2_000; n++) {
    const from = Math.floor(random() * year * 50)
    const to = from + Math.floor(10 ** (random() * 12))
    const points = 2 + Math.floor(random() * 9_999)
    const ms = bucketOf({ from, to, points })
    const buckets = Math.floor(to / ms) - Math.floor(from / ms) + 1
    if (buckets > points || ms !== Math.round(ms))
      t.fail(`${from} to ${to} in ${points}: ${buckets} of ${ms} ms`)
  }
})
