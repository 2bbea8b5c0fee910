/** Warmth: of the air, with what stands in it, of the soil and of the water in the tank. */
import { airChanges, HOUSE, inside, type Part, towards } from './parts.js'

/** J/K: leaves, pots, benches and the first centimetres of soil warm with the air; about 30 kJ per K and m². */
const CAPACITY = 30_000 * HOUSE.floor
/** W/K through single glass: 6.3 W/(m²·K), ASABE EP406. */
const THROUGH_COVER = 6.3 * HOUSE.cover
/** W/K between air and soil: 5 W/(m²·K), still air over a floor (ISO 6946). */
const INTO_SOIL = 5 * HOUSE.floor
/** J/(m³·K) of air: 1.2 kg/m³ and 1,006 J/(kg·K). */
const AIR = 1_207

export const heat: Part = (state, surroundings, seconds) => {
  const { sky, powers } = surroundings
  const outwards = THROUGH_COVER + AIR * HOUSE.volume * airChanges(state, surroundings)
  const gained =
    (inside(surroundings) - state.latent) * HOUSE.floor +
    HOUSE.heater * (powers.heater ?? 0) +
    HOUSE.lamp * (powers.light ?? 0)
  const total = outwards + INTO_SOIL
  const rest = (gained + outwards * sky.temperature + INTO_SOIL * state.soil_temperature) / total
  state.temperature = towards(state.temperature, rest, total / CAPACITY, seconds)
  // The soil follows within eight hours, the tank within twelve: what holds much warmth is slow; at 0 °C it freezes on.
  state.soil_temperature = towards(state.soil_temperature, state.temperature, 1 / 28_800, seconds)
  state.water_temperature = Math.max(
    0,
    towards(state.water_temperature, state.temperature, 1 / 43_200, seconds),
  )
}
