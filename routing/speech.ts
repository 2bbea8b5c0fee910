/**
 * How parts of the house that are no message write and speak: rows go through the group, effects are performed
 * after the commit, and while storage fails they are performed all the same, marked as not stored.
 */
import { StorageUnavailable } from '../storage/errors.js'
import { type Group, Member } from '../storage/group.js'
import type { Effect } from './effect.js'

export type Perform = (effect: Effect, stored: boolean) => void

class Speech extends Member {
  readonly #perform: Perform
  readonly #failed: (error: unknown) => void
  readonly #settled: (stored: boolean) => void
  effects: readonly Effect[] = []

  constructor(perform: Perform, failed: (error: unknown) => void, settled: (stored: boolean) => void) {
    super()
    this.#perform = perform
    this.#failed = failed
    this.#settled = settled
  }
  /** Performs the effects that do not wait for the commit. */
  answer(): void {
    for (const effect of this.effects) if (effect.at_once) this.#perform(effect, true)
  }
  committed(stored: boolean): void {
    for (const effect of this.effects) if (!effect.at_once) this.#perform(effect, stored)
  }
  durable(): void {
    this.#settled(true)
  }
  held(): void {
    this.#settled(false)
  }
  expired(): void {
    this.#settled(false)
  }
  failed(error: unknown): void {
    this.effects = []
    this.#failed(error)
  }
}

/** Nobody waits for it. */
const nobody = (): void => {}

/** Runs `work` in the group and performs what it returns after the commit. Never throws. */
export type Speak = (work: () => readonly Effect[]) => void

export const createSpeak =
  (group: Group, perform: Perform, failed: (error: unknown) => void): Speak =>
  (work) => {
    const speech = new Speech(perform, failed, nobody)
    group.join(speech, () => {
      speech.effects = work()
    })
    speech.answer()
  }

/**
 * The same for somebody who waits: resolves with what `work` returns, and whether it is on disk; while storage
 * fails, or takes long, it is not yet, and is done all the same. Rejects with what `work` throws, and with
 * StorageUnavailable when it could not even begin for want of storage.
 */
export type Act = <T extends { readonly effects: readonly Effect[] }>(
  work: () => T,
) => Promise<{ readonly result: T; readonly stored: boolean }>

export const createAct =
  (group: Group, perform: Perform): Act =>
  (work) =>
    new Promise((resolve, reject) => {
      let result: ReturnType<typeof work> | undefined
      const speech = new Speech(perform, reject, (stored) =>
        result ? resolve({ result, stored }) : reject(new StorageUnavailable('storage cannot be read now')),
      )
      group.join(speech, () => {
        result = work()
        speech.effects = result.effects
      })
      speech.answer()
    })
