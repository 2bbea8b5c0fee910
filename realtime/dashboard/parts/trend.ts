/**
 * Whether a value rises, falls or stands still, from the points of the last hour. Nothing is said from too few points,
 * too short a time or old ones, and noise is no trend. Pure.
 */

/** When, ms, and what; null where nothing was measured. */
export type Point = readonly [at: number, value: number | null]

export interface Trend {
  readonly kind: 'rising' | 'falling' | 'steady'
  /** In the unit of the value. */
  readonly per_hour: number
}

const HOUR = 3_600_000
const FEWEST = 6
const SHORTEST = HOUR / 4
const OLDEST = HOUR / 4

/** Less than this in an hour is nobody's concern; other units: a hundredth of the value. */
const STEADY: Readonly<Record<string, number>> = {
  '°C': 0.2,
  '%': 1,
  '% RH': 1,
  '%RH': 1,
  hPa: 0.5,
  kPa: 0.05,
  pH: 0.05,
  ppm: 25,
}

/** The least change that counts, in the unit. */
export function leastOf(unit: string | null, points: readonly Point[]): number {
  const known = STEADY[unit ?? '']
  if (known !== undefined) return known
  const sizes = points.flatMap(([, value]) => (value === null ? [] : [Math.abs(value)]))
  return sizes.length > 0 ? sizes.reduce((sum, size) => sum + size / sizes.length, 0) / 100 : 0
}

/** undefined: nobody can say. */
export function trendOf(points: readonly Point[], now: number, unit: string | null): Trend | undefined {
  const known = points.filter((point): point is [number, number] => point[1] !== null)
  const first = known[0]
  const last = known.at(-1)
  if (!first || !last || known.length < FEWEST) return undefined
  if (last[0] - first[0] < SHORTEST || now - last[0] > OLDEST) return undefined
  const line = regression(known.map(([at, value]) => [(at - last[0]) / HOUR, value]))
  if (!Number.isFinite(line.slope) || !Number.isFinite(line.error)) return undefined
  const least = leastOf(unit, points)
  const isClear = Math.abs(line.slope) > 2 * line.error
  if (Math.abs(line.slope) < least || !isClear) return { kind: 'steady', per_hour: line.slope }
  return { kind: line.slope > 0 ? 'rising' : 'falling', per_hour: line.slope }
}

/** The straight line through the points that errs least, and how far its slope may be off. */
function regression(points: readonly (readonly [x: number, y: number])[]) {
  const n = points.length
  const meanOf = (which: 0 | 1) => points.reduce((sum, point) => sum + point[which] / n, 0)
  const [x, y] = [meanOf(0), meanOf(1)]
  let xx = 0
  let xy = 0
  for (const point of points) {
    xx += (point[0] - x) ** 2
    xy += (point[0] - x) * (point[1] - y)
  }
  const slope = xy / xx
  const rest = points.reduce((sum, point) => sum + (point[1] - y - slope * (point[0] - x)) ** 2, 0)
  return { slope, error: Math.sqrt(rest / (n - 2) / xx) }
}
