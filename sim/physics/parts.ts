/**
 * What a part of the greenhouse (its air, its bed, its tank …) sees of the rest during one short step, and how it
 * moves its own numbers. Every part moves towards where it would come to rest by the exact solution for the step,
 * so that no step is too long to be stable, and nothing leaves its physical range.
 */
import type { Sky } from '../sky.js'

/** Everything that changes by and by: plain numbers, so that it can be kept as JSON. */
export interface State {
  /** °C */
  temperature: number
  soil_temperature: number
  water_temperature: number
  /** g/m³ */
  vapour: number
  /** What plants and wet soil give off, W per m² of floor. */
  latent: number
  /** ppm */
  co2: number
  /** L of water in the bed, between dry and full. */
  bed: number
  /** L in the tank */
  tank: number
  /** 1 while the tank is being filled up. */
  filling: number
  ph: number
  /** µS/cm */
  ec: number
}

/** From 0 to 1, how far each kind of actuator is on; undefined when the zone has none. */
export interface Powers {
  readonly pump: number | undefined
  readonly valve: number | undefined
  readonly heater: number | undefined
  readonly fan: number | undefined
  readonly light: number | undefined
  readonly dosing: number | undefined
}

export interface Surroundings {
  readonly sky: Sky
  readonly powers: Powers
}

/** One part; `seconds` of its own time, a minute at most. */
export type Part = (state: State, surroundings: Surroundings, seconds: number) => void

/** A small greenhouse of a hobby grower. */
export const HOUSE = {
  /** m² of floor, and of glass around it */
  floor: 20,
  cover: 50,
  /** m³ */
  volume: 50,
  /** Of the sun's power, what gets through the cover: single glass, frame and dirt. */
  transmission: 0.65,
  /** L a bed of 20 L/m² holds between dry and full. */
  bed: 400,
  /** L */
  tank: 200,
  /** L/min with everything open */
  flow: 6,
  /** W */
  heater: 6_000,
  lamp: 800,
} as const

/** What comes to rest at `target` with a rate of `rate` per second, after so many seconds. */
export const towards = (value: number, target: number, rate: number, seconds: number): number =>
  rate <= 0 ? value : target + (value - target) * Math.exp(-rate * seconds)

/** The sun inside, W per m² of floor. */
export const inside = ({ sky }: Surroundings): number => HOUSE.transmission * sky.irradiance

/**
 * How much of the air is changed in a second. Gaps: one and a half volumes an hour (ASABE EP406, old glass 1 to 2). A
 * window on a wax cylinder opens between 18 and 28 °C, up to 20 volumes an hour. A fan changes one volume a minute, as EP406
 * advises for summer.
 */
export function airChanges({ temperature }: State, { powers }: Surroundings): number {
  const window = 20 * Math.min(1, Math.max(0, (temperature - 18) / 10))
  return (1.5 + window + 60 * (powers.fan ?? 0)) / 3_600
}
