/**
 * The acknowledgements of one client keep the order of its messages, although some wait for something else besides
 * the disk. [MQTT-4.6.0-2]
 */
import type { Settle } from '../routing/delivery.js'

export class InOrder {
  #last: Promise<void> | undefined

  /** Is a message before this one still waiting? */
  get waiting(): boolean {
    return this.#last !== undefined
  }

  /** The same answer, but not before `kept` is fulfilled and everything before is answered. */
  after(kept: Promise<void> | undefined, settle: Settle): Settle {
    const before = this.#last
    let answered: () => void = () => {}
    const mine = new Promise<void>((resolve) => {
      answered = resolve
    })
    this.#last = mine
    // From here on, so that what fails before the disk answers is a failure of this message and not of the process.
    const ready = Promise.all([before, kept])
    ready.catch(() => {})
    const answer = (error?: Error): void => {
      if (this.#last === mine) this.#last = undefined
      answered()
      settle(error)
    }
    return (error) => {
      ready.then(
        () => answer(error),
        (failed) => answer(error ?? (failed as Error)),
      )
    }
  }
}
