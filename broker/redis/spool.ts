/**
 * What the other nodes are to hear when Redis is back: messages that promise something (QoS 1 and 2, retained),
 * oldest first, bounded. Commands and config are not kept longer than they are good for: a pump must not start
 * because Redis did.
 */
import { isStale } from '../../routing/contract/perishable.js'
import { bytesOf, ownCopy, type Packet } from './packet.js'

/** Messages sent at a time. */
const PAGE = 200

export interface Spool {
  readonly size: number
  /** Messages that were pushed out by later ones, or that nobody is to hear any more. */
  readonly dropped: number
  push(packet: Packet): void
  /** Takes out the oldest ones that are still good, in order. `giveBack` when they could not be sent. */
  take(): { readonly packets: readonly Packet[]; giveBack(): void }
}

interface Waiting {
  readonly packet: Packet
  /** ms, monotonic */
  readonly at: number
}

export function createSpool(bounds: { messages: number; bytes: number }, monotonic: () => number): Spool {
  const waiting: Waiting[] = []
  let bytes = 0
  let dropped = 0

  const shift = (count: number): void => {
    for (const { packet } of waiting.splice(0, count)) bytes -= bytesOf(packet)
  }
  const isGood = ({ packet, at }: Waiting): boolean => !isStale(packet.topic, monotonic() - at)

  return {
    get size() {
      return waiting.length
    },
    get dropped() {
      return dropped
    },
    push(packet) {
      waiting.push({ packet: ownCopy(packet), at: monotonic() })
      bytes += bytesOf(packet)
      while (waiting.length > bounds.messages || bytes > bounds.bytes) {
        dropped++
        shift(1)
      }
    },
    take() {
      const page: Waiting[] = []
      while (page.length < PAGE && waiting.length > 0) {
        const first = waiting[0]!
        shift(1)
        if (isGood(first)) page.push(first)
        else dropped++
      }
      return {
        packets: page.map(({ packet }) => packet),
        giveBack() {
          waiting.unshift(...page)
          for (const { packet } of page) bytes += bytesOf(packet)
        },
      }
    },
  }
}
