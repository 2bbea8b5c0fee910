/**
 * Readings: appended to an intake without indexes, found once however often they arrive, read through one
 * view. A reading newer than its sensor's latest is new; only for the others there is a look-up, first among
 * the intake's keys in memory, then in the clustered history, so that redelivery is caught over all rows.
 */
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import {
  DATA_SOURCES,
  type DataSource,
  PROCESSING_MODES,
  type ProcessingMode,
  QUALITIES,
  type Quality,
  TIME_SOURCES,
  type TimeSource,
} from '../routing/contract/quality.js'
import type { Group, Writer } from './group.js'
import { RECENT, type Sensor, type Sensors } from './sensors.js'
import { param, places, prepare, prepareInOrder, query } from './statement.js'
import { READING_COLUMNS, type ReadingsTable } from './tables.js'

/** One measured value as the rooms above know it. Times are ms since 1970. */
export interface Reading {
  esp_id: string
  gpio: number
  sensor_type: string
  /** Bus address, or '' */
  address: string
  timestamp: number
  time_source: TimeSource
  received_at: number
  raw_value: number
  processed_value: number | null
  unit: string | null
  quality: Quality
  processing_mode: ProcessingMode
  seq: number | null
  /** Which boot of the device `seq` belongs to. */
  boot: number | null
  zone_id: string | null
  subzone_id: string | null
  data_source: DataSource
}

export interface Readings {
  /** Queues the row and returns true; false when this reading is stored already. */
  insert(reading: Reading): boolean
  /** The newest reading of every sensor, or of one device's. */
  latest(esp_id?: string): Reading[]
  count(): number
  /** Rows in the intake. */
  readonly intake: number
  /** Everything up to `cutoff` is in the history now: forget its keys. */
  moved(cutoff: number): void
}

/** Without a clock of its own a reading is recognised by seq for this long, ms. */
const SEQ_WINDOW = 600_000

const codes = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries(words.map((word, index) => [word, index]))
const QUALITY = codes(QUALITIES)
const PROCESSING_MODE = codes(PROCESSING_MODES)
const TIME_SOURCE = codes(TIME_SOURCES)
const DATA_SOURCE = codes(DATA_SOURCES)
const SERVER = TIME_SOURCE.server!

