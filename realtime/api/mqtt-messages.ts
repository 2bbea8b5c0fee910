/** `/mqtt/messages`: the log of MQTT messages, as pages and as a file, and what came of each. */
import Type from 'typebox'
import { MqttMessageEvent } from '../../routing/contract/mqtt-message.js'
import { mqttMessage } from '../../routing/mqtt-message.js'
import type { MessageLog } from '../../routing/trace.js'
import type { Store } from '../../storage/store.js'
import type { User } from '../../storage/users.js'
import { EffectsBody, effectsOf } from '../message-effects.js'
import { type Readable, type Search, SearchQuery, search } from '../message-search.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { nullable } from '../shapes.js'
import { pieces, streamed } from '../streamed.js'
import { iso } from '../web.js'

export interface MqttMessagesOptions {
  store: Store
  messages: MessageLog
  /** May somebody read messages of a topic? Those they may hear on MQTT. */
  mayRead: (user: User, topic: string) => boolean
  now: () => number
}

const MessageId = Type.Integer({ minimum: 1 })
const NDJSON = 'application/x-ndjson'

export const mqttMessages = ({ store, messages, mayRead, now }: MqttMessagesOptions): Resource => {
  const readable =
    (user: User): Readable =>
    (topic) =>
      mayRead(user, topic)

  /** Oldest first, up to the newest there is now. */
  async function* lines(wanted: Search, user: User): AsyncGenerator<string, void> {
    const { oldest, newest } = messages
    if (newest < oldest) return
    for await (const found of search(messages, wanted, readable(user), [oldest, newest]))
      yield `${JSON.stringify(found)}\n`
  }

  return {
    prefix: '/mqtt/messages',
    tag: 'MQTT log',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'MQTT messages that went through the broker, newest first',
        description:
          'Those somebody may hear on MQTT; secrets are blanked. The log is in memory and bounded by `--max-logged-messages` and `--max-logged-bytes`: `oldest` is where it ends, and `lost` says how many were there before. On realtime the event `mqtt_message` says each message as it comes, to those who name it; of topics outside `kaiser/` only this list tells.',
        query: Type.Object({
          before: Type.Optional(
            Type.Integer({
              minimum: 1,
              description: 'only ids below this one: next_before of the page before',
            }),
          ),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, description: 'default 100' })),
          ...SearchQuery,
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          data: Type.Array(MqttMessageEvent),
          next_before: nullable(Type.Integer({ description: 'null: nothing older fits' })),
          oldest: nullable(Type.Integer({ description: 'the first id that is kept' })),
          newest: nullable(Type.Integer()),
          lost: Type.Integer({ minimum: 0, description: 'messages that had to make room since the start' }),
        }),
        async handle({ query: { before = Number.MAX_SAFE_INTEGER, limit = 100, ...wanted }, user }) {
          const data: MqttMessageEvent[] = []
          const start = Math.min(before - 1, messages.newest)
          if (start >= messages.oldest)
            for await (const found of search(messages, wanted, readable(user), [start, messages.oldest]))
              if ('id' in found && data.push(found) > limit) break
          const isMore = data.length > limit
          data.length = Math.min(data.length, limit)
          const { oldest, newest, lost } = messages
          const isEmpty = newest < oldest
          return {
            success: true as const,
            data,
            next_before: isMore ? data.at(-1)!.id : null,
            oldest: isEmpty ? null : oldest,
            newest: isEmpty ? null : newest,
            lost,
          }
        },
      }),

      route({
        method: 'GET',
        path: '/export',
        role: 'viewer',
        summary: 'The same messages as a file: NDJSON, one message a line, oldest first',
        description:
          'All that fit, up to the newest there is when it begins. A line `{"lost": n}` says that n messages rolled out of the log before their turn came.',
        query: Type.Object(SearchQuery),
        media: [NDJSON],
        handle: ({ query, user }) =>
          streamed(pieces(lines(query, user)), {
            'Content-Type': NDJSON,
            'Content-Disposition': `attachment; filename="mqtt-messages-${iso(now())!.slice(0, 10)}.ndjson"`,
          }),
      }),

      route({
        method: 'GET',
        path: '/{id}/effects',
        role: 'viewer',
        summary: 'What came of a message: rows, command, events, or why it was not used',
        params: Type.Object({ id: MessageId }),
        answer: EffectsBody,
        errors: ['not_found'],
        async handle({ params: { id }, user }) {
          const message = mqttMessage(messages, id)
          if (!message || !mayRead(user, message.topic))
            throw new Problem('not_found', `Message ${id} is not in the log, or not any more`)
          return effectsOf({ store, messages }, message, readable(user))
        },
      }),
    ],
  }
}
