/**
 * How fast a client is read: a token bucket of its own, and a bound on what it has sent that is not settled. It is
 * slowed, never refused, and nobody else notices.
 */
import type { BoundName, Bounds } from './bounds.js'
import type { Packet } from './decode-packet.js'
import type { Hits } from './hits.js'
import type { Pace } from './intake.js'
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

/** The pace of one client. */
export class ClientPace implements Pace {
  readonly #session: Session
  readonly #most: number
  readonly #hits: Hits
  readonly #monotonic: () => number
  readonly #bucket: TokenBucket
  #slowed = Number.NEGATIVE_INFINITY
  #wasFull = false

  constructor(session: Session, bounds: Bounds, hits: Hits, monotonic: () => number) {
    this.#session = session
    this.#most = bounds.incoming_in_flight
    this.#hits = hits
    this.#monotonic = monotonic
    this.#bucket = new TokenBucket(bounds.message_rate, bounds.message_burst, monotonic)
  }

  wait(packet: Packet): number {
    const wait = this.#bucket.take(costOf(packet))
    if (wait === 0) return 0
    const now = this.#monotonic()
    this.#hit(now - this.#slowed > CALM ? 'message_burst' : 'message_rate')
    this.#slowed = now + wait
    return Math.max(wait, PAUSE)
  }

  get full(): boolean {
    const full = this.#session.waiting >= this.#most
    if (full && !this.#wasFull) this.#hit('incoming_in_flight')
    this.#wasFull = full
    return full
  }

  #hit(bound: BoundName): void {
    const { client_id, address } = this.#session
    this.#hits.hit(bound, client_id, { address })
  }
}
