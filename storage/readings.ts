/**
 * Readings: appended to an intake without indexes, found once however often they arrive (readings-known.ts),
 * read in portions that keep nobody waiting (readings-walk.ts). The latest of each sensor is in memory.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { type Amend, createAmend, createRecompute, type Recompute } from './readings-amend.js'
import { type BySource, createBySource } from './readings-by-source.js'
import { createKnown } from './readings-known.js'
import { createPace } from './readings-pace.js'
import { createPlace, createProgress, type Position, stretch } from './readings-place.js'
import { createRemoval } from './readings-removal.js'
import {
  DATA_SOURCE,
  PROCESSING_MODE,
  QUALITY,
  type Reading,
  type StoredReading,
  TIME_SOURCE,
  type Value,
  values,
  whole,
  withoutId,
} from './readings-row.js'
import { createSeries, type SeriesOf } from './readings-series.js'
import { type Bucket, buckets, type Statistics, statistics } from './readings-statistics.js'
import { createWalk, type Ordered, type Range, type Walk } from './readings-walk.js'
import { RECENT, type Sensor, type Sensors } from './sensors.js'
import { places, prepare, prepareInOrder, query } from './statement.js'
import { READING_COLUMNS, type ReadingsTable } from './tables.js'

export type { Amendment } from './readings-amend.js'
export type { BySource } from './readings-by-source.js'
export type { Flaw } from './readings-line.js'
export type { Position } from './readings-place.js'
export type { Reading, StoredReading } from './readings-row.js'
export type { Series, SeriesRange } from './readings-series.js'
export type { Bucket, Statistics } from './readings-statistics.js'
export type { Ordered, Portion, Range } from './readings-walk.js'

export interface Readings extends Walk<StoredReading> {
  /** Queues the row and returns its id; 0 when this reading is stored already. */
  insert(reading: Reading): number
  /** The newest reading of every sensor, or of one device's. */
  latest(esp_id?: string): Reading[]
  /** One reading of a sensor, by when it was measured and the number of its row; undefined when it is not committed. */
  find(sensor_id: number, at: Position): StoredReading | undefined
  /** A page of readings in the order of time, and where the next one begins; null when there is none. */
  range(range: Ordered & { limit: number }): Promise<{ readings: StoredReading[]; next: Position | null }>
  statistics(range: Range): Promise<Statistics>
  /** Statistics per interval of `ms`. */
  buckets(range: Range, ms: number): Promise<Bucket[]>
  /** A sensor's readings as a chart draws them. */
  readonly series: SeriesOf
  /** How many there are of each data source; undefined while an old history is being counted. */
  bySource(): BySource | undefined
  /** This row will be amended soon: it stays in the intake, where that is cheap, until it is or is settled. */
  expectAmendment(id: number): void
  /** Gives a stored row the processed values of `reading`; queued, inside the group only. */
  readonly amend: Amend
  /** No amendment will come after all. */
  settle(id: number): void
  readonly recompute: Recompute
  /** Takes out all of a device that says nothing any more, and its sensors; resolves with how many there were. */
  removeDevice(esp_id: string): Promise<number>
  /** Looks at every row: not for the event loop of a house with a history. */
  count(): number
  /** The id of the last one that was taken in: it grows by one with each. */
  readonly lastId: number
  /** Rows in the intake. */
  readonly intake: number
  /** Only rows before this id may move into the history now. */
  readonly movable: number
  /** Everything up to `cutoff` is in the history now: forget its keys. */
  moved(cutoff: number): void
  /** An old history has been counted. */
  counted(counts: BySource): void
}

const SERVER = TIME_SOURCE.server!
const EVER = stretch('desc', 0, Number.MAX_SAFE_INTEGER)

