/** How long who failed waits before the next attempt: twice as long each time, with jitter, so that many do not come at once. */
import type { Random } from './random.js'

const FIRST = 1_000
/** ms */
export const LONGEST_WAIT = 30_000

/** ms; after no failure before it 1 to 2 s, in the end 15 to 30 s. */
export const waitAfter = (failures: number, random: Random): number =>
  Math.min(LONGEST_WAIT, 2 * FIRST * 2 ** failures) * (0.5 + random() / 2)
