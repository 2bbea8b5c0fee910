/** The values it may have. 0 is off, and always in range; what only switches has no values to check. */
import { commandSaid } from '../../contract/sentences/commands.js'
import { formOf } from '../kinds.js'
import { blockedBy, limit } from './limit.js'

/** Two values of an 8-bit duty cycle that are the same. */
const STEP = 1 / 255 + 1e-6

export const range = limit({
  name: 'range',
  blocks({ value }, { config }) {
    if (!config) return undefined
    const { min_value, max_value } = config
    if (value > max_value) return blockedBy(commandSaid('range_above', { value, limit: max_value }), null)
    if (value < min_value) return blockedBy(commandSaid('range_below', { value, limit: min_value }), null)
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
