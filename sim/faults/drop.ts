/** Messages that never leave the device. */
import Type from 'typebox'
import { isOf, Of } from './concerned.js'
import { fault } from './fault.js'

export const drop = fault({
  name: 'drop',
  summary: 'a share of its messages is lost',
  parameters: Type.Object({ share: Type.Number({ minimum: 0, maximum: 1, default: 0.5 }), of: Of }),
  begin: ({ random }, { share, of }) => ({
    send: (messages) => messages.filter((message) => !isOf(of, message) || random() >= share),
  }),
})
