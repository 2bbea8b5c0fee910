/** The time that a chart shows: the last so many hours, moving along, or from a moment to another. Pure. */

const HOUR = 3_600_000
export const DAY = 24 * HOUR

export const SPANS = {
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
  '1y': 365 * DAY,
} as const
export type Span = keyof typeof SPANS

/** ms since 1970. */
export interface Window {
  readonly from: number
  readonly to: number
}
export type Range = { readonly span: Span } | Window

export const isSpan = (word: unknown): word is Span => typeof word === 'string' && Object.hasOwn(SPANS, word)

/** Whether it ends now, whenever that is. */
export const isLive = (range: Range): range is { readonly span: Span } => 'span' in range

/** From when to when it is. */
export const windowOf = (range: Range, now: number): Window =>
  isLive(range) ? { from: now - SPANS[range.span], to: now } : range

/** Shorter than this there is nothing to see, longer nothing to keep. */
const SHORTEST = 1_000
const LONGEST = 50 * 366 * DAY
/** What every browser and the server take for a date. */
const LAST = Date.UTC(9000, 0)

/** Larger (above 1) or smaller around the share `at` of its width, within what makes sense. */
export function scaled({ from, to }: Window, factor: number, at = 0.5): Window {
  const width = Math.min(LONGEST, Math.max(SHORTEST, (to - from) * factor))
  const fixed = from + (to - from) * at
  return bounded(fixed - width * at, fixed + width * (1 - at))
}

/** Moved by a share of its width. */
export const moved = ({ from, to }: Window, share: number): Window => {
  const way = (to - from) * share
  return bounded(from + way, to + way)
}

function bounded(from: number, to: number): Window {
  const width = to - from
  const start = Math.min(LAST - width, Math.max(0, from))
  return { from: Math.round(start), to: Math.round(start + width) }
}
