/**
 * Retained messages as administrators see them: what is there, and clearing it as MQTT clears, with an empty retained
 * message [MQTT-3.3.1-10]. Reads whatever persistence there is.
 */
import type { Readable } from 'node:stream'

/** A retained message. */
export interface RetainedMessage {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: number
}

interface Persistence {
  createRetainedStreamCombi(filters: string[]): Readable
}

const ALL = '#'

const byTopic = (a: RetainedMessage, b: RetainedMessage): number =>
  a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0

/** Those whose topic matches a filter, by topic. */
export async function retainedMessages(
  persistence: object,
  filter: string = ALL,
): Promise<RetainedMessage[]> {
  const found = new Map<string, RetainedMessage>()
  for await (const packet of (persistence as Persistence).createRetainedStreamCombi([filter])) {
    const { topic, payload, qos } = packet as { topic: string; payload: Buffer | string; qos: number }
    found.set(topic, { topic, payload: Buffer.from(payload as string), qos })
  }
  return [...found.values()].sort(byTopic)
}
