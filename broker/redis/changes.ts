/**
 * What is to be done to what Redis has already, when it is back: acknowledged meanwhile, released meanwhile. In
 * memory and bounded; what does not fit is refused, so that nobody believes it was done.
 */
import { Violation } from '../violation.js'
import type { Line } from './line.js'

/** Changes remembered. */
const CHANGES = 50_000

type Change = (line: Line) => Promise<unknown>

/** Notes that Redis is to forget something of a session; not when it has nothing of it. */
export type ForgetLater = (clientId: string, thing: string, change: Change) => void

/** The latest word about a thing counts. */
export class Changes {
  readonly #changes = new Map<string, Change>()
  readonly #most: number

  constructor(most = CHANGES) {
    this.#most = most
  }

  get size(): number {
    return this.#changes.size
  }

  /** Throws a Violation when there is no room: whoever asked for it is not to be told that it is done. */
  note(thing: string, change: Change): void {
    const known = this.#changes.delete(thing)
    if (!known && this.#changes.size >= this.#most)
      throw new Violation('redis_backlog_full', `${this.#most} changes wait for Redis`)
    this.#changes.set(thing, change)
  }

  /** For what may never have been in Redis: forgotten when there is little room. */
  perhaps(thing: string, change: Change): void {
    if (this.#changes.size < this.#most / 2) this.note(thing, change)
  }

  /** Does them in order; those that were not done are kept when it rejects. */
  async carryOut(line: Line): Promise<void> {
    for (const [thing, change] of this.#changes) {
      await change(line)
      // Another word about it may have come meanwhile.
      if (this.#changes.get(thing) === change) this.#changes.delete(thing)
    }
  }
}
