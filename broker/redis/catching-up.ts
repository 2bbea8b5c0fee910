/**
 * A session that was taken up gets what waited for it, in order, and only then what is said now: a message that comes
 * meanwhile is in its queue already and follows from there, once. [MQTT-4.6.0-6]
 */
import { essence, keyOf, type Packet } from './packet.js'

/** Messages that are remembered whole, for the case that the queue had no room for them. */
const HELD = 1_000

export interface CatchingUp {
  /**
   * What waits, oldest first, and then what came meanwhile, until there is nothing; `read` reads the queue. The
   * session counts as catching up from this call on.
   */
  packets(read: () => Promise<readonly Packet[]>): AsyncGenerator<Packet>
  /**
   * May a message that was just published be sent? If not, it comes or came from the queue. `granted` is the QoS it
   * is queued with, 0 when it is not.
   */
  maySend(packet: Packet, granted: () => number): boolean
  /** A packet of the queue is about to be written. */
  passed(key: string): void
}

export function createCatchingUp(): CatchingUp {
  const sent = new Set<string>()
  let held = new Map<string, Packet>()
  let missed = false
  let over = false
  /** On their way from the queue to the connection; streams hold some of them. */
  const between = new Set<string>()
  let empty: () => void = () => {}

  return {
    async *packets(read) {
      do {
        const meanwhile = held
        held = new Map()
        missed = false
        for (const packet of [...(await read()), ...meanwhile.values()]) {
          const key = keyOf(packet)
          if (sent.has(key)) continue
          sent.add(key)
          between.add(key)
          yield packet
        }
        if (between.size > 0)
          await new Promise<void>((resolve) => {
            empty = resolve
          })
      } while (missed)
      over = true
    },
    maySend(packet, granted) {
      // Retained messages are no part of the queue; what has a packet id comes from it.
      if (!packet.brokerId || packet.retain || packet.messageId) return true
      const key = keyOf(packet)
      if (sent.has(key)) return false
      if (over) return true
      const qos = Math.min(granted(), packet.qos)
      if (qos === 0) return true
      missed = true
      if (held.size < HELD) held.set(key, { ...essence(packet), qos, messageId: undefined })
      return false
    },
    passed(key) {
      if (between.delete(key) && between.size === 0) empty()
    },
  }
}
