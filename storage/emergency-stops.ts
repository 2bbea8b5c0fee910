/**
 * Emergency stops: those that are latched are in memory, the released ones are rows, kept as the record of what
 * happened. Released ones beyond the latest 1,000 are forgotten when the next one is released.
 */
import type { Database } from 'better-sqlite3'
import type { EmergencyStopsTable } from './actuator-tables.js'
import type { Group, Writer } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type EmergencyStop = Readonly<EmergencyStopsTable>

/** What names the scope and who wanted it. */
export type NewStop = Pick<
  EmergencyStop,
  'scope' | 'esp_id' | 'zone_id' | 'gpio' | 'reason' | 'issued_by' | 'stopped_at'
>

export interface EmergencyStops {
  /** One that is latched. */
  find(id: number): EmergencyStop | undefined
  /** All that are latched, oldest first. */
  list(): EmergencyStop[]
  /** The latest, released or not, newest first; what is still queued comes with the next call. */
  history(limit: number): EmergencyStop[]
  insert(stop: NewStop): EmergencyStop
  /** Queues the changed row; with a `released_at` it is latched no more. */
  update(stop: EmergencyStop, changes: Partial<EmergencyStop>): EmergencyStop
}

/** Released stops that are kept. */
export const KEPT_STOPS = 1_000

const COLUMNS = [
  'id',
  'scope',
  'esp_id',
  'zone_id',
  'gpio',
  'reason',
  'issued_by',
  'stopped_at',
  'armed_at',
  'arm_token',
  'armed_by',
  'released_at',
  'released_by',
  'release_reason',
  'repeated_at',
  'repeated_by',
  'repeated_reason',
] as const satisfies readonly (keyof EmergencyStopsTable)[]

/** A released stop is in memory for this long, so that a release that is withdrawn is latched again, ms. */
const LINGER = 600_000

/** `forgotten` hears of stops that memory needs no more. */
export function createEmergencyStops(
  db: Database,
  group: Group,
  forgotten: (stop_id: number) => void,
): EmergencyStops {
  const records = createRecords<EmergencyStopsTable>(db, group, {
    table: 'emergency_stops',
    columns: COLUMNS,
    key: ['id'],
    ownerOf: ({ scope }) => scope,
    where: 'released_at IS NULL',
    ...asTheyAre<EmergencyStopsTable>(),
  })
  let lastId = Number(db.prepare('SELECT coalesce(max(id), 0) FROM emergency_stops').pluck().get())
  const latest = db.prepare<[number], EmergencyStop>('SELECT * FROM emergency_stops ORDER BY id DESC LIMIT ?')
  const forgetStops = db.prepare<[number]>(
    'DELETE FROM emergency_stops WHERE released_at IS NOT NULL AND id <= ?',
  )
  const forgetDevices = db.prepare<[number]>(
    'DELETE FROM emergency_devices WHERE stop_id <= ? AND stop_id NOT IN (SELECT id FROM emergency_stops)',
  )
  const forgetter: Writer<number> = {
    write(id) {
      forgetStops.run(id)
      forgetDevices.run(id)
    },
  }

  return {
    find: (id) => latched(records.find(id)),
    list: () =>
      records
        .list()
        .filter((stop) => latched(stop))
        .sort((a, b) => a.id - b.id),
    history: (limit) => latest.all(limit),
    insert: (stop) =>
      records.put(undefined, {
        armed_at: null,
        arm_token: null,
        armed_by: null,
        released_at: null,
        released_by: null,
        release_reason: null,
        repeated_at: null,
        repeated_by: null,
        repeated_reason: null,
        ...stop,
        id: ++lastId,
      }),
    update(stop, changes) {
      const next = records.put(stop, { ...stop, ...changes })
      if (next.released_at === null) return next
      if (next.id > KEPT_STOPS) group.write(forgetter, next.id - KEPT_STOPS)
      for (const old of records.list())
        if (old.released_at !== null && old.released_at < next.released_at - LINGER) {
          records.forget(old)
          forgotten(old.id)
        }
      return next
    },
  }
}

const latched = (stop: EmergencyStop | undefined): EmergencyStop | undefined =>
  stop && stop.released_at === null ? stop : undefined
