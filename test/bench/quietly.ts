/**
 * A round waits for a quiet moment, and one that others on the machine disturbed all the same is run again, a few
 * times at most. Whether a round counts is decided by the CPU time others used, never by its figure; how often that
 * happened is printed.
 */
import { watchCores } from './cpu.js'
import { sleep } from './harness.js'
import { number, progress } from './print.js'

/** More than this of one core used by others, and a round was not quiet. */
const QUIET = 0.1
const ATTEMPTS = 3
/** In a whole run. */
const MOST_REPEATS = 8
const LOOK_MS = 400

let repeated = 0
/** What is left of the patience of the whole run. */
let patience = 60_000

/** Waits until others leave the cores alone, or until patience is used up. */
async function silence(): Promise<void> {
  while (patience > 0) {
    const look = watchCores([], [])
    await sleep(LOOK_MS)
    if (!(look().others > QUIET)) return
    patience -= LOOK_MS
  }
}

/** Runs a round until it was quiet, at most three times; the last one counts as it is. A busy machine makes the run longer, not endless. */
export async function quietly<T extends { others: number }>(
  label: string,
  run: () => Promise<T>,
  figure: (round: T) => string,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await silence()
    const round = await run()
    const again = round.others > QUIET && attempt < ATTEMPTS && repeated < MOST_REPEATS
    progress(
      `${label}: ${figure(round)}; others used ${number(round.others * 100)} % of a core${again ? ', again' : ''}`,
    )
    if (!again) return round
    repeated++
  }
}

/** How many rounds were run again until now. */
export const repeatedRounds = (): number => repeated
