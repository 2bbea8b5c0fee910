/**
 * How parts of the house that are no message write and speak: rows go through the group, effects are performed
 * after the commit, and while storage fails they are performed all the same, marked as not stored.
 */
import { type Group, Member } from '../storage/group.js'
import type { Effect } from './handler.js'

export type Perform = (effect: Effect, stored: boolean) => void

class Speech extends Member {
  readonly #perform: Perform
  readonly #failed: (error: unknown) => void
  effects: readonly Effect[] = []

  constructor(perform: Perform, failed: (error: unknown) => void) {
    super()
    this.#perform = perform
    this.#failed = failed
  }
  committed(stored: boolean): void {
    for (const effect of this.effects) this.#perform(effect, stored)
  }
  durable(): void {}
  held(): void {}
  expired(): void {}
  failed(error: unknown): void {
    this.effects = []
    this.#failed(error)
  }
}

/** Runs `work` in the group and performs what it returns after the commit. Never throws. */
export type Speak = (work: () => readonly Effect[]) => void

export const createSpeak =
  (group: Group, perform: Perform, failed: (error: unknown) => void): Speak =>
  (work) => {
    const speech = new Speech(perform, failed)
    group.join(speech, () => {
      speech.effects = work()
    })
  }
