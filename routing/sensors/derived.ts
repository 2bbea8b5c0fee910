/**
 * What plants feel, made from what sensors measure: vapour pressure deficit, dew point, absolute humidity, plant
 * light and its sum over a day. Pure formulas; null where physics has no answer. Which readings may be paired,
 * and how fresh they must be, stands in derivation.ts.
 */

const possible = (temperature: number, humidity: number): boolean =>
  temperature >= -40 && temperature <= 80 && humidity >= 0 && humidity <= 100

/** Saturation vapour pressure over water, kPa, by Tetens' equation (FAO-56, equation 11; protocol.md §7.3). */
const saturation = (celsius: number): number => 0.6108 * Math.exp((17.27 * celsius) / (celsius + 237.3))

/**
 * Vapour pressure deficit, kPa: how strongly the air draws water from a leaf. `leaf_offset` is how much warmer
 * the leaf is than the air, °C (often −2); with 0 it is the deficit of the air itself.
 */
export function vpd(temperature: number, humidity: number, leaf_offset = 0): number | null {
  if (!possible(temperature, humidity)) return null
  return saturation(temperature + leaf_offset) - saturation(temperature) * (humidity / 100)
}

/** Magnus coefficients over water for −45 to 60 °C: Sonntag 1990 (WMO-No. 8, annex 4.B). */
const MAGNUS = { hPa: 6.112, a: 17.62, b: 243.12 }

/** Dew point, °C: where this air begins to wet the leaves. Perfectly dry air has none. */
export function dewPoint(temperature: number, humidity: number): number | null {
  if (!possible(temperature, humidity) || humidity === 0) return null
  const { a, b } = MAGNUS
  const gamma = Math.log(humidity / 100) + (a * temperature) / (b + temperature)
  return (b * gamma) / (a - gamma)
}

/** Water in the air, g/m³: vapour pressure by Magnus, then the gas law with 461.5 J/(kg·K) for water vapour. */
export function absoluteHumidity(temperature: number, humidity: number): number | null {
  if (!possible(temperature, humidity)) return null
  const { hPa, a, b } = MAGNUS
  const pascal = humidity * hPa * Math.exp((a * temperature) / (b + temperature))
  return (1000 * pascal) / (461.5 * (temperature + 273.15))
}

/**
 * µmol/m²/s per lux, by what shines. Thimijan and Heins 1983, HortScience 18(6) (sun, fluorescent, high-pressure
 * sodium, metal halide; 54, 74, 82 and 71 lux per µmol/m²/s); white LEDs: Sharakshane 2018, bioRxiv 215095.
 */
export const LIGHT_SOURCES = {
  sun: 1 / 54,
  white_led: 0.015,
  fluorescent: 1 / 74,
  hps: 1 / 82,
  metal_halide: 1 / 71,
} as const
export type LightSource = keyof typeof LIGHT_SOURCES

/** Plant light, µmol/m²/s, of an illuminance: right for that light source only, to about 10 %. */
export const ppfdOf = (lux: number, source: LightSource = 'sun'): number => lux * LIGHT_SOURCES[source]

/** Light summed since the day began. */
export interface DailyLight {
  /** mol/m² */
  readonly dli: number
  /** ms since 1970 of the last reading that counted */
  readonly at: number
  readonly day: string
  /** µmol/m²/s then */
  readonly ppfd: number
}

/** Over a longer silence nobody knows how bright it was: it counts nothing, ms. */
export const LONGEST_GAP = 15 * 60_000

/**
 * Adds one reading to the day's light: the mean of the last two, for the time between them. A new day (by
 * `dayOf`, in the greenhouse's time zone) begins at 0; a reading older than the last changes nothing.
 */
export function dli(
  previous: DailyLight | null,
  ppfd: number,
  at: number,
  dayOf: (ms: number) => string,
): DailyLight {
  const day = dayOf(at)
  if (previous === null) return { dli: 0, at, day, ppfd }
  if (at <= previous.at) return previous
  if (day !== previous.day) return { dli: 0, at, day, ppfd }
  const gap = at - previous.at
  const added = gap > LONGEST_GAP ? 0 : (((previous.ppfd + ppfd) / 2) * (gap / 1000)) / 1e6
  return { dli: previous.dli + added, at, day, ppfd }
}
