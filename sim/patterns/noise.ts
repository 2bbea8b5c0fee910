/**
 * A measurement that trembles around the base value as real ones do: most values near it, few far away, and with
 * `persistence` each near the one before. variation_range is the standard deviation.
 */
import Type from 'typebox'
import { bell, pattern } from './pattern.js'

export const noise = pattern({
  name: 'noise',
  summary: 'a bell curve around base_value; variation_range is its standard deviation',
  parameters: Type.Object({
    persistence: Type.Number({
      minimum: 0,
      maximum: 0.999,
      default: 0,
      description: 'how much of a deviation is left in the next measurement',
    }),
  }),
  limits: 'of the type',
  start({ sensor: { base_value, variation_range }, parameters: { persistence }, around, kept }) {
    // A first-order autoregression whose deviation is variation_range, whatever the persistence.
    const fresh = Math.sqrt(1 - persistence ** 2)
    let deviation = kept?.deviation ?? bell(around.random)
    return {
      value() {
        deviation = persistence * deviation + fresh * bell(around.random)
        return base_value + variation_range * deviation
      },
      snapshot: () => ({ deviation }),
    }
  },
})
