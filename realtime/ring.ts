/**
 * The latest events of a kind, in a ring that was made once: keeping one writes it over the oldest and allocates
 * nothing. Bounded in number, and in bytes where events may be large.
 */
import type { Event } from '../routing/contract/events.js'

/** An event as it was told, and when. */
export interface Told {
  readonly event: Event
  readonly stored: boolean
  /** ms since 1970 */
  readonly at: number
  readonly seq: number
}

/** What an event holds is not nested deeper; below, nobody looks. */
const DEEPEST = 6

/** About how many bytes a value holds; text counts two for each character, as it may. */
function weigh(value: unknown, depth = 0): number {
  if (typeof value === 'string') return 2 * value.length
  if (typeof value !== 'object' || value === null || depth === DEEPEST) return 8
  let bytes = 16
  for (const key in value) bytes += 8 + weigh((value as Record<string, unknown>)[key], depth + 1)
  return bytes
}

export class Ring {
  readonly #most: number
  readonly #mostBytes: number
  readonly #events: (Event | undefined)[]
  /** Of those that were asked for before. */
  readonly #texts: (string | undefined)[]
  readonly #seqs: Float64Array
  readonly #times: Float64Array
  readonly #stored: Uint8Array
  readonly #weights: Float64Array
  #first = 0
  #size = 0
  #bytes = 0
  /** The newest event that is forgotten. */
  forgotten = 0

  /** `mostBytes` is left out where every event is small. */
  constructor(most: number, mostBytes = Number.POSITIVE_INFINITY) {
    this.#most = most
    this.#mostBytes = mostBytes
    this.#events = new Array(most)
    this.#texts = new Array(most)
    this.#seqs = new Float64Array(most)
    this.#times = new Float64Array(most)
    this.#stored = new Uint8Array(most)
    this.#weights = new Float64Array(most)
  }

  get size(): number {
    return this.#size
  }

  keep(event: Event, stored: boolean, at: number, seq: number): void {
    if (this.#size === this.#most) this.#forget()
    const slot = (this.#first + this.#size) % this.#most
    this.#events[slot] = event
    this.#texts[slot] = undefined
    this.#stored[slot] = stored ? 1 : 0
    this.#times[slot] = at
    this.#seqs[slot] = seq
    this.#size++
    if (this.#mostBytes === Number.POSITIVE_INFINITY) return
    this.#weights[slot] = weigh(event.data)
    this.#bytes += this.#weights[slot]!
    while (this.#bytes > this.#mostBytes) this.#forget()
  }

  #forget(): void {
    const slot = this.#first
    this.forgotten = this.#seqs[slot]!
    this.#bytes -= this.#weights[slot]!
    this.#events[slot] = undefined
    this.#texts[slot] = undefined
    this.#first = (slot + 1) % this.#most
    this.#size--
  }

  /** Where the events after this one begin, oldest first; `size` when there are none. */
  after(seq: number): number {
    let [low, high] = [0, this.#size]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#seqs[(this.#first + middle) % this.#most]! > seq) high = middle
      else low = middle + 1
    }
    return low
  }

  at(index: number): Told {
    const slot = (this.#first + index) % this.#most
    return {
      event: this.#events[slot]!,
      stored: this.#stored[slot] === 1,
      at: this.#times[slot]!,
      seq: this.#seqs[slot]!,
    }
  }

  /** Its text, which is made once, however many come back at the same time. */
  text(index: number, spell: (told: Told) => string): string {
    const slot = (this.#first + index) % this.#most
    this.#texts[slot] ??= spell(this.at(index))
    return this.#texts[slot]
  }
}
