/** The values it may have. 0 is off, and always in range; what only switches has no values to check. */
import { formOf } from '../kinds.js'
import { limit } from './limit.js'

/** Two values of an 8-bit duty cycle that are the same. */
const STEP = 1 / 255 + 1e-6

export const range = limit({
  name: 'range',
  blocks({ value }, { config }) {
    if (!config) return undefined
    const { min_value, max_value } = config
    if (value > max_value)
      return { detail: `value ${value} is above the highest, ${max_value}`, possible_at: null }
    if (value < min_value)
      return { detail: `value ${value} is below the lowest, ${min_value} (0 is off)`, possible_at: null }
    return undefined
  },
  broken({ config, kind, state }) {
    if (!config || !state || formOf(kind, config) === 'digital') return undefined
    const { current_value: value } = state
    const { min_value, max_value } = config
    if (value > max_value + STEP)
      return { detail: `it is at ${value}, the highest is ${max_value}`, value: max_value }
    if (value < min_value - STEP) return { detail: `it is at ${value}, the lowest is ${min_value}` }
    return undefined
  },
})
