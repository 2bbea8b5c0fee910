/**
 * Latency quantiles at the price of one array increment per sample: logarithmic buckets, eight to the octave
 * (so a quantile is right within 9 %), over the last one to two minutes.
 */
export interface Quantiles {
  count: number
  p50_ms: number
  p99_ms: number
  max_ms: number
}

const PER_OCTAVE = 8
const BUCKETS = 32 * PER_OCTAVE
const WINDOW_MS = 60_000

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000

export class Histogram {
  #current = new Uint32Array(BUCKETS)
  #previous = new Uint32Array(BUCKETS)
  #max = 0
  #previousMax = 0
  #turned: number
  readonly #monotonic: () => number

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#turned = monotonic()
  }

  record(ms: number): void {
    const microseconds = ms * 1000
    const bucket =
      microseconds < 1 ? 0 : Math.min(BUCKETS - 1, Math.floor(Math.log2(microseconds) * PER_OCTAVE) + 1)
    this.#current[bucket]!++
    if (ms > this.#max) this.#max = ms
  }

  quantiles(): Quantiles {
    this.#turn()
    const counts = this.#current.map((count, index) => count + this.#previous[index]!)
    const count = counts.reduce((sum, n) => sum + n, 0)
    const at = (share: number): number => {
      let left = Math.ceil(count * share)
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        left -= counts[bucket]!
        if (left <= 0) return bucket === 0 ? 0.001 : 2 ** (bucket / PER_OCTAVE) / 1000
      }
      return 0
    }
    const max = Math.max(this.#max, this.#previousMax)
    return {
      count,
      p50_ms: count === 0 ? 0 : rounded(Math.min(at(0.5), max)),
      p99_ms: count === 0 ? 0 : rounded(Math.min(at(0.99), max)),
      max_ms: rounded(max),
    }
  }

  #turn(): void {
    const now = this.#monotonic()
    if (now - this.#turned < WINDOW_MS) return
    const stale = now - this.#turned >= 2 * WINDOW_MS
    this.#previous = stale ? new Uint32Array(BUCKETS) : this.#current
    this.#previousMax = stale ? 0 : this.#max
    this.#current = new Uint32Array(BUCKETS)
    this.#max = 0
    this.#turned = now
  }

  /** Turns the window; called from a timer so that an unread histogram forgets too. */
  tick(): void {
    this.#turn()
  }
}
