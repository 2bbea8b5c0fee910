/**
 * One rule for every clock: below 1e11 it is seconds, else milliseconds; a clock that cannot be right (missing,
 * zero, before 2020, over a day ahead, or marked invalid by the device) is replaced by the server's.
 */
import type { TimeSource } from './contract/quality.js'

const YEAR_2020 = Date.UTC(2020, 0, 1)
const DAY = 86_400_000

export interface Measured {
  /** ms since 1970 */
  timestamp: number
  time_source: TimeSource
}

export function measuredAt(
  ts: number | null | undefined,
  time_valid: boolean | null | undefined,
  received_at: number,
): Measured {
  if (ts !== null && ts !== undefined && time_valid !== false && ts > 0) {
    const timestamp = Math.round(ts < 1e11 ? ts * 1000 : ts)
    if (timestamp >= YEAR_2020 && timestamp <= received_at + DAY) return { timestamp, time_source: 'device' }
  }
  return { timestamp: received_at, time_source: 'server' }
}

/** Old readings are stored and shown but trigger no rule: at most 120 s old and 30 s ahead. */
export const isFresh = (timestamp: number, received_at: number): boolean =>
  received_at - timestamp <= 120_000 && timestamp - received_at <= 30_000
