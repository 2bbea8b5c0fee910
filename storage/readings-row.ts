/**
 * A reading as the rooms above know it, and as a row: there its words are numbers, positions in the lists of
 * routing/contract/quality.ts. Whoever reads many rows selects `columns` and gets arrays: half the time of
 * objects.
 */
import { type RawBuilder, sql } from 'kysely'
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
import type { Sensor } from './sensors.js'

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

/** A reading and the number of its row. */
export interface StoredReading extends Reading {
  readonly id: number
}

const codes = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries(words.map((word, index) => [word, index]))
export const QUALITY = codes(QUALITIES)
export const PROCESSING_MODE = codes(PROCESSING_MODES)
export const TIME_SOURCE = codes(TIME_SOURCES)
export const DATA_SOURCE = codes(DATA_SOURCES)

/** The four words of a row in one number: every column that is read costs. */
const words = sql`(quality | (processing_mode << 4) | (time_source << 8) | (data_source << 12))`
export const qualityOf = (packed: number): number => packed & 15
export const processingModeOf = (packed: number): number => (packed >> 4) & 15
export const dataSourceOf = (packed: number): number => packed >> 12

/** When, which row, and its words: what every selection begins with. */
export type Row = readonly [timestamp: number, id: number, words: number, ...rest: unknown[]]

/** What of a row is selected, and what becomes of it. */
export interface Selection<T> {
  readonly columns: RawBuilder<unknown>
  read(sensor: Sensor, row: Row): T
}

type WholeRow = readonly [
  ...[timestamp: number, id: number, words: number],
  ...[raw_value: number | null, processed_value: number | null, unit: string | null, received_at: number],
  ...[seq: number | null, boot: number | null, zone_id: string | null, subzone_id: string | null],
]

/** Everything. */
export const whole: Selection<StoredReading> = {
  columns: sql`timestamp, id, ${words}, raw_value, processed_value, unit, received_at, seq, boot, zone_id, subzone_id`,
  read(sensor, row) {
    const [
      timestamp,
      id,
      packed,
      raw_value,
      processed_value,
      unit,
      received_at,
      seq,
      boot,
      zone_id,
      subzone_id,
    ] = row as WholeRow
    return {
      id,
      esp_id: sensor.esp_id,
      gpio: sensor.gpio,
      sensor_type: sensor.sensor_type,
      address: sensor.address,
      timestamp,
      time_source: TIME_SOURCES[(packed >> 8) & 15]!,
      received_at,
      raw_value: raw_value ?? 0,
      processed_value,
      unit,
      quality: QUALITIES[qualityOf(packed)]!,
      processing_mode: PROCESSING_MODES[processingModeOf(packed)]!,
      seq,
      boot,
      zone_id,
      subzone_id,
      data_source: DATA_SOURCES[dataSourceOf(packed)]!,
    }
  },
}

/** A number that was measured, for statistics. */
export interface Value {
  readonly timestamp: number
  /** In the unit of its type; the native number where nothing converts it; null where there is none. */
  readonly value: number | null
  readonly quality: Quality
}

const RAW = PROCESSING_MODE.raw!

/** `Value.value` of a row, where it is to be compared before it is read. */
export const measured = sql<
  number | null
>`CASE processing_mode WHEN ${sql.lit(RAW)} THEN coalesce(processed_value, raw_value) ELSE processed_value END`

/** Only what statistics are made of. */
export const values: Selection<Value> = {
  columns: sql`timestamp, id, ${words}, raw_value, processed_value`,
  read(_sensor, [timestamp, , packed, raw_value, processed_value]) {
    const value = processingModeOf(packed) === RAW ? (processed_value ?? raw_value) : processed_value
    return { timestamp, value: value as number | null, quality: QUALITIES[qualityOf(packed)]! }
  },
}

/** A reading without the number of its row. */
export function withoutId({ id: _, ...reading }: StoredReading): Reading {
  return reading
}
