/**
 * Water: from the tank through the pump and the valve into the bed, from there through the plants into the air.
 * With a pump it comes from the tank; with a valve alone from the mains; with both, both must be on.
 */
import { HOUSE, type Part, type Powers, type State, towards } from './parts.js'
import { LATENT } from './vapour.js'

/** Above this share the bed does not hold water, and it drains within the hour. */
const FIELD_CAPACITY = 0.85
/** A float valve fills the tank up, L/min, between these shares; it is closed while the pump draws. */
const FILL = { rate: 8, from: 0.2, to: 0.95 } as const

const fromTank = ({ pump }: Powers): boolean => pump !== undefined

/** L/min into the bed. */
export function flowOf({ tank }: Pick<State, 'tank'>, powers: Powers): number {
  const { pump, valve } = powers
  if (fromTank(powers) && tank <= 0) return 0
  return HOUSE.flow * (pump ?? (valve === undefined ? 0 : 1)) * (valve ?? 1)
}

export const water: Part = (state, { powers }, seconds) => {
  const wanted = (flowOf(state, powers) * seconds) / 60
  const poured = fromTank(powers) ? Math.min(wanted, state.tank) : wanted
  if (fromTank(powers)) state.tank -= poured
  if (poured === 0) fillUp(state, seconds)

  const given = Math.min(state.bed, ((state.latent * HOUSE.floor) / LATENT / 1_000) * seconds)
  state.bed = Math.min(HOUSE.bed, state.bed + poured - given)
  const holds = FIELD_CAPACITY * HOUSE.bed
  if (state.bed > holds) state.bed = towards(state.bed, holds, 1 / 3_600, seconds)
}

function fillUp(state: State, seconds: number): void {
  const share = state.tank / HOUSE.tank
  if (share <= FILL.from) state.filling = 1
  if (share >= FILL.to) state.filling = 0
  if (state.filling === 0) return
  const added = Math.min((FILL.rate * seconds) / 60, FILL.to * HOUSE.tank - state.tank)
  mix(state, added)
  state.tank += added
}

/** Fresh nutrient solution as it is mixed for tomatoes, and what is in the tank, by their amounts. */
function mix(state: State, added: number): void {
  const share = added / (state.tank + added)
  state.ec += (1_800 - state.ec) * share
  state.ph += (5.8 - state.ph) * share
}

/**
 * Plants that take up nitrate give off hydroxide: pH creeps up, over days, towards that of tap water. The dosing
 * pump adds acid and salts: 0.1 pH and 40 µS/cm a minute.
 */
export const solution: Part = (state, { powers }, seconds) => {
  const dosing = powers.dosing ?? 0
  state.ph = towards(state.ph, 7.4, 1 / (4 * 86_400), seconds)
  state.ph = Math.max(3.5, state.ph - (0.1 * dosing * seconds) / 60)
  state.ec = Math.min(6_000, state.ec + (40 * dosing * seconds) / 60)
}
