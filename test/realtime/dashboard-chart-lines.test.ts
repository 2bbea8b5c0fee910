/** What a chart makes of readings before anything is drawn: lines, gaps, axes, times. */
import t from 'tap'
import { axisOf, drawable } from '../../realtime/dashboard/parts/chart/axis.js'
import {
  appended,
  type Line,
  lineOf,
  type Series,
  shifted,
  summaryOf,
  valueAt,
} from '../../realtime/dashboard/parts/chart/lines.js'
import { moved, scaled, windowOf } from '../../realtime/dashboard/parts/chart/range.js'

const MINUTE = 60_000

const series = (points: [number, number | null][], fields: Partial<Series> = {}): Series => ({
  esp_id: 'ESP_1',
  gpio: 4,
  sensor_type: 'ds18b20',
  address: null,
  unit: '°C',
  bucket_ms: null,
  interval_ms: MINUTE,
  readings: points.length,
  timestamps: points.map(([at]) => at),
  values: points.map(([, value]) => value),
  flaws: [],
  ...fields,
})
const line = (points: [number, number | null][], fields: Partial<Series> = {}): Line =>
  lineOf('ESP_1,4,ds18b20', series(points, fields))

t.test('a bucket is one point with its least and its greatest, whichever came first', async (t) => {
  const { times, low, high } = line(
    [
      [1_000, 9],
      [50_000, 3],
      [70_000, 5],
      [180_000, null],
      [250_000, 4],
    ],
    { bucket_ms: MINUTE },
  )
  t.strictSame(times, [30_000, 90_000, 180_000, 270_000])
  t.strictSame(
    [low, high],
    [
      [3, 5, null, 4],
      [9, 5, null, 4],
    ],
  )
})

t.test('a new reading goes on with the line, breaks it after a silence, and never goes back', async (t) => {
  const drawn = line([
    [0, 1],
    [MINUTE, 2],
  ])
  t.strictSame(appended(drawn, 2 * MINUTE, 3).high, [1, 2, 3])
  t.strictSame(appended(drawn, 9 * MINUTE, 3).high, [1, 2, null, 3])
  t.equal(appended(drawn, MINUTE, 7), drawn, 'what is there already')
  t.equal(appended(drawn, 30_000, 7), drawn, 'what is older')
  const bucketed = line([[1_000, 5]], { bucket_ms: MINUTE })
  const more = appended(bucketed, 40_000, 8)
  t.strictSame([more.times, more.low, more.high], [[30_000], [5], [8]], 'within its bucket')
  t.strictSame(bucketed.high, [5], 'the old line stays what it was')
})

t.test('a value is that of the nearest point, and none where nothing is near', async (t) => {
  const flaws = [{ from: 60_000, to: 90_000, quality: 'suspect' as const }]
  const drawn = line(
    [
      [0, 1],
      [MINUTE, 2],
      [600_000, 3],
    ],
    { flaws },
  )
  t.match(valueAt(drawn, 40_000, 0), { high: 2, quality: 'suspect' })
  t.equal(valueAt(drawn, 300_000, 0), undefined)
  t.equal(valueAt(line([]), 0, MINUTE), undefined)
  t.match(valueAt(shifted(drawn, 1_000_000), 1_060_000, 0), { high: 2, quality: 'suspect' })
})

t.test('a summary has a mean where the readings are here, and does not overflow', async (t) => {
  const drawn = line([
    [0, 1],
    [MINUTE, 2],
    [2 * MINUTE, null],
    [3 * MINUTE, 6],
  ])
  t.strictSame(summaryOf(drawn, 0, 3 * MINUTE), { min: 1, max: 6, mean: 3, last: 6, last_at: 3 * MINUTE })
  t.match(summaryOf(drawn, 0, MINUTE), { max: 2, last: 2 })
  t.match(summaryOf(line([[0, 1]], { bucket_ms: MINUTE }), 0, MINUTE), { mean: null, max: 1 })
  t.match(summaryOf(drawn, 900_000, 990_000), { min: null, max: null, last: null })
  const huge = line([
    [0, 1.7e308],
    [1, 1.7e308],
  ])
  t.equal(summaryOf(huge, 0, 1).mean, 1.7e308)
})

t.test('one absurd value does not press the others flat; a real peak stays on the axis', async (t) => {
  const hour = (odd: number) =>
    line(Array.from({ length: 60 }, (_, n) => [n * MINUTE, n === 30 ? odd : 20 + (n % 10) / 10]))
  for (const odd of [1e300, -1e300, Number.MAX_VALUE]) {
    const axis = axisOf('°C', [hour(odd)], 0, 60 * MINUTE)
    t.ok(axis.min > 19 && axis.max < 22, `${odd}`)
    t.equal(axis.beyond, 1)
    t.ok(Math.abs(drawable(axis, odd)) < 100, 'and is drawn just outside')
  }
  const peak = axisOf('lx', [hour(60_000)], 0, 60 * MINUTE)
  t.ok(peak.max > 60_000)
  t.equal(peak.beyond, 0)
  const both = axisOf(
    '',
    [
      line([
        [0, -1.7e308],
        [1, 1.7e308],
      ]),
    ],
    0,
    1,
  )
  t.ok(Number.isFinite(both.max - both.min))
  t.match(axisOf('', [], 0, 1), { min: 0, max: 1 }, 'nothing to show')
  t.ok(axisOf('', [line([[0, 5]])], 0, 1).max > 5, 'a single value')
})

t.test('time is moved and scaled within what a browser and the server take for a date', async (t) => {
  t.strictSame(windowOf({ span: '1h' }, 10 * 3_600_000), { from: 9 * 3_600_000, to: 10 * 3_600_000 })
  t.strictSame(scaled({ from: 0, to: 10_000_000 }, 0.5, 0), { from: 0, to: 5_000_000 })
  t.strictSame(scaled({ from: 5_000, to: 7_000 }, 0.0001), { from: 5_500, to: 6_500 }, 'a second at least')
  t.strictSame(moved({ from: 1_000, to: 3_000 }, -5), { from: 0, to: 2_000 }, 'not before 1970')
  const { from, to } = scaled({ from: 0, to: 1e15 }, 1e9)
  t.ok(new Date(from).toISOString() && new Date(to).toISOString())
})
