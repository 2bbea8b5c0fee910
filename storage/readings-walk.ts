/**
 * Walks over stored readings in portions of about half a thousand rows, each read in about a millisecond: over
 * many sensors in the order of time, or over one sensor after the other. Between two portions the event loop
 * turns; what comes or moves meanwhile is neither seen twice nor in the way.
 */
import type { Database } from 'better-sqlite3'
import type { DataSource, Quality } from '../routing/contract/quality.js'
import { createHeap } from './heap.js'
import type { Turn } from './readings-pace.js'
import { createPlace, isBefore, type Order, type Position, type Stretch, stretch } from './readings-place.js'
import { DATA_SOURCE, dataSourceOf, QUALITY, qualityOf, type Row, type Selection } from './readings-row.js'
import type { Sensor } from './sensors.js'

/** Which readings: of these sensors, from…to (ms, both included). */
export interface Range {
  readonly sensors: readonly Sensor[]
  readonly from: number
  readonly to: number
  readonly quality?: Quality | undefined
  readonly data_source?: DataSource | undefined
}

export interface Ordered extends Range {
  readonly order: Order
  /** Only what lies beyond; where an earlier walk ended. */
  readonly after?: Position | undefined
  /** About how many will be taken: fewer rows are read in vain. */
  readonly about?: number | undefined
}

export interface Portion<T> {
  readonly found: T[]
  /** How far the walk has come, whether or not anything was found. */
  readonly at: Position
  /** Rows that were looked at. */
  readonly seen: number
}

export interface Walk<T> {
  /** All sensors at once, in the order of time. */
  inTime(range: Ordered): AsyncGenerator<Portion<T>, void>
  /** One sensor after the other, each from its oldest to its newest. */
  bySensor(range: Range): AsyncGenerator<Portion<T>, void>
}

const PORTION = 500
/** What a query costs, in rows. */
const QUERY = 8
const FEW = 8

/** A sensor on the way: what was read of it and not given out, and where it goes on. */
interface Source extends Position {
  timestamp: number
  id: number
  readonly sensor: Sensor
  rows: readonly Row[]
  next: number
  more: boolean
  size: number
}

export function createWalk<T>(db: Database, selection: Selection<T>, turn: Turn): Walk<T> {
  const { take } = createPlace(db, selection)

  const wanted = ({ quality, data_source }: Range): ((row: Row) => boolean) => {
    const q = quality && QUALITY[quality]
    const d = data_source && DATA_SOURCE[data_source]
    if (q === undefined && d === undefined) return () => true
    return ([, , words]) =>
      (q === undefined || qualityOf(words) === q) && (d === undefined || dataSourceOf(words) === d)
  }

  function* merged({
    order,
    after,
    about = Number.POSITIVE_INFINITY,
    ...range
  }: Ordered): Generator<Portion<T>> {
    const isWanted = wanted(range)
    const whole = stretch(order, range.from, range.to)
    const start = after && isBefore(whole.after, after) === (order === 'asc') ? after : whole.after
    const size = Math.min(PORTION, Math.max(FEW, Math.ceil(about / range.sensors.length)))
    const heap = createHeap<Source>((a, b) => (order === 'asc' ? isBefore(a, b) : isBefore(b, a)))
    for (const sensor of range.sensors)
      if (sensor.latest_timestamp >= range.from) {
        // Nothing of it is newer than its latest: until then it need not be asked.
        const isCapped = order === 'desc' && sensor.latest_timestamp < start.timestamp
        const { timestamp, id } = isCapped
          ? { timestamp: sensor.latest_timestamp, id: Number.MAX_SAFE_INTEGER }
          : start
        heap.push({ timestamp, id, sensor, rows: [], next: 0, more: true, size })
      }

    let found: T[] = []
    let cost = 0
    let seen = 0
    let at: Position = start
    for (let source = heap.first; source; source = heap.first) {
      if (source.next < source.rows.length) {
        const row = source.rows[source.next++]!
        at = { timestamp: row[0], id: row[1] }
        if (isWanted(row)) found.push(selection.read(source.sensor, row))
      } else if (source.more) {
        const beyond: Stretch = {
          order,
          after: { timestamp: source.timestamp, id: source.id },
          until: whole.until,
        }
        const { rows, more } = take(source.sensor, beyond, source.size)
        Object.assign(source, { rows, more, next: 0, size: Math.min(PORTION, source.size * 2) })
        cost += QUERY + rows.length
        seen += rows.length
      }
      const upcoming = source.rows[source.next]
      if (upcoming) {
        source.timestamp = upcoming[0]
        source.id = upcoming[1]
        heap.sink()
      } else if (source.more) {
        // What follows lies beyond the row given out last, where its place in the heap is now.
        heap.sink()
      } else heap.pop()
      if (cost >= PORTION) {
        yield { found, at, seen }
        found = []
        cost = 0
        seen = 0
      }
    }
    yield { found, at, seen }
  }

  function* one(range: Range): Generator<Portion<T>> {
    const isWanted = wanted(range)
    let found: T[] = []
    let cost = 0
    let seen = 0
    let at: Position = { timestamp: range.from, id: -1 }
    for (const sensor of range.sensors) {
      let wholeStretch = stretch('asc', range.from, range.to)
      for (let more = sensor.latest_timestamp >= range.from; more; ) {
        const taken = take(sensor, wholeStretch, PORTION)
        more = taken.more
        for (const row of taken.rows) if (isWanted(row)) found.push(selection.read(sensor, row))
        const last = taken.rows.at(-1)
        if (last) {
          at = { timestamp: last[0], id: last[1] }
          wholeStretch = { ...wholeStretch, after: at }
        }
        cost += QUERY + taken.rows.length
        seen += taken.rows.length
        if (cost >= PORTION) {
          yield { found, at, seen }
          found = []
          cost = 0
          seen = 0
        }
      }
    }
    yield { found, at, seen }
  }

  async function* inTurns(portions: Generator<Portion<T>>): AsyncGenerator<Portion<T>, void> {
    for (;;) {
      await turn()
      const { value, done } = portions.next()
      if (done) return
      yield value
    }
  }

  return {
    inTime: (range) => inTurns(merged(range)),
    bySensor: (range) => inTurns(one(range)),
  }
}
