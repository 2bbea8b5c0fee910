/** The lines of the log: events, messages as they went through the broker, and gaps of both. */
import type { MqttMessageEvent } from '../../../../routing/contract/mqtt-message.js'
import type { Gap, ListedEvent } from '../../live/event-list.js'

export type Message = MqttMessageEvent

export interface ListedMessage {
  readonly id: number
  readonly kind: 'message'
  readonly at: number
  readonly type: string
  readonly esp_id: string
  readonly topic: string
  readonly message: Message
}

export type RawLine = ListedMessage | Gap
export type Line = ListedEvent | RawLine

export const lineOf = (message: Message): ListedMessage => ({
  ...{ id: message.id, kind: 'message', at: message.at, topic: message.topic, message },
  ...{ type: message.type ?? '', esp_id: message.esp_id ?? '' },
})

/** Numbers of events and of messages have nothing to do with one another. */
export const keyOf = ({ kind, id }: Line): string => `${kind} ${id}`

/** Two lists, each newest first, as one. */
export function merged(one: readonly Line[], other: readonly Line[]): readonly Line[] {
  if (other.length === 0) return one
  if (one.length === 0) return other
  const lines: Line[] = []
  for (let [i, k] = [0, 0]; i < one.length || k < other.length; ) {
    const [a, b] = [one[i], other[k]]
    if (b === undefined || (a !== undefined && a.at >= b.at)) {
      lines.push(a!)
      i++
    } else {
      lines.push(b)
      k++
    }
  }
  return lines
}
