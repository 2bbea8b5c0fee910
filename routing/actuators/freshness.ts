/**
 * How old a sensor's latest reading is. Counted by the monotonic clock from the moment the reading is first seen, so
 * that a wall clock that is put back does not make a dead sensor look alive. A value that is an error, or none, is no
 * reading.
 */
import { type At, keyOf, type Place } from './place.js'

/** Names a sensor; without an address any one on this gpio of this type is meant. */
export interface SensorName extends Place {
  readonly sensor_type: string
  readonly address?: string
}

/** What an actuator needs to hear from, and how often. */
export interface RequiredSensor extends SensorName {
  /** s */
  readonly max_age: number
}

/** What is known of a sensor's latest reading. */
export interface Latest {
  readonly timestamp: number
  readonly received_at: number
  /** In its unit; null when there is none. */
  readonly value: number | null
  readonly quality: string
}

export interface Freshness {
  /** The latest usable value and its age, ms; undefined when there is none. */
  read(sensor: SensorName, at: At): { readonly value: number; readonly age: number } | undefined
}

interface Seen {
  timestamp: number
  received_at: number
  value: number
  /** When it was measured, on the monotonic clock. */
  measured: number
}

/** A required sensor may be silent for this long when nobody says otherwise, s. */
export const MAX_AGE = 300

export const spelledSensor = ({ esp_id, gpio, sensor_type, address }: SensorName): string =>
  `${sensor_type} on GPIO ${gpio} of ${esp_id}${address ? ` at ${address}` : ''}`

export function createFreshness(latest: (sensor: SensorName) => Latest | undefined): Freshness {
  const seen = new Map<string, Seen>()

  return {
    read(sensor, at) {
      const key = `${keyOf(sensor)} ${sensor.sensor_type} ${sensor.address ?? ''}`
      const reading = latest(sensor)
      let known = seen.get(key)
      const isUsable = reading && reading.value !== null && reading.quality !== 'error'
      if (isUsable && (known?.timestamp !== reading.timestamp || known.received_at !== reading.received_at)) {
        const age = Math.max(at.now - Math.min(reading.timestamp, reading.received_at), 0)
        const { timestamp, received_at } = reading
        known = { timestamp, received_at, value: reading.value!, measured: at.monotonic - age }
        seen.set(key, known)
      }
      return known && { value: known.value, age: Math.max(at.monotonic - known.measured, 0) }
    },
  }
}
