/** Always the base value. protocol.md §9 */
import Type from 'typebox'
import { pattern } from './pattern.js'

export const constant = pattern({
  name: 'constant',
  summary: 'always base_value',
  parameters: Type.Object({}),
  limits: 'around the base',
  start: ({ sensor }) => ({ value: () => sensor.base_value }),
})
