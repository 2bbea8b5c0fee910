/** Is anybody there? Asked twice in each Keep Alive when either side was silent; no answer is an answer. [MQTT-3.1.2-23] */
import type { Clock, Timer } from './clock.js'

export interface KeepAliveOptions {
  /** s; 0 = never */
  readonly keep_alive: number
  readonly clock: Clock
  ping(): void
  /** Nobody answered. */
  lost(): void
}

export class KeepAlive {
  readonly #options: KeepAliveOptions
  #timer: Timer | undefined
  #heard = false
  #spoke = false
  #asked = false

  constructor(options: KeepAliveOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, keep_alive } = this.#options
    this.stop()
    if (keep_alive > 0) this.#timer = clock.every(keep_alive * 500, () => this.#look())
  }

  stop(): void {
    this.#timer?.stop()
    this.#timer = undefined
    this.#asked = false
  }

  heard(): void {
    this.#heard = true
    this.#asked = false
  }

  spoke(): void {
    this.#spoke = true
  }

  #look(): void {
    if (this.#asked) return this.#options.lost()
    const isQuiet = !this.#heard || !this.#spoke
    this.#heard = this.#spoke = false
    if (!isQuiet) return
    // The answer may be there before the call is over.
    this.#asked = true
    this.#options.ping()
  }
}
