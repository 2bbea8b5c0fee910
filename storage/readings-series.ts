/**
 * A sensor's readings as a chart draws them: all of them where they are few, else the least and the greatest of
 * each bucket, so that a chart of a year costs no more points than one of a day and loses no peak. It reads in
 * portions of about a millisecond, as readings-walk.ts does. Who keeps rollups may answer the same question.
 */
import type { Database } from 'better-sqlite3'
import { createExtremes, type Extremes, inIntake, nothing } from './readings-extremes.js'
import { createPen, type Line, median } from './readings-line.js'
import type { Turn } from './readings-pace.js'
import type { Position } from './readings-place.js'
import { QUALITY, type Value } from './readings-row.js'
import type { Walk } from './readings-walk.js'
import type { Sensor } from './sensors.js'

export interface Series extends Line {
  /** Length of a bucket, ms; null when every reading is a point. Buckets begin at its multiples. */
  readonly bucket_ms: number | null
  /** How often there usually is a reading, ms; null when there are too few to say. */
  readonly interval_ms: number | null
  /** How many readings it was made of. */
  readonly readings: number
}

export interface SeriesRange {
  /** ms since 1970, both included; `from` is not after `to`. */
  readonly from: number
  readonly to: number
  /** Width of the chart in points of its screen, at least 2: each gets two values at most. */
  readonly points: number
}

/** Rejects with the reason of the signal when it is aborted. Readings that are not on disk may be missing. */
export type SeriesOf = (sensor: Sensor, range: SeriesRange, signal?: AbortSignal) => Promise<Series>

/** Rows in one slice of a bucket, and rows' worth of work between two turns. */
const SLICE = 2_000
/** What a slice costs before its first row, and what a row of the intake does. */
const QUERIES = 20
const INTAKE = 6
/** Rows of the intake in one slice. */
const FRESH = 300

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Buckets up to this long are a multiple of that. */
const STEPS = [
  [SECOND, 1],
  [MINUTE, SECOND],
  [10 * MINUTE, 10 * SECOND],
  [HOUR, MINUTE],
  [10 * HOUR, 5 * MINUTE],
] as const

/** The shortest bucket, of a length people can say, of which from…to (ms) touches no more than `points`. */
export function bucketOf({ from, to, points }: SeriesRange): number {
  const least = Math.max(1, (to - from) / (points - 1))
  const step = STEPS.find(([most]) => least <= most)?.[1] ?? HOUR
  return Math.ceil(least / step) * step
}

/** Readings further apart than so many of their usual intervals are not joined. */
const APART = 2.5

/** Every reading is a point. */
function drawn(rows: readonly Value[]): Series {
  const distances = rows.slice(1).map(({ timestamp }, n) => timestamp - rows[n]!.timestamp)
  const interval = rows.length < 3 ? null : median(distances)
  const pen = createPen()
  let last: Value | undefined
  for (const row of rows) {
    if (interval && last && row.timestamp - last.timestamp > APART * interval)
      pen.point(last.timestamp + interval, null)
    pen.point(row.timestamp, row.value)
    pen.quality(QUALITY[row.quality]!, row.timestamp, row.timestamp, last?.quality === row.quality)
    last = row
  }
  return { ...pen.line, bucket_ms: null, interval_ms: interval, readings: rows.length }
}

/** Two points a bucket. */
function summed(buckets: ReadonlyMap<number, Extremes>, ms: number, { from, to }: SeriesRange): Series {
  const usual = median([...buckets.values()].map(({ rows }) => ms / rows))
  const interval = usual === null ? null : Math.round(usual)
  const pen = createPen()
  let readings = 0
  let end: number | undefined
  for (const [begin, { rows, low, low_at, high, high_at, worst }] of buckets) {
    // An empty bucket is a gap, unless the readings are as far apart as the buckets are long.
    if (end !== undefined && begin - end >= Math.max(ms, (APART - 1) * (interval ?? 0))) pen.point(end, null)
    const first = Math.max(begin, from)
    if (low === null || high === null) pen.point(first, null)
    else if (low === high) pen.point(low_at, low)
    else if (low_at <= high_at) {
      pen.point(low_at, low)
      pen.point(high_at, high)
    } else {
      pen.point(high_at, high)
      pen.point(low_at, low)
    }
    pen.quality(worst, first, Math.min(to, begin + ms - 1), end === begin)
    readings += rows
    end = begin + ms
  }
  return { ...pen.line, bucket_ms: ms, interval_ms: interval, readings }
}

export function createSeries(db: Database, walk: Walk<Value>, turn: Turn): SeriesOf {
  const { nth, add } = createExtremes(db)

  /** Fills the buckets, in the order of time; what is between two steps is a portion. */
  function* fill(
    buckets: Map<number, Extremes>,
    sensor: Sensor,
    ms: number,
    { from, to }: SeriesRange,
  ): Generator<void> {
    const fresh = inIntake(sensor, from, to)
    let next = 0
    let after: Position = { timestamp: from, id: -1 }
    let cost = 0
    while (after.timestamp <= to) {
      const begin = Math.floor(after.timestamp / ms) * ms
      const last = Math.min(to, begin + ms - 1)
      let until = nth(sensor, after, last, SLICE)
      let taken = next
      while (taken < fresh.length && taken - next < FRESH && isWithin(fresh[taken]!, until, last)) taken++
      const beyond = fresh[taken]
      if (beyond && taken - next === FRESH && isWithin(beyond, until, last)) until = fresh[taken - 1]!

      const found = buckets.get(begin) ?? nothing()
      const before = found.rows
      add(found, sensor, after, until ?? { timestamp: last, id: END }, fresh.slice(next, taken))
      if (found.rows > 0) buckets.set(begin, found)
      cost += QUERIES + (found.rows - before) + INTAKE * (taken - next)
      next = taken

      if (until) after = until
      else after = { timestamp: last + 1, id: -1 }
      // Over what is empty it leaps.
      if (found.rows === 0) {
        const moved = nth(sensor, after, to, 1)?.timestamp ?? Number.POSITIVE_INFINITY
        const waits = fresh[next]?.timestamp ?? Number.POSITIVE_INFINITY
        after = { timestamp: Math.min(moved, waits), id: -1 }
      }
      if (cost < SLICE) continue
      yield
      cost = 0
    }
  }

  return async (sensor, range, signal) => {
    const { from, to, points } = range
    const rows: Value[] = []
    for await (const { found } of walk.bySensor({ sensors: [sensor], from, to })) {
      signal?.throwIfAborted()
      for (const row of found) rows.push(row)
      if (rows.length > points) break
    }
    if (rows.length <= points) return drawn(rows)

    const ms = bucketOf(range)
    const buckets = new Map<number, Extremes>()
    const portions = fill(buckets, sensor, ms, range)
    do {
      await turn()
      signal?.throwIfAborted()
    } while (!portions.next().done)
    return summed(buckets, ms, range)
  }
}

/** After every row of its time. */
const END = Number.MAX_SAFE_INTEGER

const isWithin = ({ timestamp, id }: Position, until: Position | undefined, last: number): boolean =>
  until ? timestamp < until.timestamp || (timestamp === until.timestamp && id <= until.id) : timestamp <= last
