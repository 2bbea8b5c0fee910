/**
 * What a chart draws of one sensor: times and values, `null` where the line is broken, and the times of which
 * the readings cannot be trusted. Made point by point, in the order of time.
 */
import { QUALITIES, type Quality } from '../routing/contract/quality.js'

/** A time within which the worst quality was not good; ms since 1970, both included. */
export interface Flaw {
  readonly from: number
  to: number
  readonly quality: Quality
}

/** The last quality that is nothing to speak of, as a position in QUALITIES. */
export const GOOD = 1

export interface Line {
  /** ms since 1970, ascending. */
  readonly timestamps: number[]
  /** As many; null breaks the line. */
  readonly values: (number | null)[]
  readonly flaws: Flaw[]
}

export interface Pen {
  readonly line: Line
  point(timestamp: number, value: number | null): void
  /** The readings of from…to (ms, both included) are no better than this; `beside` joins them to those before. */
  quality(position: number, from: number, to: number, beside: boolean): void
}

export function createPen(): Pen {
  const line: Line = { timestamps: [], values: [], flaws: [] }
  return {
    line,
    point(timestamp, value) {
      line.timestamps.push(timestamp)
      line.values.push(value)
    },
    quality(position, from, to, beside) {
      if (position <= GOOD) return
      const quality = QUALITIES[position]!
      const last = line.flaws.at(-1)
      if (beside && last?.quality === quality) last.to = to
      else line.flaws.push({ from, to, quality })
    },
  }
}

/** The middle one of some numbers, null when there is none. */
export function median(numbers: readonly number[]): number | null {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[sorted.length >> 1] ?? null
}
