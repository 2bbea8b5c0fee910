/** Carbon dioxide: plants take it up by light and give some off all day, fresh air brings it back to 420 ppm. */
import { airChanges, HOUSE, inside, type Part, towards } from './parts.js'

/** ppm outside (NOAA, Mauna Loa, 2023), and mg/m³ in one ppm at 20 °C. */
const [OUTSIDE, PER_PPM] = [420, 1.83]
/** mg per s and m² of floor, at most; half of it at 200 W/m² and at 400 ppm: J. Goudriaan and H. H. van Laar (1994), rounded. */
const UPTAKE = { most: 1.2, light: 200, co2: 400 } as const
/** mg per s and m² of floor at 20 °C; doubles every 10 °C. */
const GIVEN_OFF = 0.15

export const carbon: Part = (state, surroundings, seconds) => {
  const perVolume = HOUSE.floor / HOUSE.volume / PER_PPM
  const light = inside(surroundings)
  const taken = (perVolume * UPTAKE.most * light) / (light + UPTAKE.light) / (state.co2 + UPTAKE.co2)
  const changes = airChanges(state, surroundings)
  const source = changes * OUTSIDE + perVolume * GIVEN_OFF * 2 ** ((state.temperature - 20) / 10)
  const rate = changes + taken
  state.co2 = towards(state.co2, source / rate, rate, seconds)
}
