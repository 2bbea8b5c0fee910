/**
 * Which devices an emergency stop concerns, and whether each has confirmed it: in memory while the stop is latched, and
 * after that until the device knows that it is over.
 */
import type { Database } from 'better-sqlite3'
import type { EmergencyDevicesTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type EmergencyDevice = Readonly<EmergencyDevicesTable>

export interface EmergencyDevices {
  find(stop_id: number, esp_id: string): EmergencyDevice | undefined
  /** Of one stop, or of all, in no order. */
  list(stop_id?: number): EmergencyDevice[]
  /** Queues the row of a new or changed one. */
  upsert(
    stop_id: number,
    esp_id: string,
    changes: Partial<Omit<EmergencyDevice, 'stop_id' | 'esp_id'>>,
  ): EmergencyDevice
  /** Forgets in memory those of a stop who know that it is over; their rows stay. */
  forget(stop_id: number): void
  /** Forgets a device that goes. */
  removeDevice(esp_id: string): void
}

const COLUMNS = [
  'stop_id',
  'esp_id',
  'state',
  'sent_at',
  'attempts',
  'confirmed_at',
  'confirmed_by',
  'cleared_at',
] as const satisfies readonly (keyof EmergencyDevicesTable)[]

export function createEmergencyDevices(db: Database, group: Group): EmergencyDevices {
  const records = createRecords<EmergencyDevicesTable>(db, group, {
    table: 'emergency_devices',
    columns: COLUMNS,
    key: ['stop_id', 'esp_id'],
    ownerOf: ({ stop_id }) => String(stop_id),
    where: 'cleared_at IS NULL',
    ...asTheyAre<EmergencyDevicesTable>(),
  })
  return {
    find: records.find,
    list: (stop_id) => records.list(stop_id === undefined ? undefined : String(stop_id)),
    forget(stop_id) {
      for (const device of records.list(String(stop_id)))
        if (device.cleared_at !== null) records.forget(device)
    },
    removeDevice(esp_id) {
      for (const device of records.list()) if (device.esp_id === esp_id) records.remove(device)
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
  cleared_at: null,
} as const
