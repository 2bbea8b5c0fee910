/**
 * Keeps what derived values are made from: the latest air temperature and humidity of each place (device, gpio,
 * bus address), and the light of the day of each lamp. The formulas are the sensor library's; this remembers.
 */
import type { Reading } from '../storage/readings.js'
import type { Store } from '../storage/store.js'
import { type Derived, derive, partnerOf, plantLight, type Sample } from './sensors/derivation.js'
import { type DailyLight, dli, type LightSource } from './sensors/derived.js'
import type { Library } from './sensors/library.js'
import type { Quantity, SensorTypeDescription } from './sensors/sensor-type.js'

/** Derived values have no sensor of their own: they stand under gpio and address of what they are made from. */
export interface Climate {
  /** What this reading, with what is remembered, makes. */
  derive(reading: Reading, type: SensorTypeDescription, params: Readonly<Record<string, unknown>>): Reading[]
}

interface Place {
  readonly samples: Map<Quantity, Sample>
  /** When the two last made something, ms. */
  made: number | null
}

export interface ClimateOptions {
  /** Canonical type → its unit. */
  unitOf: (type: string) => string
  /** The last daily light that was stored for a place, after a restart. */
  lastLight: (reading: Reading) => { value: number; at: number } | undefined
  /** The day a moment belongs to, in the greenhouse's time zone. */
  dayOf: (ms: number) => string
}

const placeOf = ({ esp_id, gpio, address }: Reading): string => `${esp_id} ${gpio} ${address}`

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

export function createClimate({ unitOf, lastLight, dayOf }: ClimateOptions): Climate {
  const places = new Map<string, Place>()
  const days = new Map<string, DailyLight>()

  const air = (reading: Reading, quantity: Quantity, sample: Sample, leafOffset?: number): Derived[] => {
    const key = placeOf(reading)
    const place = places.get(key) ?? { samples: new Map<Quantity, Sample>(), made: null }
    places.set(key, place)
    place.samples.set(quantity, sample)
    const made = derive(quantity, sample, place.samples.get(partnerOf(quantity)!), place.made, leafOffset)
    if (made.length > 0) place.made = made[0]!.at
    return made
  }

  const light = (reading: Reading, ppfd: number, sample: Sample): Derived[] => {
    const key = placeOf(reading)
    let before = days.get(key) ?? null
    if (!before) {
      const last = lastLight(reading)
      if (last && dayOf(last.at) === dayOf(sample.at))
        before = { dli: last.value, at: last.at, day: dayOf(last.at), ppfd }
    }
    const day = dli(before, ppfd, sample.at, dayOf)
    days.set(key, day)
    return day === before ? [] : [{ type: 'dli', value: day.dli, at: sample.at, quality: sample.quality }]
  }

  return {
    derive(reading, { quantity }, params) {
      if (quantity === 'other' || quantity === 'water_temperature' || reading.processed_value === null)
        return []
      const sample: Sample = {
        value: reading.processed_value,
        at: reading.timestamp,
        quality: reading.quality,
      }
      const ppfd = plantLight(quantity, sample, params.light_source as LightSource | undefined)
      const made =
        partnerOf(quantity) !== undefined
          ? air(reading, quantity, sample, numberOf(params.leaf_offset))
          : ppfd === undefined
            ? []
            : light(reading, ppfd, sample)
      return made.map(({ type, value, at, quality }) => ({
        ...reading,
        sensor_type: type,
        timestamp: at,
        raw_value: value,
        processed_value: value,
        unit: unitOf(type),
        quality,
        processing_mode: 'computed',
        seq: null,
      }))
    },
  }
}

/** The day in the time zone of this process. */
export const localDay = (ms: number): string => {
  const date = new Date(ms)
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`
}

/** The climate of a store: units from the library, the light of today from what is stored. */
export const climateOf = (store: Pick<Store, 'readings'>, library: Pick<Library, 'find'>): Climate =>
  createClimate({
    unitOf: (type) => library.find(type)?.unit ?? '',
    dayOf: localDay,
    lastLight({ esp_id, gpio, address }) {
      const last = store.readings
        .latest(esp_id)
        .find((one) => one.sensor_type === 'dli' && one.gpio === gpio && one.address === address)
      return last?.processed_value == null ? undefined : { value: last.processed_value, at: last.timestamp }
    },
  })
