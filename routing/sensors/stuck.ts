/**
 * Plausibility over time: a number that does not move at all for as long as its type never stands still is
 * `suspect`; the sensor is frozen, or its driver repeats the last answer. Pure: the caller keeps one `Standing`
 * per sensor and hands it in with each reading.
 */
import type { SensorTypeDescription } from './sensor-type.js'

/** How long a sensor's number (as it came: native or engineering) has been the same. */
export interface Standing {
  readonly raw: number
  /** ms since 1970, of the first and of the last reading that said so */
  readonly since: number
  readonly last: number
  readonly count: number
}

/** A few equal readings are chance, however far apart they lie. */
export const LEAST_READINGS = 10

/** Silence longer than this share of `stuck_ms` proves nothing: the number may have moved meanwhile. */
const SILENCE = 1 / 4

/** The standing after one more reading; one that is older than the last changes nothing. */
export function stand(
  { stuck_ms }: Pick<SensorTypeDescription, 'stuck_ms'>,
  standing: Standing | undefined,
  raw: number,
  at: number,
): Standing {
  if (standing && at < standing.last) return standing
  const silent = standing && stuck_ms !== null && at - standing.last > stuck_ms * SILENCE
  if (!standing || silent || standing.raw !== raw) return { raw, since: at, last: at, count: 1 }
  return { raw, since: standing.since, last: at, count: standing.count + 1 }
}

/** Whether a reading of this standing is to be marked `suspect`. */
export const isStuck = (
  { stuck_ms }: Pick<SensorTypeDescription, 'stuck_ms'>,
  { since, last, count }: Standing,
): boolean => stuck_ms !== null && count >= LEAST_READINGS && last - since >= stuck_ms
