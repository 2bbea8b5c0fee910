/**
 * Writes down what mocks are at: at the end of the turn in which something changed, all that changed in one member
 * of the group, so that a status that a mock says is never on disk before what it says. What its patterns remember
 * changes with every reading: that is looked at once a minute, and when kaiser stops.
 */
import type { Store } from '../../storage/store.js'
import type { Clock, Timer } from '../clock.js'
import type { Mock } from '../mock.js'
import type { Worlds } from './worlds.js'

export interface KeepingOptions {
  readonly store: Store
  readonly clock: Clock
  readonly worlds: Pick<Worlds, 'snapshot'>
  readonly mocks: ReadonlyMap<string, { readonly mock: Mock }>
  readonly failed: (error: unknown) => void
}

/** Where the greenhouses are kept: a row of the settings. */
export const WORLDS_KEY = 'mock_worlds'

/** A round takes so many steps of so long, ms; after it every mock was looked at. */
const [STEPS, STEP] = [60, 1_000]

export class Keeping {
  readonly #options: KeepingOptions
  readonly #changed = new Set<string>()
  /** What its patterns remembered when that was written last. */
  readonly #patterns = new Map<string, string>()
  #queued = false
  #turn = 0
  #timer: Timer | undefined

  constructor(options: KeepingOptions) {
    this.#options = options
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(STEP, () => this.#look())
  }

  /** What a mock is at has changed. */
  note(esp_id: string): void {
    this.#changed.add(esp_id)
    if (this.#queued) return
    this.#queued = true
    queueMicrotask(() => {
      this.#queued = false
      this.write().catch(this.#options.failed)
    })
  }

  forget(esp_id: string): void {
    this.#changed.delete(esp_id)
    this.#patterns.delete(esp_id)
  }

  /** Resolves when all that changed is on disk; what cannot be written waits for the next time. */
  async write(): Promise<void> {
    const { store, clock, mocks } = this.#options
    const ids = [...this.#changed]
    if (ids.length === 0) return
    this.#changed.clear()
    try {
      await store.group.run(() => {
        for (const esp_id of ids) {
          const mock = mocks.get(esp_id)?.mock
          if (mock) store.mocks.upsert(esp_id, mock.snapshot(), Math.round(clock.now()))
        }
      })
    } catch (error) {
      for (const esp_id of ids) this.#changed.add(esp_id)
      throw error
    }
  }

  /** Everything, and the greenhouses too. A storage that takes nothing keeps nobody from closing. */
  async close(): Promise<void> {
    this.#timer?.stop()
    for (const esp_id of this.#options.mocks.keys()) this.#changed.add(esp_id)
    this.#keepWorlds()
    await this.write().catch(this.#options.failed)
  }

  /** A part of the mocks, and once a round the greenhouses. */
  #look(): void {
    const { mocks } = this.#options
    const all = [...mocks.keys()]
    const [from, to] = [this.#turn, this.#turn + 1].map((step) => Math.floor((all.length * step) / STEPS))
    for (const esp_id of all.slice(from, to)) {
      const { patterns } = mocks.get(esp_id)!.mock.snapshot()
      const text = JSON.stringify(patterns)
      if (text === (this.#patterns.get(esp_id) ?? '{}')) continue
      this.#patterns.set(esp_id, text)
      this.note(esp_id)
    }
    this.#turn = (this.#turn + 1) % STEPS
    if (this.#turn === 0) this.#keepWorlds()
  }

  #keepWorlds(): void {
    const { store, clock, worlds, failed } = this.#options
    const states = worlds.snapshot()
    if (Object.keys(states).length === 0) return
    const now = Math.round(clock.now())
    store.group.run(() => store.settings.upsert(WORLDS_KEY, states, now)).catch(failed)
  }
}
