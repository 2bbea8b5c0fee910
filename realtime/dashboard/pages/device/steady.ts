/** Whether a value stands still enough to be a point of a calibration. Pure. */

const LEAST = 3
const LATEST = 5
/** Of the value itself. */
const SHARE = 0.01

/** Of the latest five; undefined as long as there are fewer than three. */
export function isSteady(values: readonly number[]): boolean | undefined {
  const last = values.slice(-LATEST)
  if (last.length < LEAST) return undefined
  const [low, high] = [Math.min(...last), Math.max(...last)]
  return high - low <= Math.max(Math.abs(high), Math.abs(low)) * SHARE
}
