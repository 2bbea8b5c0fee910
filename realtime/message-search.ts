/**
 * Looks through the log of MQTT messages: by topic filter, by what a topic carries, by what became of a message, by
 * text in its payload. Gives way to the event loop between portions; what rolls out of the log meanwhile is not found.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import Type, { type Static } from 'typebox'
import { MESSAGE_TYPES, messageTypeOf } from '../routing/contract/message-types.js'
import type { MqttMessageEvent } from '../routing/contract/mqtt-message.js'
import { matchesFilter } from '../routing/contract/topics.js'
import { mqttMessage } from '../routing/mqtt-message.js'
import type { LoggedMessage, MessageLog } from '../routing/trace.js'
import { EspId } from './shapes.js'

/** `#` only as the whole last level [MQTT-4.7.1-2], `+` only as a whole level [MQTT-4.7.1-3]. */
const FILTER = '^(#|([^+#/]*|\\+)(/([^+#/]*|\\+))*(/#)?)$'

export const SearchQuery = {
  topic: Type.Optional(
    Type.String({
      pattern: FILTER,
      minLength: 1,
      maxLength: 1_024,
      description: 'topic filter, with + and #',
    }),
  ),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'text in the payload, in any case; of long payloads the first 4,096 bytes',
    }),
  ),
  type: Type.Optional(Type.Enum([...MESSAGE_TYPES], { description: 'what the topic carries' })),
  esp_id: Type.Optional(EspId),
  outcome: Type.Optional(Type.String({ maxLength: 64, description: 'what became of it, or a code' })),
  direction: Type.Optional(Type.Enum(['in', 'out'])),
}
const Query = Type.Object(SearchQuery)
export type Search = Static<typeof Query>

/** Which topics somebody may read. */
export type Readable = (topic: string) => boolean

/** Messages that are looked at in one turn, and payloads that are read. */
const LOOKS = 1_000
const READS = 100

/** Does a message fit, as far as it can be said without its payload? */
const createFits =
  ({ topic, type, esp_id, outcome, direction }: Search, mayRead: Readable) =>
  (message: LoggedMessage): boolean => {
    if (direction !== undefined && message.direction !== direction) return false
    if (outcome !== undefined && message.outcome !== outcome) return false
    if (topic !== undefined && !matchesFilter(topic, message.topic)) return false
    if (!mayRead(message.topic)) return false
    if (type === undefined && esp_id === undefined) return true
    const known = messageTypeOf(message.topic)
    return (type === undefined || known?.type === type) && (esp_id === undefined || known?.esp_id === esp_id)
  }

/** A message that was found; or how many could not be looked at, because they rolled out of the log meanwhile. */
export type Found = MqttMessageEvent | { readonly lost: number }

/** From `start` towards `end`, both included, in the one direction or the other. */
export async function* search(
  log: MessageLog,
  wanted: Search,
  mayRead: Readable,
  [start, end]: readonly [start: number, end: number],
): AsyncGenerator<Found, void> {
  const fits = createFits(wanted, mayRead)
  const words = wanted.q?.toLowerCase()
  const step = start <= end ? 1 : -1
  let looks = 0
  let reads = 0
  for (let id = start; step * (end - id) >= 0; id += step) {
    if (looks++ >= LOOKS || reads >= READS) {
      looks = 0
      reads = 0
      await nextTurn()
    }
    const { oldest } = log
    if (id < oldest) {
      if (step < 0) return
      yield { lost: Math.min(oldest, end + 1) - id }
      id = oldest
      if (id > end) return
    }
    const message = log.find(id)
    if (!message || !fits(message)) continue
    reads++
    const found = mqttMessage(log, id)!
    if (words === undefined || (found.encoding === 'text' && found.payload?.toLowerCase().includes(words)))
      yield found
  }
}
