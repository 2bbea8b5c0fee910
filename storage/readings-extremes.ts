/**
 * The least and the greatest value of a stretch of one sensor's readings, found by SQLite itself: a row that
 * never becomes an object costs a quarter. Rows of the intake that may move meanwhile are looked at in the same
 * snapshot as the history, so that none counts twice or not at all.
 */
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import { GOOD } from './readings-line.js'
import { createProgress, isBefore, type Position } from './readings-place.js'
import { measured } from './readings-row.js'
import { RECENT, type Sensor } from './sensors.js'
import { param, prepare, query } from './statement.js'

/** What was found between two places; as little as nothing. */
export interface Extremes {
  /** Readings, with or without a value. */
  rows: number
  /** null where no reading has a value. */
  low: number | null
  /** When, ms since 1970. */
  low_at: number
  high: number | null
  high_at: number
  /** Position in QUALITIES of the worst one, 0 when all are good. */
  worst: number
}

export const nothing = (): Extremes => ({ rows: 0, low: null, low_at: 0, high: null, high_at: 0, worst: 0 })

/** Adds one value to what was found. */
export function take(found: Extremes, timestamp: number, value: number | null, quality: number): void {
  found.rows++
  if (quality > GOOD && quality > found.worst) found.worst = quality
  if (value === null) return
  if (found.low === null || value < found.low) {
    found.low = value
    found.low_at = timestamp
  }
  if (found.high === null || value > found.high) {
    found.high = value
    found.high_at = timestamp
  }
}

/** A sensor's rows in the intake from…to (ms, both included), in order, as they are now. */
export function inIntake({ recent }: Sensor, from: number, to: number): Position[] {
  const found: Position[] = []
  for (let at = 0; at < recent.length; at += RECENT.width) {
    const timestamp = recent[at + RECENT.timestamp]!
    if (timestamp >= from && timestamp <= to) found.push({ timestamp, id: recent[at + RECENT.id]! })
  }
  return found.sort((a, b) => (isBefore(a, b) ? -1 : 1))
}

interface Between {
  sensor_id: number
  after_at: number
  after_id: number
  until_at: number
  until_id: number
}

export interface ExtremesReads {
  /** The `nth` row of the history strictly after a place, up to and with the time `until`. */
  nth(sensor: Sensor, after: Position, until: number, n: number): Position | undefined
  /** Adds what lies strictly after a place, up to and with another; `waiting` is what the intake has there. */
  add(found: Extremes, sensor: Sensor, after: Position, until: Position, waiting: readonly Position[]): void
}

export function createExtremes(db: Database): ExtremesReads {
  const ofSensor = query
    .selectFrom('readings_history')
    .where('sensor_id', '=', param<number>('sensor_id'))
    .where(sql<boolean>`(timestamp, id) > (@after_at, @after_id) AND timestamp <= @until_at`)
  const between = ofSensor.where(sql<boolean>`(timestamp, id) <= (@until_at, @until_id)`)
  // Beside one min() or max() a bare column is that of its row. https://sqlite.org/lang_select.html#bareagg
  const lows = prepare<Between, [rows: number, flawed: number, low: number | null, low_at: number]>(
    db,
    between.select([
      sql<number>`count(*)`.as('rows'),
      sql<number>`total(quality > ${sql.lit(GOOD)})`.as('flawed'),
      sql`min(${measured})`.as('low'),
      'timestamp',
    ]),
  ).raw()
  const highs = prepare<Between, [high: number | null, high_at: number]>(
    db,
    between.select([sql`max(${measured})`.as('high'), 'timestamp']),
  ).raw()
  const worst = prepare<Between, number>(
    db,
    between.select(({ fn }) => fn.max('quality').as('worst')),
  ).pluck()
  const nth = prepare<Omit<Between, 'until_id'> & { skipped: number }, Position>(
    db,
    ofSensor
      .select(['timestamp', 'id'])
      .orderBy('timestamp')
      .orderBy('id')
      .limit(sql.lit(1))
      .offset(param<number>('skipped')),
  )
  const ofIntake = prepare<{ id: number }, [timestamp: number, value: number | null, quality: number]>(
    db,
    query
      .selectFrom('readings_intake')
      .select(['timestamp', measured.as('value'), 'quality'])
      .where('id', '=', param<number>('id')),
  ).raw()
  const progress = createProgress(db)

  const addMoved = (found: Extremes, place: Between): void => {
    const [rows, flawed, low, low_at] = lows.get(place)!
    if (rows === 0) return
    found.rows += rows
    if (flawed > 0) found.worst = Math.max(found.worst, worst.get(place)!)
    if (low === null) return
    if (found.low === null || low < found.low) {
      found.low = low
      found.low_at = low_at
    }
    const [high, high_at] = highs.get(place)!
    if (high !== null && (found.high === null || high > found.high)) {
      found.high = high
      found.high_at = high_at
    }
  }

  const addBoth = db.transaction(
    (found: Extremes, sensor: Sensor, place: Between, waiting: readonly Position[]) => {
      const isMoved = progress()
      addMoved(found, place)
      for (const { timestamp, id } of waiting) {
        if (isMoved(sensor.id, timestamp, id)) continue
        const row = ofIntake.get({ id })
        if (row) take(found, ...row)
      }
    },
  )

  return {
    nth: (sensor, after, until, n) =>
      nth.get({
        sensor_id: sensor.id,
        after_at: after.timestamp,
        after_id: after.id,
        until_at: until,
        skipped: n - 1,
      }),
    add(found, sensor, after, until, waiting) {
      const place = {
        sensor_id: sensor.id,
        after_at: after.timestamp,
        after_id: after.id,
        until_at: until.timestamp,
        until_id: until.id,
      }
      if (waiting.length > 0) addBoth(found, sensor, place, waiting)
      else addMoved(found, place)
    },
  }
}
