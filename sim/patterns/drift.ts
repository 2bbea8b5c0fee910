/**
 * A tenth of the range further with each measurement, from the base value in a direction that chance chooses, and
 * back again at min_value and max_value. protocol.md §9
 */
import Type from 'typebox'
import { pattern } from './pattern.js'

/** Of the range, each time. */
const STEP = 0.1

export const drift = pattern({
  name: 'drift',
  summary: 'a tenth of variation_range further each time; turns round at min_value and max_value',
  parameters: Type.Object({}),
  limits: 'around the base',
  start({ sensor: { base_value, variation_range, min_value, max_value }, around, kept }) {
    const within = (value: number): number => Math.min(max_value, Math.max(min_value, value))
    let value = within(kept?.value ?? base_value)
    let direction = kept?.direction ?? (around.random() < 0.5 ? -1 : 1)
    return {
      value() {
        value = within(value + direction * STEP * variation_range)
        if (value >= max_value) direction = -1
        else if (value <= min_value) direction = 1
        return value
      },
      snapshot: () => ({ value, direction }),
    }
  },
})
