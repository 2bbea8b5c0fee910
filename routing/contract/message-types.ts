/**
 * What kind of message a topic carries, and what it is about, as its row in the table of topics says: for whoever
 * looks at messages from outside. Words are the table's, as the wire spells words: `sensor_data`, `heartbeat_ack`.
 */
import { fromDevice, fromServer, matcher, toDevice } from './topics.js'

export interface MessageType {
  readonly type: string
  readonly esp_id: string | null
  readonly gpio: number | null
}

/** Topics remembered; devices repeat the same ones for ever. */
const REMEMBERED = 4_096

const spelled = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const kinds = Object.entries({ ...fromDevice, ...toDevice, ...fromServer }).map(([name, template]) => ({
  type: spelled(name),
  match: matcher<string>(template),
}))

/** Every type there is. */
export const MESSAGE_TYPES: readonly string[] = kinds.map(({ type }) => type)

const seen = new Map<string, MessageType | null>()

function find(topic: string): MessageType | null {
  for (const { type, match } of kinds) {
    const levels = match(topic) as { esp_id?: string; gpio?: number } | undefined
    if (levels) return Object.freeze({ type, esp_id: levels.esp_id ?? null, gpio: levels.gpio ?? null })
  }
  return null
}

/** The type of a literal topic; null when the table of topics has none like it. */
export function messageTypeOf(topic: string): MessageType | null {
  let known = seen.get(topic)
  if (known === undefined) {
    known = find(topic)
    if (seen.size >= REMEMBERED) seen.clear()
    seen.set(topic, known)
  }
  return known
}
