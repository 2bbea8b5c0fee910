/** One value after the other, each for a while, and from the beginning again: a door, a switch, a set point. */
import Type from 'typebox'
import { pattern } from './pattern.js'

export const step = pattern({
  name: 'step',
  summary: 'one of `values` after the other, each for hold_seconds',
  parameters: Type.Object({
    values: Type.Optional(
      Type.Array(Type.Number(), {
        minItems: 1,
        maxItems: 1_000,
        description: 'base_value and variation_range above it, when left out',
      }),
    ),
    hold_seconds: Type.Number({ minimum: 0.1, maximum: 604_800, default: 60 }),
  }),
  limits: 'of the type',
  start({ sensor: { base_value, variation_range }, parameters, kept }) {
    const values = parameters.values ?? [base_value, base_value + variation_range]
    const hold = parameters.hold_seconds * 1_000
    let index = (kept?.index ?? 0) % values.length
    let since = kept?.since
    return {
      value(at) {
        since ??= at
        const over = Math.floor((at - since) / hold)
        if (over > 0) {
          index = (index + over) % values.length
          since += over * hold
        } else if (over < 0) since = at
        return values[index]!
      },
      snapshot: () => (since === undefined ? { index } : { index, since }),
    }
  },
})
