/**
 * What is above a greenhouse: where the sun stands, how much of its power comes down, how warm and how damp it is
 * outside. Pure functions of time and place, so that any moment can be asked for and the same moment is always the
 * same. A day may be shorter than a day: the time of day then runs faster, the season keeps to the calendar.
 */

import { saturated } from './physics/air.js'
import { createRandom } from './random.js'

export interface Place {
  /** °, north is positive */
  readonly latitude: number
  /** °, east is positive; 0: noon is about 12:00 UTC */
  readonly longitude: number
  /** How long a day is, ms. */
  readonly day_ms: number
  /** 1–365: always that time of the year; undefined: as the calendar says. */
  readonly day_of_year?: number | undefined
}

/** Somewhere in the middle of Europe, days as they are. */
export const PLACE: Place = { latitude: 48, longitude: 0, day_ms: 86_400_000 }

export interface Sun {
  /** True solar time, h: at 12 the sun is highest. */
  readonly hour: number
  /** 1 to below 366 */
  readonly day: number
  /** Sine of its height above the horizon; negative at night. */
  readonly height: number
  /** From sunrise to sunset, h. */
  readonly day_length: number
}

const DAY = 86_400_000
const radians = (degrees: number): number => (degrees * Math.PI) / 180
const modulo = (value: number, by: number): number => ((value % by) + by) % by

/** 1 on the first of January, with its fraction. */
function dayOfYear(at: number): number {
  const year = new Date(at).getUTCFullYear()
  return 1 + (at - Date.UTC(year, 0, 1)) / DAY
}

/**
 * Declination, equation of time and hour angle: NOAA Global Monitoring Laboratory, "General Solar Position
 * Calculations", after J. W. Spencer, "Fourier series representation of the position of the sun" (1971).
 */
export function sunAt(at: number, place: Place): Sun {
  const day = place.day_of_year ?? dayOfYear(at)
  const clock = (modulo(at, place.day_ms) / place.day_ms) * 24
  const year = ((2 * Math.PI) / 365) * (day - 1)
  const minutes =
    229.18 *
    (0.000075 +
      0.001868 * Math.cos(year) -
      0.032077 * Math.sin(year) -
      0.014615 * Math.cos(2 * year) -
      0.040849 * Math.sin(2 * year))
  const declination =
    0.006918 -
    0.399912 * Math.cos(year) +
    0.070257 * Math.sin(year) -
    0.006758 * Math.cos(2 * year) +
    0.000907 * Math.sin(2 * year) -
    0.002697 * Math.cos(3 * year) +
    0.00148 * Math.sin(3 * year)
  const hour = modulo(clock + minutes / 60 + place.longitude / 15, 24)
  const latitude = radians(place.latitude)
  const across = Math.cos(latitude) * Math.cos(declination)
  const along = Math.sin(latitude) * Math.sin(declination)
  const height = along + across * Math.cos(radians(15 * (hour - 12)))
  // At 90.833° from the zenith its rim is on the horizon, refraction included.
  const rise = across === 0 ? Math.sign(-along) : (Math.cos(radians(90.833)) - along) / across
  const day_length = (Math.acos(Math.min(1, Math.max(-1, rise))) * 24) / Math.PI
  return { hour, day, height, day_length }
}

/** W/m² on level ground under a clear sky: B. Haurwitz, "Insolation in relation to cloud type" (1948). */
export const clearSky = ({ height }: Sun): number =>
  height <= 0 ? 0 : 1098 * height * Math.exp(-0.057 / height)

/**
 * How the temperature of a day goes, from 0 (coldest, at sunrise) to 1 (warmest, not quite two hours after noon):
 * a sine by day, an exponential fall at night; W. J. Parton and J. A. Logan, "A model for diurnal variation in soil
 * and air temperature" (1981), their coefficients for 1.5 m above ground. The fall ends where the next day begins.
 */
export function warmthOf({ hour, day_length }: Sun): number {
  const [LATE, FALL] = [1.86, 2.2]
  // Where the sun does not rise or set there is still some course of the day.
  const light = Math.min(22, Math.max(2, day_length))
  const since = modulo(hour - (12 - light / 2), 24)
  const by = (hours: number): number => Math.sin((Math.PI * hours) / (light + 2 * LATE))
  if (since <= light) return by(since)
  const fallen = Math.exp((-FALL * (since - light)) / (24 - light))
  return (by(light) * (fallen - Math.exp(-FALL))) / (1 - Math.exp(-FALL))
}

export interface Sky extends Sun {
  /** W/m² on level ground, clouds included */
  readonly irradiance: number
  /** share of the sky that is covered */
  readonly cloud: number
  /** °C */
  readonly temperature: number
  /** Water in the air, g/m³. */
  readonly vapour: number
}

/** From 0 to 1, smooth, and the same for the same seed and time: numbers at whole hours, and a curve between. */
function wander(seed: string, hours: number): number {
  const whole = Math.floor(hours)
  const at = (hour: number): number => createRandom(`${seed}/${hour}`)()
  const part = hours - whole
  const eased = part * part * (3 - 2 * part)
  return at(whole) * (1 - eased) + at(whole + 1) * eased
}

/**
 * °C over the year by latitude: G. R. North, "Theory of energy-balance climate models" (1975), which is
 * the mean of sea and ice around the globe; where greenhouses stand it is some degrees warmer.
 */
const annualMean = (latitude: number): number => {
  const x = Math.sin(radians(latitude))
  return 18.5 - (28 * (3 * x * x - 1)) / 2
}

/** The warmest day is a month after the longest one, since sea and soil are slow; further from the equator the difference is larger: about 10 °C at 48°. */
const season = (day: number, latitude: number): number =>
  0.2 * latitude * Math.cos((2 * Math.PI * (day - 202)) / 365)

/** From night to day, °C, under a clear sky; clouds halve it. */
const DAILY = 11

/** The sky at a moment; `seed` chooses the clouds. */
export function skyAt(at: number, place: Place, seed: string): Sky {
  const sun = sunAt(at, place)
  // A cloud of three hours: fair weather is more frequent than grey.
  const cloud = wander(seed, ((at / place.day_ms) * 24) / 3) ** 2
  // F. Kasten and G. Czeplak, "Solar and terrestrial radiation dependent on the amount and type of cloud" (1980).
  const irradiance = clearSky(sun) * (1 - 0.75 * cloud ** 3.4)
  const mean = annualMean(place.latitude) + season(sun.day, place.latitude)
  const coldest = mean - DAILY / 2
  const temperature = coldest + DAILY * (1 - cloud / 2) * warmthOf(sun) + (DAILY / 4) * cloud
  // Without rain the dew point stays near the lowest temperature of the day: FAO 56, equation 48.
  return { ...sun, cloud, irradiance, temperature, vapour: saturated(coldest) }
}
