/** A device that reads more slowly than it is told things. */
import Type from 'typebox'
import { fault } from './fault.js'

export const slowReader = fault({
  name: 'slow_reader',
  summary: 'it reads slowly',
  parameters: Type.Object({
    bytes_per_second: Type.Number({ minimum: 0, maximum: 1_000_000, default: 10 }),
  }),
  begin(device, { bytes_per_second }) {
    device.read(bytes_per_second)
    return { end: () => device.read(undefined) }
  },
})