export function createReadings(db: Database, group: Group, sensors: Sensors): Readings {
  const insert = prepareInOrder(
    db,
    query.insertInto('readings_intake').values(places<ReadingsTable>(READING_COLUMNS)),
  )
  const sameTime = prepare<ReadingsTable, { seq: number | null }>(
    db,
    query
      .selectFrom('readings_history')
      .select('seq')
      .where('sensor_id', '=', param<number>('sensor_id'))
      .where('timestamp', '=', param<number>('timestamp'))
      .where('raw_value', '=', param<number>('raw_value'))
      .where('time_source', '=', param<number>('time_source'))
      .where('seq', 'is', param<number>('seq')),
  )
  const sameSeq = prepare<ReadingsTable & { since: number }, { seq: number | null }>(
    db,
    query
      .selectFrom('readings_history')
      .select('seq')
      .where('sensor_id', '=', param<number>('sensor_id'))
      .where('timestamp', '>=', param<number>('since'))
      .where('raw_value', '=', param<number>('raw_value'))
      .where('time_source', '=', param<number>('time_source'))
      .where('boot', 'is', param<number>('boot'))
      .where('seq', 'is', param<number>('seq')),
  )
  const newestIn = (table: 'readings' | 'readings_history') =>
    prepare<{ sensor_id: number }, ReadingsTable>(
      db,
      query
        .selectFrom(table)
        .selectAll()
        .where('sensor_id', '=', param<number>('sensor_id'))
        .orderBy('timestamp', 'desc')
        .orderBy('id', 'desc')
        .limit(sql.lit(1)),
    )
  const newest = newestIn('readings')
  const newestMoved = newestIn('readings_history')
  const total = db.prepare<[], number>('SELECT count(*) FROM readings').pluck()
  const latest = new Map<number, Reading>()
  let intake = 0
  let lastId = Number(db.prepare('SELECT cutoff FROM compaction').pluck().get())

  const keep = (sensor: Sensor, row: ReadingsTable): void => {
    sensor.recent.push(
      row.id,
      row.timestamp,
      row.raw_value ?? -1,
      row.seq ?? -1,
      row.time_source === SERVER ? (row.boot ?? 0) : -1,
      row.received_at,
    )
    if (row.timestamp > sensor.latest_timestamp) sensor.latest_timestamp = row.timestamp
    if (row.id > lastId) lastId = row.id
    intake++
  }

  const newestInIntake = new Map<Sensor, ReadingsTable>()
  for (const row of prepare<object, ReadingsTable>(
    db,
    query.selectFrom('readings_intake').selectAll().orderBy('id'),
  ).iterate({})) {
    const sensor = sensors.get(row.sensor_id)
    if (!sensor) continue
    if (row.timestamp >= sensor.latest_timestamp) newestInIntake.set(sensor, row)
    keep(sensor, row)
  }
  for (const [sensor, row] of newestInIntake) latest.set(sensor.id, inWords(sensor, row))

  const writer: Writer<ReadingsTable> = {
    write: (row) => {
      // In the order of READING_COLUMNS.
      insert.run(
        row.id,
        row.sensor_id,
        row.timestamp,
        row.raw_value,
        row.processed_value,
        row.unit,
        row.quality,
        row.processing_mode,
        row.received_at,
        row.time_source,
        row.seq,
        row.boot,
        row.zone_id,
        row.subzone_id,
        row.data_source,
      )
    },
    undo(row) {
      latest.delete(row.sensor_id)
      const recent = sensors.get(row.sensor_id)?.recent ?? []
      for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width)
        if (recent[at] === row.id) recent.splice(at, RECENT.width)
      intake--
    },
  }

  /** Is this reading stored already? decisions on redelivery: same time, value and seq; else seq within a boot. */
  const isStored = (sensor: Sensor, row: ReadingsTable): boolean => {
    const { recent } = sensor
    const seq = row.seq ?? -1
    if (row.time_source !== SERVER) {
      if (row.timestamp > sensor.latest_timestamp) return false
      for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width)
        if (
          recent[at + RECENT.timestamp] === row.timestamp &&
          recent[at + RECENT.raw_value] === row.raw_value &&
          recent[at + RECENT.seq] === seq &&
          recent[at + RECENT.boot] === -1
        )
          return true
      return sameTime.get(row) !== undefined
    }
    if (row.seq === null) return false
    const since = row.received_at - SEQ_WINDOW
    for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width) {
      if (recent[at + RECENT.received_at]! < since) return false
      if (
        recent[at + RECENT.seq] === seq &&
        recent[at + RECENT.boot] === (row.boot ?? 0) &&
        recent[at + RECENT.raw_value] === row.raw_value
      )
        return true
    }
    return sensor.latest_timestamp >= since && sameSeq.get({ ...row, since }) !== undefined
  }

  return {
    get intake() {
      return intake
    },
    insert(reading) {
      const sensor = sensors.findOrInsert(
        reading.esp_id,
        reading.gpio,
        reading.sensor_type,
        reading.address,
        reading.received_at,
      )
      const row: ReadingsTable = {
        id: lastId + 1,
        sensor_id: sensor.id,
        timestamp: reading.timestamp,
        raw_value: reading.raw_value,
        processed_value: reading.processed_value,
        unit: reading.unit,
        quality: QUALITY[reading.quality]!,
        processing_mode: PROCESSING_MODE[reading.processing_mode]!,
        received_at: reading.received_at,
        time_source: TIME_SOURCE[reading.time_source]!,
        seq: reading.seq,
        boot: reading.boot,
        zone_id: reading.zone_id,
        subzone_id: reading.subzone_id,
        data_source: DATA_SOURCE[reading.data_source]!,
      }
      if (isStored(sensor, row)) return false
      const isLatest = row.timestamp >= (latest.get(sensor.id)?.timestamp ?? sensor.latest_timestamp)
      keep(sensor, row)
      if (isLatest) latest.set(sensor.id, reading)
      group.write(writer, row)
      return true
    },
    latest(esp_id) {
      const found: Reading[] = []
      for (const sensor of sensors.list()) {
        if (esp_id !== undefined && sensor.esp_id !== esp_id) continue
        let reading = latest.get(sensor.id)
        if (!reading) {
          // The intake has no index: it is looked through only for a sensor that has readings there.
          const row = (sensor.recent.length > 0 ? newest : newestMoved).get({ sensor_id: sensor.id })
          if (!row) continue
          reading = inWords(sensor, row)
          latest.set(sensor.id, reading)
        }
        found.push(reading)
      }
      return found
    },
    count: () => total.get() ?? 0,
    moved(cutoff) {
      for (const sensor of sensors.list()) {
        const { recent } = sensor
        let kept = 0
        while (kept < recent.length && recent[kept]! <= cutoff) kept += RECENT.width
        if (kept > 0) {
          recent.splice(0, kept)
          intake -= kept / RECENT.width
        }
      }
    },
  }
}

const inWords = (sensor: Sensor, row: ReadingsTable): Reading => ({
  esp_id: sensor.esp_id,
  gpio: sensor.gpio,
  sensor_type: sensor.sensor_type,
  address: sensor.address,
  timestamp: row.timestamp,
  time_source: TIME_SOURCES[row.time_source]!,
  received_at: row.received_at,
  raw_value: row.raw_value ?? 0,
  processed_value: row.processed_value,
  unit: row.unit,
  quality: QUALITIES[row.quality]!,
  processing_mode: PROCESSING_MODES[row.processing_mode]!,
  seq: row.seq,
  boot: row.boot,
  zone_id: row.zone_id,
  subzone_id: row.subzone_id,
  data_source: DATA_SOURCES[row.data_source]!,
})
