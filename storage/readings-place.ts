/**
 * Where rows are: a sensor's readings lie in the clustered history, and those that came since the last move in
 * the intake, which has no index: `Sensor.recent` knows their ids. Both are read in one snapshot together with
 * how far the move has come, so that no row is seen twice or missed while it moves. Rows that are queued and
 * not committed yet are not seen.
 */
import type { Database } from 'better-sqlite3'
import { type RawBuilder, sql } from 'kysely'
import type { Row, Selection } from './readings-row.js'
import { RECENT, type Sensor } from './sensors.js'
import { param, prepare, query } from './statement.js'
import type { CompactionTable } from './tables.js'

export type Order = 'asc' | 'desc'

/** A place in the order of readings: all of them, whatever the sensor, by time and then by arrival. */
export interface Position {
  readonly timestamp: number
  readonly id: number
}

/** Is `a` before `b`? */
export const isBefore = (a: Position, b: Position): boolean =>
  a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.id < b.id)

/** What lies strictly beyond `after`, up to and with the time `until`. */
export interface Stretch {
  readonly order: Order
  readonly after: Position
  readonly until: number
}

/** The whole of `from`…`to` (ms, both included). */
export const stretch = (order: Order, from: number, to: number): Stretch =>
  order === 'asc'
    ? { order, after: { timestamp: from, id: -1 }, until: to }
    : { order, after: { timestamp: to, id: Number.MAX_SAFE_INTEGER }, until: from }

/** Knows whether a row is in the history already. */
export function createProgress(
  db: Database,
): () => (sensor_id: number, timestamp: number, id: number) => boolean {
  const progress = prepare<object, CompactionTable>(db, query.selectFrom('compaction').selectAll())
  return () => {
    const mark = progress.get({})!
    return (sensor_id, timestamp, id) =>
      id <= mark.cutoff &&
      (sensor_id < mark.sensor_id ||
        (sensor_id === mark.sensor_id &&
          (timestamp < mark.timestamp || (timestamp === mark.timestamp && id <= mark.id))))
  }
}

export interface Place {
  /** The next rows of a sensor, at most `rows` (0 < rows); `more` is false when there are none behind them. */
  take(sensor: Sensor, stretch: Stretch, rows: number): { rows: Row[]; more: boolean }
}

interface Bind {
  sensor_id: number
  timestamp: number
  id: number
  until: number
  rows: number
}

export function createPlace(db: Database, { columns }: Selection<unknown>): Place {
  const history = (order: Order, beyond: RawBuilder<boolean>) =>
    prepare<Bind, Row>(
      db,
      query
        .selectFrom('readings_history')
        .select(columns.as('row'))
        .where('sensor_id', '=', param<number>('sensor_id'))
        .where(beyond)
        .orderBy('timestamp', order)
        .orderBy('id', order)
        .limit(param<number>('rows')),
    ).raw()
  const statements = {
    asc: history('asc', sql<boolean>`timestamp <= @until AND (timestamp, id) > (@timestamp, @id)`),
    desc: history('desc', sql<boolean>`timestamp >= @until AND (timestamp, id) < (@timestamp, @id)`),
  }
  const ofIntake = prepare<{ id: number }, Row>(
    db,
    query.selectFrom('readings_intake').select(columns.as('row')).where('id', '=', param<number>('id')),
  ).raw()
  const progress = createProgress(db)

  const moved = (sensor: Sensor, { order, after, until }: Stretch, rows: number): Row[] =>
    statements[order].all({ sensor_id: sensor.id, timestamp: after.timestamp, id: after.id, until, rows })

  /** Where the sensor's rows of the intake are, in order. */
  const waiting = ({ id: sensor_id, recent }: Sensor, { order, after, until }: Stretch): Position[] => {
    const isMoved = progress()
    const found: Position[] = []
    for (let at = 0; at < recent.length; at += RECENT.width) {
      const position = { timestamp: recent[at + RECENT.timestamp]!, id: recent[at + RECENT.id]! }
      const inside =
        order === 'asc'
          ? position.timestamp <= until && isBefore(after, position)
          : position.timestamp >= until && isBefore(position, after)
      if (inside && !isMoved(sensor_id, position.timestamp, position.id)) found.push(position)
    }
    return found.sort((a, b) => (isBefore(a, b) === (order === 'asc') ? -1 : 1))
  }

  const both = db.transaction((sensor: Sensor, wanted: Stretch, rows: number) => {
    const positions = waiting(sensor, wanted)
    const old = moved(sensor, wanted, rows)
    const fresh: Row[] = []
    let looked = 0
    while (looked < positions.length && fresh.length < rows) {
      const row = ofIntake.get({ id: positions[looked++]!.id })
      if (row) fresh.push(row)
    }
    const merged = merge(old, fresh, wanted.order)
    return {
      rows: merged.slice(0, rows),
      more: old.length === rows || looked < positions.length || merged.length > rows,
    }
  })

  return {
    take(sensor, wanted, rows) {
      if (sensor.recent.length > 0) return both(sensor, wanted, rows)
      const found = moved(sensor, wanted, rows)
      return { rows: found, more: found.length === rows }
    },
  }
}

/** Two lists in order → one. */
function merge(a: Row[], b: Row[], order: Order): Row[] {
  if (a.length === 0) return b
  if (b.length === 0) return a
  const merged: Row[] = []
  const first = (x: Row, y: Row): boolean =>
    (x[0] < y[0] || (x[0] === y[0] && x[1] < y[1])) === (order === 'asc')
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) merged.push(first(a[i]!, b[j]!) ? a[i++]! : b[j++]!)
  while (i < a.length) merged.push(a[i++]!)
  while (j < b.length) merged.push(b[j++]!)
  return merged
}
