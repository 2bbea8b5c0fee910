/**
 * The sensors ever heard, by device, gpio, type and bus address. Each keeps in memory what duplicates are
 * recognised by (the newest measured time, and the readings that are still in the intake) and its latest
 * reading; readings.ts keeps them up to date.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import type { Reading } from './readings-row.js'
import { params, prepare, query } from './statement.js'
import type { SensorsTable } from './tables.js'

/** Numbers per reading in `Sensor.recent`. */
export const RECENT = {
  id: 0,
  timestamp: 1,
  raw_value: 2,
  seq: 3,
  boot: 4,
  received_at: 5,
  width: 6,
} as const

export interface Sensor extends Readonly<SensorsTable> {
  /** Newest timestamp among all stored readings, ms; -1 when there is none. */
  latest_timestamp: number
  /** The reading measured last and the number of its row; undefined when it has to be looked for. */
  latest: Reading | undefined
  latest_id: number
  /** Readings in the intake, `RECENT.width` numbers each, in order of arrival; -1 stands for null. */
  readonly recent: number[]
}

/** What sensors are chosen by; what is not given does not matter. */
export interface SensorFilter {
  readonly esp_id?: string | undefined
  readonly gpio?: number | undefined
  readonly address?: string | undefined
  /** Says of a sensor's type whether it is meant. */
  readonly isType?: ((sensor_type: string) => boolean) | undefined
}

export interface Sensors {
  /** The sensor, made with a queued row when it is new. */
  findOrInsert(esp_id: string, gpio: number, sensor_type: string, address: string, now: number): Sensor
  find(esp_id: string, gpio: number, sensor_type: string, address: string): Sensor | undefined
  get(id: number): Sensor | undefined
  list(): IterableIterator<Sensor>
  /** Those that fit, in the order they were first heard. */
  select(filter: SensorFilter): Sensor[]
  /** Queues its removal; its readings are gone already. Inside the group only. */
  remove(sensor: Sensor): void
  /** How many sensors a device has. */
  count(esp_id: string): number
}

const COLUMNS = ['id', 'esp_id', 'gpio', 'sensor_type', 'address', 'created_at'] as const

export function createSensors(db: Database, group: Group): Sensors {
  const insert = prepare<SensorsTable>(db, query.insertInto('sensors').values(params<SensorsTable>(COLUMNS)))
  const byId = new Map<number, Sensor>()
  const byDevice = new Map<string, Sensor[]>()
  let lastId = 0

  const remember = (row: SensorsTable): Sensor => {
    const sensor: Sensor = { ...row, latest_timestamp: -1, latest: undefined, latest_id: 0, recent: [] }
    byId.set(row.id, sensor)
    const siblings = byDevice.get(row.esp_id)
    if (siblings) siblings.push(sensor)
    else byDevice.set(row.esp_id, [sensor])
    lastId = Math.max(lastId, row.id)
    return sensor
  }

  for (const row of prepare<object, SensorsTable>(db, query.selectFrom('sensors').selectAll()).iterate({}))
    remember(row)

  const writer: Writer<SensorsTable> = {
    write: (row) =>
      insert.run({
        id: row.id,
        esp_id: row.esp_id,
        gpio: row.gpio,
        sensor_type: row.sensor_type,
        address: row.address,
        created_at: row.created_at,
      }),
    undo: (row) => forget(row),
  }

  const removal = db.prepare<[number]>('DELETE FROM sensors WHERE id = ?')
  const forget = ({ id, esp_id }: SensorsTable): void => {
    byId.delete(id)
    const siblings = (byDevice.get(esp_id) ?? []).filter((sensor) => sensor.id !== id)
    if (siblings.length > 0) byDevice.set(esp_id, siblings)
    else byDevice.delete(esp_id)
  }
  const remover: Writer<Sensor> = {
    write: ({ id }) => void removal.run(id),
    undo(sensor) {
      byId.set(sensor.id, sensor)
      byDevice.set(sensor.esp_id, [...(byDevice.get(sensor.esp_id) ?? []), sensor])
    },
  }

  const find: Sensors['find'] = (esp_id, gpio, sensor_type, address) => {
    const siblings = byDevice.get(esp_id)
    if (!siblings) return undefined
    for (const sensor of siblings)
      if (sensor.gpio === gpio && sensor.sensor_type === sensor_type && sensor.address === address)
        return sensor
    return undefined
  }

  return {
    find,
    findOrInsert(esp_id, gpio, sensor_type, address, now) {
      const known = find(esp_id, gpio, sensor_type, address)
      if (known) return known
      const sensor = remember({ id: lastId + 1, esp_id, gpio, sensor_type, address, created_at: now })
      // Others of this turn may hear the same sensor: its row does not depend on who was first.
      group.writeApart(writer, sensor)
      return sensor
    },
    get: (id) => byId.get(id),
    list: () => byId.values(),
    select: ({ esp_id, gpio, address, isType }) =>
      (esp_id === undefined ? [...byId.values()] : (byDevice.get(esp_id) ?? [])).filter(
        (sensor) =>
          (gpio === undefined || sensor.gpio === gpio) &&
          (address === undefined || sensor.address === address) &&
          (isType === undefined || isType(sensor.sensor_type)),
      ),
    remove(sensor) {
      forget(sensor)
      group.write(remover, sensor)
    },
    count: (esp_id) => byDevice.get(esp_id)?.length ?? 0,
  }
}
