/**
 * How many per second, over about the last minute, of something that is only ever counted: two numbers, moved on
 * once a minute.
 */
const MINUTE = 60_000

export class Rate {
  #counted = 0
  /** In the minute before the one that runs. */
  #before = 0
  #whole = false
  #since: number

  /** ms, monotonic */
  constructor(now: number) {
    this.#since = now
  }

  /** A minute is over. */
  turn(count: number, now: number): void {
    this.#before = count - this.#counted
    this.#counted = count
    this.#whole = true
    this.#since = now
  }

  /** Per second; of a shorter time when there was not a minute yet. */
  perSecond(count: number, now: number): number {
    const elapsed = Math.max(0, now - this.#since)
    const current = count - this.#counted
    if (!this.#whole) return elapsed === 0 ? 0 : (current * 1_000) / Math.max(elapsed, 1_000)
    const share = Math.max(0, 1 - elapsed / MINUTE)
    return (this.#before * share + current) / 60
  }
}
