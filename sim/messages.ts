/** The last messages of a mock, said and heard, for whoever looks: bounded, and nothing but references. */

export interface MockMessage {
  readonly topic: string
  readonly payload: string
  /** ms since 1970 */
  readonly timestamp: number
  readonly qos: number
  /** It said it; else it heard it. */
  readonly sent: boolean
}

/** As many as anybody may ask for. */
export const MOST_MESSAGES = 100

export class Messages {
  /** How many are kept now; many mocks share one memory. */
  readonly #room: () => number
  #kept: MockMessage[] = []

  constructor(room: () => number = () => MOST_MESSAGES) {
    this.#room = room
  }

  add(message: MockMessage): void {
    this.#kept.push(message)
    const room = this.#room()
    // Cut now and then only, and then by a quarter.
    if (this.#kept.length > room + (room >> 2)) this.#kept = this.#kept.slice(-room)
  }

  /** Oldest first. */
  list(): readonly MockMessage[] {
    return this.#kept.slice(-this.#room())
  }

  clear(): void {
    this.#kept = []
  }
}
