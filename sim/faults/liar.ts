/** A device that says of its actuators what is not so; what it does is something else. */
import Type from 'typebox'
import { fault } from './fault.js'

export const liar = fault({
  name: 'liar',
  summary: 'it lies about what its actuators are at',
  parameters: Type.Object({
    says: Type.Enum(['opposite', 'on', 'off'], { default: 'opposite' }),
    gpio: Type.Optional(Type.Integer({ minimum: 0, maximum: 255, description: 'all when left out' })),
  }),
  begin: (_device, { says, gpio: meant }) => ({
    report(gpio, value) {
      if (meant !== undefined && gpio !== meant) return value
      if (says === 'opposite') return value > 0 ? 0 : 1
      return says === 'on' ? value || 1 : 0
    },
  }),
})
