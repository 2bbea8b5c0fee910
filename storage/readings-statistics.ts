/**
 * What many values amount to: least, greatest, mean and spread, over a period or per interval of it. The
 * spread is Welford's, which does not lose digits where values are large and differ little.
 * B. P. Welford, Technometrics 4 (1962) 419
 */
import { QUALITIES, type Quality } from '../routing/contract/quality.js'
import type { Value } from './readings-row.js'
import type { Range, Walk } from './readings-walk.js'

export interface Statistics {
  /** null when there is no value. */
  readonly min_value: number | null
  readonly max_value: number | null
  readonly avg_value: number | null
  /** Of the values themselves (divided by n), null when there is none. */
  readonly std_dev: number | null
  /** Readings, with or without a value. */
  readonly reading_count: number
  readonly quality_distribution: Readonly<Partial<Record<Quality, number>>>
}

/** An interval with at least one value. */
export interface Bucket {
  /** Its begin, ms since 1970, a multiple of the interval. */
  readonly timestamp: number
  readonly min_value: number
  readonly max_value: number
  readonly avg_value: number
  readonly count: number
}

/** Takes one value after the other. */
export function createSummary() {
  let count = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let mean = 0
  let squares = 0
  return {
    get count() {
      return count
    },
    get min() {
      return min
    },
    get max() {
      return max
    },
    get mean() {
      return mean
    },
    /** Standard deviation of what was taken. */
    get deviation() {
      return Math.sqrt(squares / count)
    },
    take(value: number): void {
      count++
      if (value < min) min = value
      if (value > max) max = value
      const off = value - mean
      mean += off / count
      squares += off * (value - mean)
    },
  }
}

export async function statistics(walk: Walk<Value>, range: Range): Promise<Statistics> {
  const summary = createSummary()
  const qualities = new Map<Quality, number>()
  let reading_count = 0
  for await (const { found } of walk.bySensor(range)) {
    reading_count += found.length
    for (const { value, quality } of found) {
      qualities.set(quality, (qualities.get(quality) ?? 0) + 1)
      if (value !== null) summary.take(value)
    }
  }
  const isEmpty = summary.count === 0
  return {
    min_value: isEmpty ? null : summary.min,
    max_value: isEmpty ? null : summary.max,
    avg_value: isEmpty ? null : summary.mean,
    std_dev: isEmpty ? null : summary.deviation,
    reading_count,
    quality_distribution: Object.fromEntries(
      QUALITIES.filter((quality) => qualities.has(quality)).map((quality) => [
        quality,
        qualities.get(quality)!,
      ]),
    ),
  }
}

/** The values per interval of `ms`, in order of time; intervals without a value are left out. */
export async function buckets(walk: Walk<Value>, range: Range, ms: number): Promise<Bucket[]> {
  const summaries = new Map<number, ReturnType<typeof createSummary>>()
  for await (const { found } of walk.bySensor(range))
    for (const { timestamp, value } of found) {
      if (value === null) continue
      const begin = Math.floor(timestamp / ms) * ms
      let summary = summaries.get(begin)
      if (!summary) {
        summary = createSummary()
        summaries.set(begin, summary)
      }
      summary.take(value)
    }
  return [...summaries]
    .sort(([a], [b]) => a - b)
    .map(([timestamp, { min, max, mean, count }]) => ({
      timestamp,
      min_value: min,
      max_value: max,
      avg_value: mean,
      count,
    }))
}
