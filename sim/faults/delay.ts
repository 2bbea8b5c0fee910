/** Messages that come late, with the time at which they were measured. */
import Type from 'typebox'
import { isOf, Of } from './concerned.js'
import { fault } from './fault.js'

export const delay = fault({
  name: 'delay',
  summary: 'its messages come late',
  parameters: Type.Object({
    seconds: Type.Number({ minimum: 0, maximum: 86_400, default: 5 }),
    of: Of,
  }),
  begin: (_device, { seconds, of }) => ({
    send: (messages) =>
      messages.map((message) =>
        isOf(of, message) ? { ...message, delay_ms: message.delay_ms + seconds * 1_000 } : message,
      ),
  }),
})
