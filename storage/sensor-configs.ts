/**
 * How sensors are to be read, as people set it: all configs in memory, each in its row. `find` is asked for
 * every reading, so records carry their JSON parsed. A record is never changed in place: `update` makes the next
 * one, queues its row, and the old one comes back when the row is withdrawn.
 */
import { randomUUID } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import type { KeptCalibration } from './calibrations.js'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { SensorConfigsTable } from './tables.js'

type Json = Readonly<Record<string, unknown>>
type Columns = Readonly<Omit<SensorConfigsTable, 'params' | 'calibration_data' | 'sensor_metadata'>>

/** The row, with its JSON parsed. */
export interface SensorConfig extends Columns {
  /** Options of the conversion, such as `altitude` (m). */
  readonly params: Json
  /** What is applied now; column `calibration_data`. */
  readonly calibration: AppliedCalibration | null
  /** What people wrote down besides; column `sensor_metadata`. */
  readonly metadata: Json
}

/** A calibration in a config; one of the history has an id there. */
export interface AppliedCalibration extends KeptCalibration {
  readonly id?: number
  /** ms since 1970 */
  readonly performed_at?: number
  readonly due_at?: number | null
}

/** What identifies a sensor. `address` '' stands for every bus address of that gpio and type. */
export type SensorKey = Pick<SensorConfig, 'esp_id' | 'gpio' | 'sensor_type' | 'address'>

/** What of a config can be set. */
export type ConfigFields = Partial<Omit<SensorConfig, keyof SensorKey | 'id' | 'created_at' | 'updated_at'>>

export interface SensorConfigs {
  /** The config that holds for a sensor: that of its own address, else the one for every address. */
  find(esp_id: string, gpio: number, sensor_type: string, address: string): SensorConfig | undefined
  /** The config of exactly this address. */
  exact(key: SensorKey): SensorConfig | undefined
  get(id: string): SensorConfig | undefined
  /** Ordered by device, gpio, type and address. */
  list(esp_id?: string): SensorConfig[]
  count(esp_id: string): number
  /** Queues a new row. Throws when there is one for this sensor. */
  insert(key: SensorKey, fields: ConfigFields, now: number): SensorConfig
  /** Queues the changed row; returns the new record. */
  update(config: SensorConfig, changes: ConfigFields, now: number): SensorConfig
  remove(config: SensorConfig): void
  /** Forgets the configs of a device that goes; readings and calibrations stay. */
  removeDevice(esp_id: string): void
  /** Data came in: the config is `active`. Inside the group. */
  heard(config: SensorConfig, now: number): void
}

const COLUMNS = [
  'id',
  'esp_id',
  'gpio',
  'sensor_type',
  'address',
  'sensor_name',
  'enabled',
  'processing_mode',
  'sample_interval_ms',
  'threshold_min',
  'threshold_max',
  'warning_min',
  'warning_max',
  'probe_serial',
  'params',
  'calibration_data',
  'sensor_metadata',
  'config_status',
  'config_error',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof SensorConfigsTable)[]

const recordOf = ({ params, calibration_data, sensor_metadata, ...columns }: SensorConfigsTable) =>
  Object.freeze<SensorConfig>({
    ...columns,
    params: JSON.parse(params) as Json,
    calibration: calibration_data === null ? null : (JSON.parse(calibration_data) as AppliedCalibration),
    metadata: JSON.parse(sensor_metadata) as Json,
  })

const rowOf = ({ params, calibration, metadata, ...columns }: SensorConfig): SensorConfigsTable => ({
  ...columns,
  params: JSON.stringify(params),
  calibration_data: calibration === null ? null : JSON.stringify(calibration),
  sensor_metadata: JSON.stringify(metadata),
})

const inOrder = (a: SensorConfig, b: SensorConfig): number =>
  a.gpio - b.gpio || compare(a.sensor_type, b.sensor_type) || compare(a.address, b.address)
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

interface Change {
  before: SensorConfig | undefined
  after: SensorConfig | undefined
}

