/**
 * What is connected to a pin and within which limits it may run, as people set it: all configs in memory, their
 * JSON parsed, because the gate asks for them with every command and every second.
 */
import { randomUUID } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { ActuatorConfigsTable } from './actuator-tables.js'
import type { Group } from './group.js'
import { createRecords } from './records.js'

type Json = Readonly<Record<string, unknown>>

/** The row, with its JSON parsed. */
export interface ActuatorConfig
  extends Readonly<Omit<ActuatorConfigsTable, 'interlocks' | 'required_sensors' | 'sanity' | 'metadata'>> {
  readonly interlocks: readonly Json[]
  readonly required_sensors: readonly Json[]
  readonly sanity: Json | null
  /** What people wrote down besides. */
  readonly metadata: Json
}

/** What of a config can be set. */
export type ActuatorFields = Partial<
  Omit<ActuatorConfig, 'id' | 'esp_id' | 'gpio' | 'created_at' | 'updated_at'>
>

export interface ActuatorConfigs {
  find(esp_id: string, gpio: number): ActuatorConfig | undefined
  /** Ordered by device and gpio. */
  list(esp_id?: string): ActuatorConfig[]
  count(esp_id: string): number
  /** Another number after every change of any config, also after one that is taken back. */
  readonly version: number
  /** Queues a new row. Throws when there is one for this pin. */
  insert(
    esp_id: string,
    gpio: number,
    fields: ActuatorFields & Pick<ActuatorConfig, 'actuator_type'>,
    now: number,
  ): ActuatorConfig
  /** Queues the changed row; returns the new record. */
  update(config: ActuatorConfig, changes: ActuatorFields, now: number): ActuatorConfig
  remove(config: ActuatorConfig): void
  /** Forgets the configs of a device that goes; its history stays. */
  removeDevice(esp_id: string): void
}

const COLUMNS = [
  'id',
  'esp_id',
  'gpio',
  'actuator_type',
  'actuator_name',
  'enabled',
  'min_value',
  'max_value',
  'default_value',
  'safe_value',
  'max_runtime',
  'min_off',
  'starts_per_hour',
  'daily_quota',
  'interlocks',
  'required_sensors',
  'require_rule_sensors',
  'sanity',
  'aux_gpio',
  'critical',
  'inverted_logic',
  'pwm_frequency',
  'servo_min_pulse',
  'servo_max_pulse',
  'metadata',
  'config_status',
  'config_error',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof ActuatorConfigsTable)[]

const recordOf = (row: ActuatorConfigsTable): ActuatorConfig =>
  Object.freeze({
    ...row,
    interlocks: JSON.parse(row.interlocks) as Json[],
    required_sensors: JSON.parse(row.required_sensors) as Json[],
    sanity: row.sanity === null ? null : (JSON.parse(row.sanity) as Json),
    metadata: JSON.parse(row.metadata) as Json,
  })

const rowOf = (config: ActuatorConfig): ActuatorConfigsTable => ({
  ...config,
  interlocks: JSON.stringify(config.interlocks),
  required_sensors: JSON.stringify(config.required_sensors),
  sanity: config.sanity === null ? null : JSON.stringify(config.sanity),
  metadata: JSON.stringify(config.metadata),
})

const inOrder = (a: ActuatorConfig, b: ActuatorConfig): number =>
  a.esp_id === b.esp_id ? a.gpio - b.gpio : a.esp_id < b.esp_id ? -1 : 1

export function createActuatorConfigs(
  db: Database,
  group: Group,
  uuid: () => string = randomUUID,
): ActuatorConfigs {
  let version = 0
  const records = createRecords<ActuatorConfigsTable, ActuatorConfig>(db, group, {
    table: 'actuator_configs',
    columns: COLUMNS,
    key: ['esp_id', 'gpio'],
    ownerOf: ({ esp_id }) => esp_id,
    recordOf,
    rowOf,
    changed: () => void version++,
  })
  return {
    find: records.find,
    list: (esp_id) => records.list(esp_id).sort(inOrder),
    count: records.count,
    get version() {
      return version
    },
    insert(esp_id, gpio, fields, now) {
      if (records.find(esp_id, gpio)) throw new Error(`an actuator on GPIO ${gpio} of ${esp_id} exists`)
      return records.put(undefined, { ...blank(uuid(), now), ...fields, esp_id, gpio })
    },
    update: (config, changes, now) => records.put(config, { ...config, ...changes, updated_at: now }),
    remove: records.remove,
    removeDevice(esp_id) {
      for (const config of records.list(esp_id)) records.remove(config)
    },
  }
}

const blank = (id: string, now: number): Omit<ActuatorConfig, 'esp_id' | 'gpio' | 'actuator_type'> => ({
  id,
  actuator_name: null,
  enabled: 1,
  min_value: 0,
  max_value: 1,
  default_value: 0,
  safe_value: 0,
  max_runtime: null,
  min_off: 0,
  starts_per_hour: null,
  daily_quota: null,
  interlocks: Object.freeze([]),
  required_sensors: Object.freeze([]),
  require_rule_sensors: 1,
  sanity: null,
  aux_gpio: 255,
  critical: 0,
  inverted_logic: 0,
  pwm_frequency: null,
  servo_min_pulse: null,
  servo_max_pulse: null,
  metadata: Object.freeze({}),
  config_status: 'pending',
  config_error: null,
  created_at: now,
  updated_at: now,
})
