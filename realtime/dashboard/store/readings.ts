/**
 * The latest value of each sensor, from the list and from events alike, and how far it can still be believed:
 * how old it is, how old it may get, whether it is stored. A replayed older reading never covers a newer one.
 */
import type { EventData } from '../../../routing/contract/events.js'
import type { LatestReading } from '../rest.js'

export interface Reading extends Omit<LatestReading, 'timestamp' | 'raw_value' | 'processed_value'> {
  key: string
  measured_at: number
  stored: boolean
  /** Heard as an event, and not read from the list. */
  heard: boolean
  /** The last distances between events, newest last, in milliseconds. */
  gaps: readonly number[]
}

const SHORTEST_LIFE = 90_000
const GAPS_KEPT = 5

type Identity = Pick<LatestReading, 'esp_id' | 'gpio' | 'sensor_type' | 'address'>

/** One sensor: device, gpio, type and bus address. */
export const sensorKey = ({ esp_id, gpio, sensor_type, address }: Identity): string =>
  JSON.stringify([esp_id, gpio, sensor_type, address || null])

/** The same as queries of the server name it: `esp_id,gpio,type[,address]`. */
export const nameOfKey = (key: string): string =>
  (JSON.parse(key) as (string | number | null)[]).filter((part) => part !== null).join(',')

/** A reading as `GET /sensors/latest` lists it. */
export function listed(row: LatestReading, known: Reading | undefined): Reading {
  const { esp_id, gpio, sensor_type, address, value, unit, quality, data_source } = row
  const measured_at = Date.parse(row.timestamp)
  const gaps = known?.gaps ?? []
  return {
    ...{ esp_id, gpio, sensor_type, address, value, unit, quality, data_source, gaps, measured_at },
    ...(row.processing_mode ? { processing_mode: row.processing_mode } : {}),
    ...{ key: sensorKey(row), stored: true, heard: false },
  }
}

/** A reading as an event tells it; undefined when what is known is newer. */
export function heard(
  event: EventData['sensor_data'],
  known: Reading | undefined,
  now: number,
): Reading | undefined {
  const { esp_id, gpio, sensor_type, address, value, unit, quality, data_source, processing_mode } = event
  const measured_at = event.timestamp * 1000
  const fromAhead = known !== undefined && known.measured_at > now + 60_000
  if (known && known.measured_at > measured_at && !fromAhead) return undefined
  const gap = known?.heard ? measured_at - known.measured_at : 0
  const gaps = gap > 0 ? [...known!.gaps, gap].slice(-GAPS_KEPT) : (known?.gaps ?? [])
  return {
    ...{
      esp_id,
      gpio,
      sensor_type,
      address,
      value,
      unit,
      quality,
      data_source,
      processing_mode,
      gaps,
      measured_at,
    },
    ...{ key: sensorKey(event), stored: event.stored !== false, heard: true },
  }
}

/** Older than three of its usual intervals (the lower median of the last gaps), and than 90 s in any case. */
export function outdated(reading: Reading, now: number): boolean {
  const sorted = [...reading.gaps].sort((a, b) => a - b)
  const usual = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return !(now - reading.measured_at <= Math.max(SHORTEST_LIFE, 3 * usual))
}
