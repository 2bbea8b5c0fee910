/**
 * Takes out all readings of a device, and its sensors, portion by portion, so that nobody else has to wait: first what
 * lies in the intake, from where it could still move, then what lies in the history. Whoever calls it has seen to it
 * that nothing new of the device comes.
 */
import type { Database } from 'better-sqlite3'
import { DATA_SOURCES } from '../routing/contract/quality.js'
import type { Group, Writer } from './group.js'
import { createHistoryNote } from './readings-by-source.js'
import { createProgress } from './readings-place.js'
import { RECENT, type Sensor, type Sensors } from './sensors.js'

export interface RemovalOptions {
  readonly db: Database
  readonly group: Group
  readonly sensors: Sensors
  /** A reading of this source is gone. */
  readonly gone: (data_source: number) => void
  /** So many are in the intake no more. */
  readonly left: (readings: number) => void
}

/** Rows of a transaction. */
const PORTION = 500

interface Deleted {
  readonly timestamp: number
  readonly id: number
  readonly data_source: number
}

/** What a transaction is to take out; `deleted` is what it took the last time it was tried. */
interface Portion {
  readonly sensor_id: number
  readonly ids?: readonly number[]
  deleted: readonly Deleted[]
}

export function createRemoval({ db, group, sensors, gone, left }: RemovalOptions) {
  const fromIntake = db.prepare<[number, number], Deleted>(
    'DELETE FROM readings_intake WHERE id = ? AND sensor_id = ? RETURNING timestamp, id, data_source',
  )
  const fromHistory = db.prepare<[number, number, number], Deleted>(
    `DELETE FROM readings_history
      WHERE sensor_id = ? AND (timestamp, id) IN
            (SELECT timestamp, id FROM readings_history WHERE sensor_id = ? ORDER BY timestamp, id LIMIT ?)
     RETURNING timestamp, id, data_source`,
  )
  const progress = createProgress(db)
  const note = createHistoryNote(db)
  const clock = db.prepare<[], number>('SELECT 1000 * unixepoch()').pluck()

  const intake: Writer<Portion> = {
    write(portion) {
      const { sensor_id, ids = [] } = portion
      const isMoved = progress()
      // One that has moved already is counted where it is now.
      portion.deleted = ids
        .flatMap((id) => fromIntake.get(id, sensor_id) ?? [])
        .filter(({ timestamp, id }) => !isMoved(sensor_id, timestamp, id))
    },
    undo() {},
  }
  const history: Writer<Portion> = {
    write(portion) {
      const { sensor_id } = portion
      portion.deleted = fromHistory.all(sensor_id, sensor_id, PORTION)
      const counts = note.read()
      if (!counts || portion.deleted.length === 0) return
      for (const { data_source } of portion.deleted) counts[DATA_SOURCES[data_source]!]--
      note.write(counts, clock.get()!)
    },
    undo() {},
  }

  /** Resolves with how many there were. */
  const take = async (writer: Writer<Portion>, portion: Portion): Promise<number> => {
    await group.run(() => group.write(writer, portion))
    for (const { data_source } of portion.deleted) gone(data_source)
    return portion.deleted.length
  }

  const forgetRecent = ({ recent }: Sensor, ids: ReadonlySet<number>): void => {
    const before = recent.length
    for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width)
      if (ids.has(recent[at]!)) recent.splice(at, RECENT.width)
    left((before - recent.length) / RECENT.width)
  }

  /** Resolves with how many readings there were, when all of them are gone from the disk. */
  return async function removeDevice(esp_id: string): Promise<number> {
    let all = 0
    for (const sensor of sensors.select({ esp_id })) {
      const { id: sensor_id, recent } = sensor
      while (recent.length > 0) {
        const ids: number[] = []
        for (let at = RECENT.id; at < recent.length && ids.length < PORTION; at += RECENT.width)
          ids.push(recent[at]!)
        all += await take(intake, { sensor_id, ids, deleted: [] })
        forgetRecent(sensor, new Set(ids))
      }
      for (;;) {
        const taken = await take(history, { sensor_id, deleted: [] })
        all += taken
        if (taken === 0) break
      }
      await group.run(() => sensors.remove(sensor))
    }
    return all
  }
}
