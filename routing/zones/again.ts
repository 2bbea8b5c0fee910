/**
 * How often a device is told something it has not answered: when it is back, when it has not been told yet, and
 * otherwise once a minute, a few times. Firmware that never answers is not told for ever.
 */

/** A device that does not answer is told again no sooner than this, ms. protocol.md §3.5 */
export const AGAIN = 60_000
/** And this often, until it has been away. */
export const ATTEMPTS = 5

interface Told {
  /** When it was told last, ms since 1970; null: not yet. */
  readonly sent_at: number | null
  readonly attempts: number
}

/** Is it time to tell it? `back`: it was away. */
export const isDue = ({ sent_at, attempts }: Told, now: number, back: boolean): boolean =>
  back || sent_at === null || (Math.abs(now - sent_at) >= AGAIN && attempts < ATTEMPTS)

/** The same, told once more. */
export const toldAgain = <T extends Told>(told: T, now: number, back: boolean): T => ({
  ...told,
  sent_at: now,
  attempts: back ? 1 : told.attempts + 1,
})
