/** Damp: plants give off water into the air, fresh air carries it away, cold glass takes some of it back. */
import { deficit, pressurePerMass, saturated, vapourPressure } from './air.js'
import { airChanges, HOUSE, inside, type Part, towards } from './parts.js'

/**
 * A crop gives off `a` of the radiation and `b` W per m² and kPa of deficit: M. Baille, A. Baille and J. C. Laury,
 * "A simplified model for predicting evapotranspiration rate of nine ornamental species" (1994); values of a
 * crop that is not yet closed.
 */
const [BY_LIGHT, BY_DEFICIT] = [0.3, 25]
/** J to evaporate a gram: FAO 56, 2.45 MJ/kg. */
export const LATENT = 2_450

/** Below 30 % of the bed's water plants close up, by and by; a tenth always evaporates from the soil. */
const openness = (bed: number): number => (bed <= 0 ? 0 : Math.min(1, Math.max(0.1, bed / HOUSE.bed / 0.3)))

export const vapour: Part = (state, surroundings, seconds) => {
  const { sky } = surroundings
  const { temperature } = state
  const open = openness(state.bed)
  const perVolume = HOUSE.floor / HOUSE.volume / LATENT
  const changes = airChanges(state, surroundings)
  let rate = changes + BY_DEFICIT * open * perVolume * pressurePerMass(temperature)
  let source =
    changes * sky.vapour +
    open * perVolume * (BY_LIGHT * inside(surroundings) + BY_DEFICIT * vapourPressure(temperature))

  // Glass is half as warm as inside and outside together; 1.8 mm/s and ΔT^⅓: Stanghellini and de Jong (1995).
  const glass = (temperature + sky.temperature) / 2
  const dew = saturated(glass)
  if (glass < temperature && state.vapour > dew) {
    const onto = (0.0018 * Math.cbrt(temperature - glass) * HOUSE.cover) / HOUSE.volume
    rate += onto
    source += onto * dew
  }
  // What is more than air can hold falls out as fog.
  state.vapour = Math.min(towards(state.vapour, source / rate, rate, seconds), saturated(temperature))
  state.latent = open * (BY_LIGHT * inside(surroundings) + BY_DEFICIT * deficit(state.vapour, temperature))
}
