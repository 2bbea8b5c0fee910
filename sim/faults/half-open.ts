/**
 * A connection that stands on one side only: a router forgot it, and nobody was told. Nothing arrives in either
 * direction, and nothing is closed, until the fault ends.
 */
import Type from 'typebox'
import { fault } from './fault.js'

export const halfOpen = fault({
  name: 'half_open',
  summary: 'its connection stands, and nothing goes through',
  parameters: Type.Object({}),
  begin(device) {
    device.hang(true)
    return { end: () => device.hang(false) }
  },
})
