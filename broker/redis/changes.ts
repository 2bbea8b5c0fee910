/**
 * What is to be done to what Redis has already, when it is back: acknowledged meanwhile, released meanwhile. In
 * memory and bounded; what is forgotten is sent again.
 */
import type { Line } from './line.js'

/** Changes remembered. */
const CHANGES = 50_000

type Change = (line: Line) => Promise<unknown>

/** The latest word about a thing counts. */
export class Changes {
  readonly #changes = new Map<string, Change>()

  get size(): number {
    return this.#changes.size
  }

  note(thing: string, change: Change): void {
    this.#changes.delete(thing)
    if (this.#changes.size < CHANGES) this.#changes.set(thing, change)
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
