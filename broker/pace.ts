/**
 * How fast a client is read: a token bucket of its own, and a bound on what it has sent that is not settled. It is
 * slowed, never refused, and nobody else notices.
 */
import type { Bounds } from './bounds.js'
import type { Packet } from './decode-packet.js'
import type { Hits } from './hits.js'
import type { IntakeOptions } from './intake.js'
import type { Session } from './session.js'
import { TokenBucket } from './token-bucket.js'

/** Who has to wait waits at least this long, ms: a few long pauses cost less than many short ones. */
const PAUSE = 25
/** A client that was not slowed for this long is slowed anew, ms. */
const CALM = 1_000
/** Filters of a SUBSCRIBE or UNSUBSCRIBE that cost as much as a packet. */
const FILTERS = 8

const costOf = ({ subscriptions, unsubscriptions }: Packet): number => {
  const filters = subscriptions ?? unsubscriptions
  return filters === undefined ? 1 : 1 + Math.floor((filters as readonly unknown[]).length / FILTERS)
}

export function paceOf(
  session: Session,
  bounds: Bounds,
  { hit }: Hits,
  monotonic: () => number,
): Required<Pick<IntakeOptions, 'pace' | 'full'>> {
  const bucket = new TokenBucket(bounds.message_rate, bounds.message_burst, monotonic)
  let slowed = Number.NEGATIVE_INFINITY
  let wasFull = false
  const where = () => ({ address: session.address })

  return {
    pace(packet) {
      const wait = bucket.take(costOf(packet))
      if (wait === 0) return 0
      const now = monotonic()
      hit(now - slowed > CALM ? 'message_burst' : 'message_rate', session.client_id, where())
      slowed = now + wait
      return Math.max(wait, PAUSE)
    },
    full() {
      const full = session.waiting >= bounds.incoming_in_flight
      if (full && !wasFull) hit('incoming_in_flight', session.client_id, where())
      wasFull = full
      return full
    },
  }
}
