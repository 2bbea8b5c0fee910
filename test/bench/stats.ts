/**
 * The few statistics the benches speak in: quantiles of a sample, the median of rounds, and their spread.
 * Nothing is smoothed or trimmed; what was measured is what is summed up.
 */

/** The p-th quantile (0 to 1, nearest rank) of values that are sorted already; NaN of none. */
export const quantile = (sorted: ArrayLike<number>, p: number): number =>
  sorted.length === 0
    ? Number.NaN
    : sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))]!

/** What a sample of durations looks like, in the unit it came in. */
export interface Quantiles {
  count: number
  p50: number
  p99: number
  max: number
}

/** Sums up a sample; it is copied, not reordered. */
export function quantiles(values: Iterable<number>): Quantiles {
  const sorted = Float64Array.from(values).sort()
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: sorted.length === 0 ? Number.NaN : sorted[sorted.length - 1]!,
  }
}

/** The middle of several rounds, and how far they lie apart: the noise. */
export interface Rounds {
  median: number
  min: number
  max: number
}

/** Median with min and max. Of an even number of rounds the lower middle is taken: one that really happened. */
export function rounds(values: readonly number[]): Rounds {
  const sorted = Float64Array.from(values).sort()
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) }
}
