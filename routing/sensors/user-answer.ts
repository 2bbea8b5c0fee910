/**
 * What a user's module may answer: a finite number, null for a fault of the sensor, or `{ value, quality,
 * reason }`. Runs in the thread of the modules, so that only a small plain object ever leaves it.
 */
import { QUALITIES, qualityOf } from '../contract/quality.js'
import type { Converted } from './sensor-type.js'
import { shown } from './user-description.js'

const REASON = 200

/** The answer as a conversion that is neither rounded nor checked against the range; a sentence when it is none. */
export function readAnswer(returned: unknown): Converted | string {
  if (returned instanceof Promise) return 'returned a promise; the answer must be there at once'
  const whole = typeof returned === 'object' && returned !== null
  const { value, quality, reason } = whole ? (returned as Record<string, unknown>) : { value: returned }
  if (value !== null && !Number.isFinite(value))
    return `returned ${whole ? `{ value: ${shown(value)} }` : shown(value)}; allowed are a finite number, null, or { value, quality } of them`
  const known = quality === undefined ? 'good' : qualityOf(quality)
  if (known === undefined)
    return `returned the quality ${shown(quality)}; allowed are ${QUALITIES.join(', ')}`
  return {
    value: value as number | null,
    quality: known,
    ...(typeof reason === 'string' && reason !== '' && { reason: reason.slice(0, REASON) }),
  }
}
