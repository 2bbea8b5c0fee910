/**
 * How far the axis of a unit goes. A value that no greenhouse has (1e300, from a broken sensor) does not press all
 * others into one line: it lies beyond the axis, and is counted. Pure.
 */
import type { Line } from './lines.js'

export interface Axis {
  /** As `axisKey` has it. */
  readonly key: string
  readonly min: number
  readonly max: number
  /** Values that lie beyond it. */
  readonly beyond: number
}

/** So many times what the others span is absurd. */
const ABSURD = 1e4
/** Half of what a number can hold and more has no middle. */
const LIMIT = 1e307
/** Fewer do not say what is usual. */
const FEW = 4

const clamped = (value: number): number => Math.min(LIMIT, Math.max(-LIMIT, value))

/** The unit; numbers without one have an axis for each type: a pH and an index of air have nothing in common. */
export const axisKey = ({ unit, sensor_type }: Pick<Line, 'unit' | 'sensor_type'>): string =>
  unit || `:${sensor_type}`

/** The axis that these lines share. */
export function axisOf(key: string, lines: readonly Line[], from: number, to: number): Axis {
  const values = sortedValues(lines, from, to)
  const count = values.length
  if (count === 0) return { key, min: 0, max: 1, beyond: 0 }
  let [first, last] = [0, count - 1]
  if (count >= FEW) {
    const [low, high] = [values[Math.ceil(last * 0.01)]!, values[Math.floor(last * 0.99)]!]
    const far = ABSURD * Math.max(high - low, Math.abs(low), Math.abs(high), 1)
    while (values[last]! - high > far) last--
    while (low - values[first]! > far) first++
  }
  const [least, most] = [values[first]!, values[last]!]
  const margin = (most - least) * 0.06 || Math.abs(most) * 0.05 || 1
  return { key, min: least - margin, max: most + margin, beyond: first + (count - 1 - last) }
}

function sortedValues(lines: readonly Line[], from: number, to: number): Float64Array {
  const found: number[] = []
  for (const { times, low, high } of lines)
    for (const [n, at] of times.entries()) {
      const [least, most] = [low[n] ?? null, high[n] ?? null]
      if (at < from || at > to || least === null || most === null) continue
      found.push(clamped(least))
      if (most !== least) found.push(clamped(most))
    }
  return Float64Array.from(found).sort()
}

/** A value as it can be drawn: what is beyond the axis leaves the picture, and no number of it overflows. */
export const drawable = ({ min, max }: Axis, value: number): number =>
  Math.min(max + (max - min), Math.max(min - (max - min), value))
