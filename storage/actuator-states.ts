/**
 * What each actuator was reported to be last, and what it is wanted to be: all in memory, because limits look at
 * them every second, also while storage fails.
 */
import type { Database } from 'better-sqlite3'
import type { ActuatorStatesTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type { ActuatorStateWord } from './actuator-tables.js'
export type ActuatorState = Readonly<ActuatorStatesTable>

export interface ActuatorStates {
  find(esp_id: string, gpio: number): ActuatorState | undefined
  /** Of a device, or of all, in no order. */
  list(esp_id?: string): ActuatorState[]
  count(esp_id: string): number
  /** Queues the row of a new or changed state. */
  upsert(
    esp_id: string,
    gpio: number,
    changes: Partial<Omit<ActuatorState, 'esp_id' | 'gpio' | 'updated_at'>>,
    now: number,
  ): ActuatorState
  remove(state: ActuatorState): void
  /** Forgets the states of a device that goes. */
  removeDevice(esp_id: string): void
}

const COLUMNS = [
  'esp_id',
  'gpio',
  'actuator_type',
  'state',
  'current_value',
  'desired',
  'on_since',
  'runtime_ms',
  'last_command',
  'last_command_at',
  'error',
  'emergency',
  'data_source',
  'stale_since',
  'stale_reason',
  'reported_at',
  'updated_at',
] as const satisfies readonly (keyof ActuatorStatesTable)[]

/** It is running, as far as was reported. */
export const isOn = ({ state }: Pick<ActuatorState, 'state'>): boolean => state === 'on' || state === 'pwm'

export function createActuatorStates(db: Database, group: Group): ActuatorStates {
  const records = createRecords<ActuatorStatesTable>(db, group, {
    table: 'actuator_states',
    columns: COLUMNS,
    key: ['esp_id', 'gpio'],
    ownerOf: ({ esp_id }) => esp_id,
    ...asTheyAre<ActuatorStatesTable>(),
  })
  return {
    find: records.find,
    list: records.list,
    count: records.count,
    upsert(esp_id, gpio, changes, now) {
      const before = records.find(esp_id, gpio)
      return records.put(before, { ...(before ?? blank(esp_id, gpio)), ...changes, updated_at: now })
    },
    remove: records.remove,
    removeDevice(esp_id) {
      for (const state of records.list(esp_id)) records.remove(state)
    },
  }
}

const blank = (esp_id: string, gpio: number): ActuatorStatesTable => ({
  esp_id,
  gpio,
  actuator_type: 'unknown',
  state: 'unknown',
  current_value: 0,
  desired: null,
  on_since: null,
  runtime_ms: null,
  last_command: null,
  last_command_at: null,
  error: null,
  emergency: 'normal',
  data_source: 'production',
  stale_since: null,
  stale_reason: null,
  reported_at: null,
  updated_at: 0,
})
