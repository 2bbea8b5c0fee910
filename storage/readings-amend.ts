/**
 * Gives stored readings another processed value, wherever their row is by then: found out late, or computed
 * again for a past period. The raw value is never changed.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { createProgress } from './readings-place.js'
import { PROCESSING_MODE, QUALITY, type Reading, type StoredReading } from './readings-row.js'
import type { Walk } from './readings-walk.js'
import type { Sensor, Sensors } from './sensors.js'
import { param, prepare, query } from './statement.js'

/** What of a stored reading can become another. */
export type Amendment = Pick<Reading, 'processed_value' | 'unit' | 'quality' | 'processing_mode'>

/** Which reading it is. */
export type ReadingKey = Pick<Reading, 'esp_id' | 'gpio' | 'sensor_type' | 'address' | 'timestamp'>

export interface RecomputeOptions {
  /** Rows per transaction, at most. */
  chunk?: number
  /** Called after each transaction with how many were looked at and how many became others. */
  progress?: (read: number, changed: number) => void
}

/** Queues the new values of a row; inside the group only. */
export type Amend = (id: number, reading: ReadingKey & Amendment) => void

export type Recompute = (
  sensor_ids: readonly number[],
  from: number,
  to: number,
  again: (reading: StoredReading) => Partial<Amendment> | undefined,
  options?: RecomputeOptions,
) => Promise<number>

interface Bind {
  processed_value: number | null
  unit: string | null
  quality: number
  processing_mode: number
  id: number
  sensor_id: number
  timestamp: number
}

interface Change {
  sensor: Sensor
  bind: Bind
  /** The sensor's latest reading before and after, when it was this one. */
  latest: { before: Reading; after: Reading } | undefined
}

const changes = {
  processed_value: param<number | null>('processed_value'),
  unit: param<string | null>('unit'),
  quality: param<number>('quality'),
  processing_mode: param<number>('processing_mode'),
}

export function createAmend(db: Database, group: Group, sensors: Sensors): Amend {
  const inIntake = prepare<Bind>(
    db,
    query
      .updateTable('readings_intake')
      .set(changes)
      .where('id', '=', param<number>('id'))
      .where('sensor_id', '=', param<number>('sensor_id')),
  )
  const inHistory = prepare<Bind>(
    db,
    query
      .updateTable('readings_history')
      .set(changes)
      .where('sensor_id', '=', param<number>('sensor_id'))
      .where('timestamp', '=', param<number>('timestamp'))
      .where('id', '=', param<number>('id')),
  )
  const progress = createProgress(db)

  const writer: Writer<Change> = {
    write({ bind }) {
      // The write lock is ours: nothing moves between the question and the answer. The question is about the move
      // under way; a row that an earlier one took is not in the intake any more.
      const isMoved = progress()(bind.sensor_id, bind.timestamp, bind.id)
      if (isMoved || inIntake.run(bind).changes === 0) inHistory.run(bind)
    },
    undo({ sensor, latest }) {
      if (latest && sensor.latest === latest.after) sensor.latest = latest.before
    },
  }

  return (
    id,
    { esp_id, gpio, sensor_type, address, timestamp, processed_value, unit, quality, processing_mode },
  ) => {
    const sensor = sensors.find(esp_id, gpio, sensor_type, address)
    if (!sensor) return
    const bind = {
      processed_value,
      unit,
      quality: QUALITY[quality]!,
      processing_mode: PROCESSING_MODE[processing_mode]!,
      id,
      sensor_id: sensor.id,
      timestamp,
    }
    const before = sensor.latest_id === id ? sensor.latest : undefined
    const latest = before && { before, after: { ...before, processed_value, unit, quality, processing_mode } }
    if (latest) sensor.latest = latest.after
    group.write(writer, { sensor, bind, latest })
  }
}

const CHUNK = 250

/**
 * Walks the readings of sensors in from…to (ms, both included); `again` says what becomes of each, undefined
 * leaves it. Resolves with how many were changed, when all of it is on disk. Each chunk is a transaction of its
 * own: when it ends early (`again` throws, storage fails), what was done is done, and it can be run again.
 */
export const createRecompute =
  (group: Group, sensors: Sensors, walk: Walk<StoredReading>, amend: Amend): Recompute =>
  async (sensor_ids, from, to, again, { chunk = CHUNK, progress } = {}) => {
    const wanted = sensor_ids.flatMap((id) => sensors.get(id) ?? [])
    let read = 0
    let changed = 0
    for await (const { found } of walk.bySensor({ sensors: wanted, from, to })) {
      for (let at = 0; at < found.length; at += chunk) {
        const part = found.slice(at, at + chunk)
        const others = part.flatMap((reading) => {
          const change = again(reading)
          return change ? [{ ...reading, ...change }] : []
        })
        if (others.length > 0)
          await group.run(() => {
            for (const reading of others) amend(reading.id, reading)
          })
        read += part.length
        changed += others.length
        progress?.(read, changed)
      }
    }
    return changed
  }
