/**
 * Is a reading stored already? A reading newer than its sensor's latest is new; only for the others there is a
 * look-up, first among the intake's keys in memory, then in the clustered history, so that redelivery is caught
 * over all rows: same time, value and seq; without a time of its own, seq within a boot. Decisions §2
 */
import type { Database } from 'better-sqlite3'
import { TIME_SOURCE } from './readings-row.js'
import { RECENT, type Sensor } from './sensors.js'
import { param, prepare, query } from './statement.js'
import type { ReadingsTable } from './tables.js'

/** Without a clock of its own a reading is recognised by seq for this long, ms. */
const SEQ_WINDOW = 600_000
const SERVER = TIME_SOURCE.server!

export function createKnown(db: Database): (sensor: Sensor, row: ReadingsTable) => boolean {
  const sameTime = prepare<ReadingsTable, { seq: number | null }>(
    db,
    query
      .selectFrom('readings_history')
      .select('seq')
      .where('sensor_id', '=', param<number>('sensor_id'))
      .where('timestamp', '=', param<number>('timestamp'))
      .where('raw_value', '=', param<number>('raw_value'))
      .where('time_source', '=', param<number>('time_source'))
      .where('seq', 'is', param<number>('seq')),
  )
  const sameSeq = prepare<ReadingsTable & { since: number }, { seq: number | null }>(
    db,
    query
      .selectFrom('readings_history')
      .select('seq')
      .where('sensor_id', '=', param<number>('sensor_id'))
      .where('timestamp', '>=', param<number>('since'))
      .where('raw_value', '=', param<number>('raw_value'))
      .where('time_source', '=', param<number>('time_source'))
      .where('boot', 'is', param<number>('boot'))
      .where('seq', 'is', param<number>('seq')),
  )

  return (sensor, row) => {
    const { recent } = sensor
    const seq = row.seq ?? -1
    if (row.time_source !== SERVER) {
      if (row.timestamp > sensor.latest_timestamp) return false
      for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width)
        if (
          recent[at + RECENT.timestamp] === row.timestamp &&
          recent[at + RECENT.raw_value] === row.raw_value &&
          recent[at + RECENT.seq] === seq &&
          recent[at + RECENT.boot] === -1
        )
          return true
      return sameTime.get(row) !== undefined
    }
    if (row.seq === null) return false
    const since = row.received_at - SEQ_WINDOW
    for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width) {
      if (recent[at + RECENT.received_at]! < since) return false
      if (
        recent[at + RECENT.seq] === seq &&
        recent[at + RECENT.boot] === (row.boot ?? 0) &&
        recent[at + RECENT.raw_value] === row.raw_value
      )
        return true
    }
    return sensor.latest_timestamp >= since && sameSeq.get({ ...row, since }) !== undefined
  }
}
