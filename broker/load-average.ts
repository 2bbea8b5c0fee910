/**
 * Load averages as Mosquitto has them: how many per minute of something that is only ever counted, over one, five
 * and fifteen minutes, old times weighing exponentially less.
 */
const MINUTE = 60_000

/** Minutes, by the names they are published under. */
export const SPANS = { '1min': 1, '5min': 5, '15min': 15 } as const
export type Span = keyof typeof SPANS

export class LoadAverage {
  #counted = 0
  readonly #average: Record<Span, number> = { '1min': 0, '5min': 0, '15min': 0 }

  /** `elapsed`: ms since the call before. */
  add(count: number, elapsed: number): void {
    if (elapsed <= 0) return
    const perMinute = ((count - this.#counted) * MINUTE) / elapsed
    this.#counted = count
    for (const span of Object.keys(SPANS) as Span[]) {
      const kept = Math.exp(-elapsed / (SPANS[span] * MINUTE))
      this.#average[span] = perMinute + kept * (this.#average[span] - perMinute)
    }
  }

  over(span: Span): number {
    return this.#average[span]
  }
}
