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
/** All mocks of a process together keep about so many, and each at least so many. */
const ALL_MESSAGES = 20_000
const FEWEST_MESSAGES = 10

/** How many share the memory now. */
let sharers = 0
const share = (): number =>
  Math.max(FEWEST_MESSAGES, Math.min(MOST_MESSAGES, Math.floor(ALL_MESSAGES / sharers)))

export class Messages {
  /** How many are kept now. */
  readonly #room: () => number
  #kept: MockMessage[] = []
  #open = false

  constructor(room: () => number = share) {
    this.#room = room
  }

  /** From here on it has its share. */
  open(): void {
    if (!this.#open) sharers++
    this.#open = true
  }

  close(): void {
    if (this.#open) sharers--
    this.#open = false
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
