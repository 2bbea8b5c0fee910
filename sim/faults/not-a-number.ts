/** What firmware prints that measured nothing and does not notice: `nan` where JSON wants a number. */
import Type from 'typebox'
import { isOf } from './concerned.js'
import { fault } from './fault.js'

/** The numbers of a reading. */
const MEASURED = /"(raw|raw_value|value)":-?[0-9.]+(?:e[+-]?[0-9]+)?/gi

const TEXTS = { nan: 'nan', NaN: 'NaN', inf: 'inf', text: '"NaN"', null: 'null' } as const

export const notANumber = fault({
  name: 'not_a_number',
  summary: 'its readings have no number where one should be',
  parameters: Type.Object({
    as: Type.Enum(['nan', 'NaN', 'inf', 'text', 'null'], { default: 'nan' }),
    share: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
  }),
  begin: ({ random }, { as, share }) => ({
    send: (messages) =>
      messages.map((message) =>
        isOf('sensor', message) && random() < share
          ? { ...message, payload: message.payload.replace(MEASURED, `"$1":${TEXTS[as]}`) }
          : message,
      ),
  }),
})
