/**
 * Long walks in portions, so that the event loop stays free: all of them together take one portion of steps per turn
 * of the loop, however many there are. They go on one after the other, in the order in which they had to pause.
 */
import { setImmediate } from 'node:timers/promises'

/** Steps per turn of the loop: far less than a millisecond. */
const PORTION = 500

export class Turns {
  #steps = 0
  #last: Promise<unknown> = Promise.resolve()

  /** One step is done; returns what to wait for before the next one, when there is something. */
  step(): Promise<void> | undefined {
    return ++this.#steps < PORTION ? undefined : this.#pause()
  }

  async #pause(): Promise<void> {
    this.#last = this.#last.then(() => setImmediate())
    await this.#last
    this.#steps = 0
  }
}
