/**
 * What a device has said and nobody has taken yet. As in the firmware: a queue of eight, of which telemetry may take
 * six and nothing while there is no connection; what finds no room, or is larger than its buffer, is gone and counted.
 * What was sent at QoS 1 is kept until it is acknowledged, and said again after a reconnect. protocol.md §1.1 U15, §1.7
 */
import { isTelemetry } from '../routing/contract/topics.js'

export interface Outgoing {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1
  readonly retain: boolean
}

/** Messages that may wait. */
export const QUEUE = 8
/** From here on telemetry finds no room. */
export const SHED_FROM = 6
/** Largest payload, bytes: a place in the queue. What is said of a reading or an error is made in half of that. */
export const LARGEST = 1_024
const SMALLER = 512
const TAILS = ['/data', '/system/error']
/** UTF-8 needs at most so many bytes for one unit of text. */
const WIDEST = 3
/** Sent and not acknowledged; more waits. */
const IN_FLIGHT = 32

export interface OutboxCounts {
  /** Fill of the queue, and how full it ever was. */
  fill: number
  high_water: number
  /** Telemetry that was let go. */
  shed: number
  /** Others that found no room. */
  dropped: number
  /** Larger than the buffer. */
  too_large: number
}

/**
 * The buffers of the firmware. Heartbeat and status are as large as it makes them itself, which is more than the 256
 * bytes its documents speak of. protocol.md §1.7, §12.4 #29
 */
function fits({ topic, payload }: Outgoing): boolean {
  if (payload.length <= SMALLER / WIDEST) return true
  const room = TAILS.some((tail) => topic.endsWith(tail)) ? SMALLER : LARGEST
  return Buffer.byteLength(payload) <= room
}

/** Who counts what goes out; the same message comes again when it is said again. */
export interface Meter {
  sent(message: Outgoing): void
  acknowledged(message: Outgoing): void
}

export class Outbox {
  readonly #meter: Meter | undefined
  readonly #queue: Outgoing[] = []
  readonly #sent = new Map<number, Outgoing>()
  #id = 0
  #high_water = 0
  #shed = 0
  #dropped = 0
  #too_large = 0

  constructor(meter?: Meter) {
    this.#meter = meter
  }

  get counts(): OutboxCounts {
    return {
      fill: this.#queue.length,
      high_water: this.#high_water,
      shed: this.#shed,
      dropped: this.#dropped,
      too_large: this.#too_large,
    }
  }

  /** What waits, and what is not acknowledged yet. */
  get pending(): number {
    return this.#queue.length + this.#sent.size
  }

  /** Takes it, or lets it go; true when it will be said. */
  put(message: Outgoing, connected: boolean): boolean {
    if (!fits(message)) {
      this.#too_large++
      return false
    }
    const fill = this.#queue.length
    if ((!connected || fill >= SHED_FROM) && isTelemetry(message.topic)) {
      this.#shed++
      return false
    }
    if (fill >= QUEUE) {
      this.#dropped++
      return false
    }
    this.#queue.push(message)
    this.#high_water = Math.max(this.#high_water, this.#queue.length)
    return true
  }

  /** The next to be sent, with its packet id; undefined when there is none, or too much is not acknowledged. */
  next(): (Outgoing & { messageId: number }) | undefined {
    const [first] = this.#queue
    if (!first || (first.qos > 0 && this.#sent.size >= IN_FLIGHT)) return undefined
    this.#queue.shift()
    this.#meter?.sent(first)
    if (first.qos === 0) return { ...first, messageId: 0 }
    do this.#id = (this.#id % 65_535) + 1
    while (this.#sent.has(this.#id))
    this.#sent.set(this.#id, first)
    return { ...first, messageId: this.#id }
  }

  acknowledged(messageId: number): void {
    const message = this.#sent.get(messageId)
    if (message) this.#meter?.acknowledged(message)
    this.#sent.delete(messageId)
  }

  /** A new connection: what was not acknowledged goes first. The queue may be longer than it should be. */
  again(): void {
    this.#queue.unshift(...this.#sent.values())
    this.#sent.clear()
  }

  /** A device that starts anew remembers nothing. */
  clear(): void {
    this.#queue.length = 0
    this.#sent.clear()
  }
}
