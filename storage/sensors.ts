/**
 * The sensors ever heard, by device, gpio, type and bus address. Each keeps in memory what duplicates are
 * recognised by: the newest measured time, and the readings that are still in the intake.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
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
  /** Readings in the intake, `RECENT.width` numbers each, in order of arrival; -1 stands for null. */
  readonly recent: number[]
}

export interface Sensors {
  /** The sensor, made with a queued row when it is new. */
  findOrInsert(esp_id: string, gpio: number, sensor_type: string, address: string, now: number): Sensor
  find(esp_id: string, gpio: number, sensor_type: string, address: string): Sensor | undefined
  get(id: number): Sensor | undefined
  list(): IterableIterator<Sensor>
  /** How many sensors a device has. */
  count(esp_id: string): number
}

const COLUMNS = ['id', 'esp_id', 'gpio', 'sensor_type', 'address', 'created_at'] as const

export function createSensors(db: Database, group: Group): Sensors {
  const insert = prepare<SensorsTable>(db, query.insertInto('sensors').values(params<SensorsTable>(COLUMNS)))
  const newest = prepare<{ sensor_id: number }, { timestamp: number | null }>(
    db,
    query
      .selectFrom('readings_history')
      .select(({ fn }) => fn.max('timestamp').as('timestamp'))
      .where('sensor_id', '=', param<number>('sensor_id')),
  )
  const byId = new Map<number, Sensor>()
  const byDevice = new Map<string, Sensor[]>()
  let lastId = 0

  const remember = (row: SensorsTable, latest_timestamp: number): Sensor => {
    const sensor: Sensor = { ...row, latest_timestamp, recent: [] }
    byId.set(row.id, sensor)
    const siblings = byDevice.get(row.esp_id)
    if (siblings) siblings.push(sensor)
    else byDevice.set(row.esp_id, [sensor])
    lastId = Math.max(lastId, row.id)
    return sensor
  }

  for (const row of prepare<object, SensorsTable>(db, query.selectFrom('sensors').selectAll()).iterate({}))
    remember(row, -1)
  for (const sensor of byId.values())
    sensor.latest_timestamp = newest.get({ sensor_id: sensor.id })?.timestamp ?? -1

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
    undo(row) {
      byId.delete(row.id)
      const siblings = byDevice.get(row.esp_id)?.filter((sensor) => sensor.id !== row.id)
      byDevice.set(row.esp_id, siblings ?? [])
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
      const sensor = remember({ id: lastId + 1, esp_id, gpio, sensor_type, address, created_at: now }, -1)
      // Others of this turn may hear the same sensor: its row does not depend on who was first.
      group.writeApart(writer, sensor)
      return sensor
    },
    get: (id) => byId.get(id),
    list: () => byId.values(),
    count: (esp_id) => byDevice.get(esp_id)?.length ?? 0,
  }
}