export function createSensorConfigs(
  db: Database,
  group: Group,
  uuid: () => string = randomUUID,
): SensorConfigs {
  // Each record is whole, so its row is too, whatever became of the changes before it.
  const put = prepare<SensorConfigsTable>(
    db,
    query
      .insertInto('sensor_configs')
      .values(params<SensorConfigsTable>(COLUMNS))
      .onConflict((taken) =>
        taken
          .columns(['esp_id', 'gpio', 'sensor_type', 'address'])
          .doUpdateSet(params<SensorConfigsTable>(COLUMNS)),
      ),
  )
  const forget = prepare<SensorKey>(
    db,
    query
      .deleteFrom('sensor_configs')
      .where('esp_id', '=', param<string>('esp_id'))
      .where('gpio', '=', param<number>('gpio'))
      .where('sensor_type', '=', param<string>('sensor_type'))
      .where('address', '=', param<string>('address')),
  )
  const byDevice = new Map<string, SensorConfig[]>()
  const byId = new Map<string, SensorConfig>()

  const exact: SensorConfigs['exact'] = ({ esp_id, gpio, sensor_type, address }) => {
    for (const config of byDevice.get(esp_id) ?? [])
      if (config.gpio === gpio && config.sensor_type === sensor_type && config.address === address)
        return config
    return undefined
  }

  const hold = (key: SensorKey, next: SensorConfig | undefined): void => {
    const known = exact(key)
    const others = (byDevice.get(key.esp_id) ?? []).filter((config) => config !== known)
    if (known) byId.delete(known.id)
    if (next) {
      byId.set(next.id, next)
      others.push(next)
    }
    if (others.length > 0) byDevice.set(key.esp_id, others.sort(inOrder))
    else byDevice.delete(key.esp_id)
  }

  for (const row of prepare<object, SensorConfigsTable>(
    db,
    query.selectFrom('sensor_configs').selectAll(),
  ).all({})) {
    const config = recordOf(row)
    hold(config, config)
  }

  /** Records whose rows were withdrawn, with those they were made from. */
  const withdrawn = new WeakMap<SensorConfig, SensorConfig | undefined>()

  const lastGood = (config: SensorConfig | undefined): SensorConfig | undefined => {
    let good = config
    while (good && withdrawn.has(good)) good = withdrawn.get(good)
    return good
  }

  const writer: Writer<Change> = {
    write({ before, after }) {
      // A record that was followed by another in this turn is not written: the next one is whole.
      if (after && exact(after) === after) put.run(rowOf(after))
      else if (!after) {
        const { esp_id, gpio, sensor_type, address } = before!
        forget.run({ esp_id, gpio, sensor_type, address })
      }
    },
    undo({ before, after }) {
      const key = (before ?? after)!
      if (after) withdrawn.set(after, before)
      if (exact(key) === after) hold(key, lastGood(before))
    },
  }

  const change = (before: SensorConfig | undefined, after: SensorConfig | undefined): void => {
    hold((before ?? after)!, after)
    group.write(writer, { before, after })
  }

  const update: SensorConfigs['update'] = (config, changes, now) => {
    const next: SensorConfig = Object.freeze({ ...config, ...changes, updated_at: now })
    change(config, next)
    return next
  }

  return {
    find(esp_id, gpio, sensor_type, address) {
      const configs = byDevice.get(esp_id)
      if (!configs) return undefined
      let general: SensorConfig | undefined
      for (const config of configs) {
        if (config.gpio !== gpio || config.sensor_type !== sensor_type) continue
        if (config.address === address) return config
        if (config.address === '') general = config
      }
      return general
    },
    exact,
    get: (id) => byId.get(id),
    list(esp_id) {
      if (esp_id !== undefined) return [...(byDevice.get(esp_id) ?? [])]
      return [...byDevice.keys()].sort(compare).flatMap((device) => byDevice.get(device)!)
    },
    count: (esp_id) => byDevice.get(esp_id)?.length ?? 0,
    insert(key, fields, now) {
      const { esp_id, gpio, sensor_type, address } = key
      if (exact(key)) throw new Error(`a config of ${sensor_type} on GPIO ${gpio} of ${esp_id} exists`)
      const config = Object.freeze<SensorConfig>({
        ...blank(uuid(), now),
        ...fields,
        esp_id,
        gpio,
        sensor_type,
        address,
      })
      change(undefined, config)
      return config
    },
    update,
    remove: (config) => change(config, undefined),
    removeDevice(esp_id) {
      for (const config of [...(byDevice.get(esp_id) ?? [])]) change(config, undefined)
    },
    heard(config, now) {
      const current = exact(config)
      if (!current || current.config_status === 'applied') return
      update(current, { config_status: 'applied', config_error: null }, now)
    },
  }
}

const blank = (id: string, now: number): Omit<SensorConfig, keyof SensorKey> => ({
  id,
  sensor_name: null,
  enabled: 1,
  processing_mode: 'pi_enhanced',
  sample_interval_ms: 30_000,
  threshold_min: null,
  threshold_max: null,
  warning_min: null,
  warning_max: null,
  probe_serial: null,
  params: Object.freeze({}),
  calibration: null,
  metadata: Object.freeze({}),
  config_status: 'pending',
  config_error: null,
  created_at: now,
  updated_at: now,
})
