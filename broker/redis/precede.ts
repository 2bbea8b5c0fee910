/**
 * What happens before a message is acknowledged: it is queued for the lasting sessions that want it, and
 * retained. Aedes acknowledges first and does both afterwards; it finds them done, because the message has its name.
 */
import { essence, type Named, type Packet } from './packet.js'
import type { Persistence } from './persistence.js'
import { type Received, rowOf } from './received.js'
import type { Sessions } from './sessions.js'
import type { ThisNode } from './this-node.js'

/** Numbers of QoS 2 messages that wait for their turn: one that is sent again is the same one. */
export class Announced {
  readonly #numbers = new WeakMap<Named, Map<number, number>>()

  number(client: Named, messageId: number, next: () => number): number {
    const waiting = this.#numbers.get(client) ?? new Map<number, number>()
    this.#numbers.set(client, waiting)
    const number = waiting.get(messageId) ?? next()
    waiting.set(messageId, number)
    return number
  }

  waits(client: Named, messageId: number): boolean {
    return this.#numbers.get(client)?.has(messageId) ?? false
  }

  /** It is stored; from now on that tells. */
  stored(client: Named, messageId: number): void {
    this.#numbers.get(client)?.delete(messageId)
  }
}

export interface PrecedeOptions {
  node: ThisNode
  sessions: Sessions
  received: Pick<Received, 'has'>
  announced: Announced
  persistence: Pick<Persistence, 'precede'>
}

const essenceOf = (packet: Packet): Packet => ({ ...essence(packet), messageId: packet.messageId })

/** Undefined when nobody wants it; else it is safe to acknowledge it when the promise is fulfilled. */
export type Precede = (client: Named, packet: Packet) => Promise<void> | undefined

export const createPrecede =
  ({ node, sessions, received, announced, persistence }: PrecedeOptions): Precede =>
  (client, packet) => {
    const { qos, topic, messageId } = packet
    if (qos === 0 || (qos === 2 && received.has(client, messageId!))) return undefined
    const subscribers = sessions.match(topic)
    if (subscribers.length === 0 && !packet.retain) return undefined
    const next = (): number => node.count()
    packet.brokerId = node.id
    packet.brokerCounter = qos === 2 ? announced.number(client, messageId!, next) : next()
    // Once its receipt is there a message is never handled again: one that is retained gets it afterwards, because
    // that takes a second step; rather twice than not at all.
    const lasting = qos === 2 && !client.clean && !packet.retain
    return persistence.precede(subscribers, packet, lasting ? rowOf(client.id, essenceOf(packet)) : undefined)
  }
