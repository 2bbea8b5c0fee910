/**
 * Which readings make which derived values. Pure: the caller looks up the partner's latest reading and stores
 * what comes back. A pair is computed once: when the second of the two arrives, from partners at most 60 s apart
 * (protocol.md §3.1), and never from a value that is an error or outside its physical range.
 */
import { type Quality, worse } from '../contract/quality.js'
import { rounded } from './convert.js'
import { absoluteHumidity, dewPoint, type LightSource, ppfdOf, vpd } from './derived.js'
import type { Quantity } from './sensor-type.js'

/** How far apart in time two readings may be to describe the same air, ms. */
export const FRESH = 60_000

/** A reading, as far as a derivation cares. */
export interface Sample {
  readonly value: number
  /** ms since 1970, when it was measured */
  readonly at: number
  readonly quality: Quality
}

export interface Derived {
  /** Canonical sensor type; unit and decimals stand in the library. */
  readonly type: string
  readonly value: number
  readonly at: number
  readonly quality: Quality
}

interface Derivation {
  readonly type: string
  readonly decimals: number
  readonly of: (temperature: number, humidity: number, leaf_offset: number) => number | null
}

/** Made of air temperature and relative humidity. */
export const CLIMATE: readonly Derivation[] = [
  { type: 'vpd', decimals: 4, of: vpd },
  { type: 'dew_point', decimals: 2, of: dewPoint },
  { type: 'absolute_humidity', decimals: 2, of: absoluteHumidity },
]

/** The quantity a reading of this one waits for; undefined when it is paired with nothing. */
export const partnerOf = (quantity: Quantity): Quantity | undefined => {
  if (quantity === 'air_temperature') return 'relative_humidity'
  if (quantity === 'relative_humidity') return 'air_temperature'
  return undefined
}

/** A formula adds no trust: at best `good`, else as the less trusted of the two. */
const derivedQuality = (a: Quality, b: Quality): Quality => worse('good', worse(a, b))

const usable = ({ value, quality }: Sample): boolean =>
  Number.isFinite(value) && quality !== 'error' && quality !== 'critical'

/**
 * What a reading and its partner's latest make. `previous` is the time (`at`) of what the same two sensors made
 * last, null when nothing yet: a partner that already counted waits for its own next reading, so that two
 * sensors make one row per round however they take turns. `leaf_offset`: see `vpd`, °C.
 */
export function derive(
  quantity: Quantity,
  reading: Sample,
  partner: Sample | undefined,
  previous: number | null,
  leaf_offset = 0,
): Derived[] {
  if (!partner || partnerOf(quantity) === undefined || !usable(reading) || !usable(partner)) return []
  if (Math.abs(reading.at - partner.at) > FRESH) return []
  if (previous !== null && partner.at <= previous) return []

  const [temperature, humidity] =
    quantity === 'air_temperature' ? [reading.value, partner.value] : [partner.value, reading.value]
  const at = Math.max(reading.at, partner.at)
  const quality = derivedQuality(reading.quality, partner.quality)
  const made: Derived[] = []
  for (const { type, decimals, of } of CLIMATE) {
    const value = of(temperature, humidity, leaf_offset)
    if (value !== null) made.push({ type, value: rounded(value, decimals), at, quality })
  }
  return made
}

/** Plant light of a reading, µmol/m²/s, for `dli`; undefined when it is no light, or none to count on. */
export function plantLight(quantity: Quantity, reading: Sample, source?: LightSource): number | undefined {
  if (!usable(reading) || reading.value < 0) return undefined
  if (quantity === 'ppfd') return reading.value
  return quantity === 'illuminance' ? ppfdOf(reading.value, source) : undefined
}
