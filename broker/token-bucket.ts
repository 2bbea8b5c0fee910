/**
 * A token bucket: so many tokens a second, so many saved up at most. Taking is always granted; who takes more than
 * there is has to wait until the debt is paid, so that what is too fast becomes slow and nothing is refused.
 */
export class TokenBucket {
  readonly #rate: number
  readonly #burst: number
  readonly #monotonic: () => number
  #tokens: number
  #at: number

  /** `rate`: tokens per second, 0 for no limit. `monotonic`: ms. */
  constructor(rate: number, burst: number, monotonic: () => number) {
    this.#rate = rate
    this.#burst = burst
    this.#monotonic = monotonic
    this.#tokens = burst
    this.#at = rate === 0 ? 0 : monotonic()
  }

  /** Takes n tokens. Answers how long to wait before taking more, ms; 0 for not at all. */
  take(n: number): number {
    if (this.#rate === 0) return 0
    // The clock is only looked at when what was saved up is gone.
    if (this.#tokens < n) {
      const now = this.#monotonic()
      this.#tokens = Math.min(this.#burst, this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1_000)
      this.#at = now
    }
    this.#tokens -= n
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1_000) / this.#rate)
  }
}
