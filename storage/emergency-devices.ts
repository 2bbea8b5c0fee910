/** Which devices an emergency stop concerns and whether each has confirmed it: all in memory while their stop is. */
import type { Database } from 'better-sqlite3'
import type { EmergencyDevicesTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type EmergencyDevice = Readonly<EmergencyDevicesTable>

export interface EmergencyDevices {
  find(stop_id: number, esp_id: string): EmergencyDevice | undefined
  /** Of one stop, in no order. */
  list(stop_id: number): EmergencyDevice[]
  /** Queues the row of a new or changed one. */
  upsert(
    stop_id: number,
    esp_id: string,
    changes: Partial<Omit<EmergencyDevice, 'stop_id' | 'esp_id'>>,
  ): EmergencyDevice
  /** Forgets those of a stop in memory; their rows stay. */
  forget(stop_id: number): void
}

const COLUMNS = [
  'stop_id',
  'esp_id',
  'state',
  'sent_at',
  'attempts',
  'confirmed_at',
  'confirmed_by',
] as const satisfies readonly (keyof EmergencyDevicesTable)[]

export function createEmergencyDevices(db: Database, group: Group): EmergencyDevices {
  const records = createRecords<EmergencyDevicesTable>(db, group, {
    table: 'emergency_devices',
    columns: COLUMNS,
    key: ['stop_id', 'esp_id'],
    ownerOf: ({ stop_id }) => String(stop_id),
    where: 'stop_id IN (SELECT id FROM emergency_stops WHERE released_at IS NULL)',
    ...asTheyAre<EmergencyDevicesTable>(),
  })
  return {
    find: records.find,
    list: (stop_id) => records.list(String(stop_id)),
    forget(stop_id) {
      for (const device of records.list(String(stop_id))) records.forget(device)
    },
    upsert(stop_id, esp_id, changes) {
      const before = records.find(stop_id, esp_id)
      return records.put(before, { ...(before ?? { ...blank, stop_id, esp_id }), ...changes })
    },
  }
}

const blank = {
  state: 'waiting',
  sent_at: null,
  attempts: 0,
  confirmed_at: null,
  confirmed_by: null,
} as const
