/** What is to happen to actuators by itself, and when: all timers in memory, each in its row, so that a restart keeps them. */
import type { Database } from 'better-sqlite3'
import type { ActuatorTimersTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type ActuatorTimer = Readonly<ActuatorTimersTable>
export type TimerKind = ActuatorTimer['kind']

export interface ActuatorTimers {
  find(esp_id: string, gpio: number, kind: TimerKind): ActuatorTimer | undefined
  /** Of a device, or of all, in no order. */
  list(esp_id?: string): ActuatorTimer[]
  /** Queues a timer in the place of the one of its kind. */
  upsert(timer: ActuatorTimer): ActuatorTimer
  remove(timer: ActuatorTimer): void
  /** Forgets the timers of a device that goes. */
  removeDevice(esp_id: string): void
}

const COLUMNS = [
  'esp_id',
  'gpio',
  'kind',
  'due_at',
  'started_at',
] as const satisfies readonly (keyof ActuatorTimersTable)[]

export function createActuatorTimers(db: Database, group: Group): ActuatorTimers {
  const records = createRecords<ActuatorTimersTable>(db, group, {
    table: 'actuator_timers',
    columns: COLUMNS,
    key: ['esp_id', 'gpio', 'kind'],
    ownerOf: ({ esp_id }) => esp_id,
    ...asTheyAre<ActuatorTimersTable>(),
  })
  return {
    find: records.find,
    list: records.list,
    upsert: (timer) => records.put(records.find(timer.esp_id, timer.gpio, timer.kind), { ...timer }),
    remove: records.remove,
    removeDevice(esp_id) {
      for (const timer of records.list(esp_id)) records.remove(timer)
    },
  }
}