export function createReadings(db: Database, group: Group, sensors: Sensors): Readings {
  const insert = prepareInOrder(
    db,
    query.insertInto('readings_intake').values(places<ReadingsTable>(READING_COLUMNS)),
  )
  const isKnown = createKnown(db)
  const place = createPlace(db, whole)
  const turn = createPace()
  const walk = createWalk<StoredReading>(db, whole, turn)
  const valueWalk = createWalk<Value>(db, values, turn)
  const bySource = createBySource(db)
  const amend = createAmend(db, group, sensors)
  const expected = new Set<number>()
  const total = db.prepare<[], number>('SELECT count(*) FROM readings').pluck()
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

  /** Looks for the latest reading. When a newer one is queued and not committed, it is looked for again. */
  const look = (sensor: Sensor): Reading | undefined => {
    const [row] = place.take(sensor, EVER, 1).rows
    if (!row) return undefined
    const reading = withoutId(whole.read(sensor, row))
    let newest = reading.timestamp
    for (let at = RECENT.timestamp; at < sensor.recent.length; at += RECENT.width)
      newest = Math.max(newest, sensor.recent[at]!)
    sensor.latest_timestamp = newest
    if (newest > reading.timestamp) return reading
    sensor.latest = reading
    sensor.latest_id = row[1]
    return reading
  }

  const isMoved = createProgress(db)()
  for (const row of prepare<object, ReadingsTable>(
    db,
    query.selectFrom('readings_intake').selectAll().orderBy('id'),
  ).iterate({})) {
    const sensor = sensors.get(row.sensor_id)
    if (!sensor) continue
    if (!isMoved(row.sensor_id, row.timestamp, row.id)) bySource.count(row.data_source)
    keep(sensor, row)
  }
  // Here, before anybody is served, so that nobody has to wait for it.
  for (const sensor of sensors.list()) look(sensor)

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
      intake--
      bySource.count(row.data_source, -1)
      expected.delete(row.id)
      const sensor = sensors.get(row.sensor_id)
      if (!sensor) return
      const { recent } = sensor
      for (let at = recent.length - RECENT.width; at >= 0; at -= RECENT.width)
        if (recent[at] === row.id) recent.splice(at, RECENT.width)
      if (sensor.latest_id !== row.id) return
      sensor.latest = undefined
      sensor.latest_id = 0
    },
    refer: ({ id, sensor_id, timestamp }, trail, message) =>
      trail.wrote(message, 'sensor_data', id, sensor_id, timestamp),
  }

  return {
    ...walk,
    get lastId() {
      return lastId
    },
    get intake() {
      return intake
    },
    get movable() {
      let first = Number.MAX_SAFE_INTEGER
      for (const id of expected) first = Math.min(first, id)
      return first
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
      if (isKnown(sensor, row)) return 0
      if (row.timestamp >= (sensor.latest ? sensor.latest.timestamp : sensor.latest_timestamp)) {
        sensor.latest = reading
        sensor.latest_id = row.id
      }
      keep(sensor, row)
      bySource.count(row.data_source)
      group.write(writer, row)
      return row.id
    },
    latest(esp_id) {
      const found: Reading[] = []
      for (const sensor of esp_id === undefined ? sensors.list() : sensors.select({ esp_id })) {
        const reading = sensor.latest ?? look(sensor)
        if (reading) found.push(reading)
      }
      return found
    },
    find(sensor_id, { timestamp, id }) {
      const sensor = sensors.get(sensor_id)
      if (!sensor) return undefined
      const just = { order: 'asc', after: { timestamp, id: id - 1 }, until: timestamp } as const
      const [row] = place.take(sensor, just, 1).rows
      return row?.[1] === id ? whole.read(sensor, row) : undefined
    },
    async range({ limit, ...range }) {
      const readings: StoredReading[] = []
      for await (const { found } of walk.inTime({ ...range, about: limit + 1 })) {
        for (const reading of found) readings.push(reading)
        if (readings.length > limit) break
      }
      const isMore = readings.length > limit
      readings.length = Math.min(readings.length, limit)
      const last = readings.at(-1)
      return { readings, next: isMore && last ? { timestamp: last.timestamp, id: last.id } : null }
    },
    statistics: (range) => statistics(valueWalk, range),
    buckets: (range, ms) => buckets(valueWalk, range, ms),
    series: createSeries(db, valueWalk, turn),
    bySource: bySource.read,
    counted: bySource.counted,
    expectAmendment: (id) => void expected.add(id),
    amend(id, reading) {
      expected.delete(id)
      amend(id, reading)
    },
    settle: (id) => void expected.delete(id),
    recompute: createRecompute(group, sensors, walk, amend),
    removeDevice: createRemoval({
      db,
      group,
      sensors,
      gone: (data_source) => bySource.count(data_source, -1),
      left(readings) {
        intake -= readings
      },
    }),
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
