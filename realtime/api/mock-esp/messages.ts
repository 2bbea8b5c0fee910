/** What a mock said and heard last, to be looked at. */
import Type from 'typebox'
import { asked, MockParams } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import { Time } from '../../shapes.js'
import { iso } from '../../web.js'
import type { MockEspOptions } from './options.js'

const MessageBody = Type.Object({
  topic: Type.String(),
  payload: Type.Unknown({ description: 'as JSON where it is such, else as text' }),
  timestamp: Time,
  qos: Type.Integer(),
  direction: Type.Enum(['sent', 'received']),
})

const parsed = (payload: string): unknown => {
  try {
    return JSON.parse(payload)
  } catch {
    return payload
  }
}

export const messages = ({ fleet }: MockEspOptions): Route[] => [
  route({
    method: 'GET',
    path: '/{esp_id}/messages',
    role: 'admin',
    summary: 'Its last messages, oldest first',
    params: MockParams,
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'default 100' })),
    }),
    answer: Type.Object({
      success: Type.Literal(true),
      esp_id: Type.String(),
      messages: Type.Array(MessageBody),
      total: Type.Integer({ minimum: 0 }),
    }),
    errors: ['not_found'],
    handle: ({ params: { esp_id }, query: { limit = 100 } }) =>
      asked(() => {
        const all = fleet.messages(esp_id)
        const messages = all.slice(-limit).map(({ topic, payload, timestamp, qos, sent }) => ({
          topic,
          payload: parsed(payload),
          timestamp: iso(Math.round(timestamp))!,
          qos,
          direction: sent ? ('sent' as const) : ('received' as const),
        }))
        return { success: true as const, esp_id, messages, total: all.length }
      }),
  }),

  route({
    method: 'DELETE',
    path: '/{esp_id}/messages',
    role: 'admin',
    summary: 'Forget them',
    params: MockParams,
    status: 204,
    errors: ['not_found'],
    async handle({ params: { esp_id } }) {
      await asked(() => fleet.clearMessages(esp_id))
      return undefined
    },
  }),
]
