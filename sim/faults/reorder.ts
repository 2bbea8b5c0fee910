/** Messages that overtake one another: each waits for a time of its own. */
import Type from 'typebox'
import { isOf, Of } from './concerned.js'
import { fault } from './fault.js'

export const reorder = fault({
  name: 'reorder',
  summary: 'its messages overtake one another',
  parameters: Type.Object({
    seconds: Type.Number({ minimum: 0.001, maximum: 3_600, default: 10, description: 'the longest wait' }),
    of: Of,
  }),
  begin: ({ random }, { seconds, of }) => ({
    send: (messages) =>
      messages.map((message) =>
        isOf(of, message) ? { ...message, delay_ms: message.delay_ms + random() * seconds * 1_000 } : message,
      ),
  }),
})
