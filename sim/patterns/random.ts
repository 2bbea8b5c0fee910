/** Anywhere within the range around the base value, all equally likely. protocol.md §9 */
import Type from 'typebox'
import { pattern } from './pattern.js'

export const random = pattern({
  name: 'random',
  summary: 'anywhere within variation_range around base_value',
  parameters: Type.Object({}),
  limits: 'around the base',
  start: ({ sensor: { base_value, variation_range }, around }) => ({
    value: () => base_value + (around.random() * 2 - 1) * variation_range,
  }),
})
