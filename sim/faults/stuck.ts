/** A sensor that says the same for ever: the driver repeats its last answer. */
import Type from 'typebox'
import { fault } from './fault.js'
import { isMeant, Sensor } from './meant.js'

export const stuck = fault({
  name: 'stuck',
  summary: 'its sensors repeat what they measured last',
  parameters: Type.Object({
    sensor: Sensor,
    value: Type.Optional(Type.Number({ description: 'what they say; their next value when left out' })),
  }),
  begin(_device, { sensor: meant, value: chosen }) {
    const held = new Map<string, number>()
    return {
      measure(key, sensor, value) {
        if (!isMeant(meant, key, sensor)) return value
        if (!held.has(key)) held.set(key, chosen ?? value)
        return held.get(key)!
      },
    }
  },
})
