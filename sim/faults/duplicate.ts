/** Messages that are said more than once, letter for letter: at once, or after a while. */
import Type from 'typebox'
import { isOf, Of } from './concerned.js'
import { fault } from './fault.js'

export const duplicate = fault({
  name: 'duplicate',
  summary: 'its messages come more than once',
  parameters: Type.Object({
    share: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
    times: Type.Integer({ minimum: 1, maximum: 10, default: 1, description: 'how often again' }),
    seconds: Type.Number({ minimum: 0, maximum: 3_600, default: 0, description: 'how much later each' }),
    of: Of,
  }),
  begin: ({ random }, { share, times, seconds, of }) => ({
    send: (messages) =>
      messages.flatMap((message) => {
        if (!isOf(of, message) || random() >= share) return [message]
        return Array.from({ length: times + 1 }, (_, again) => ({
          ...message,
          delay_ms: message.delay_ms + again * seconds * 1_000,
        }))
      }),
  }),
})
