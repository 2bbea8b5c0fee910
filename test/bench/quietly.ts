/**
 * A round waits for a quiet moment, and one that others on the machine disturbed all the same is run again, a few
 * times at most. Whether a round counts is decided by the CPU time others used and by how long the disk took for a
 * stranger, never by its figure; how often that happened is printed.
 */
import { watchCores } from './cpu.js'
import { sleep } from './harness.js'
import type { Surroundings } from './load-job.js'
import { number, progress } from './print.js'

/** More than this of one core used by others, and a round was not quiet. */
const QUIET = 0.1
/** More than this for a sync, ms, and somebody else was busy on the disk. */
const QUIET_DISK_MS = 3
const ATTEMPTS = 3
/** In a whole run. */
const MOST_REPEATS = 8
const LOOK_MS = 400

let repeated = 0
let disturbed = 0
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
export async function quietly<T extends { around: Surroundings }>(
  label: string,
  run: () => Promise<T>,
  figure: (round: T) => string,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await silence()
    const round = await run()
    const { others, disk } = round.around
    const noisy = others > QUIET || disk > QUIET_DISK_MS
    const again = noisy && attempt < ATTEMPTS && repeated < MOST_REPEATS
    progress(
      `${label}: ${figure(round)}; others used ${number(others * 100)} % of a core, syncs took ${number(disk)} ms${again ? ', again' : ''}`,
    )
    if (again) {
      repeated++
      continue
    }
    if (noisy) disturbed++
    return round
  }
}

/** What the reader has to know about the quiet of this run, or undefined when all of it was quiet. */
export function unrest(): string | undefined {
  const again =
    repeated > 0 ? `${repeated} rounds were run again because others used the cores or the disk` : undefined
  const counted =
    disturbed > 0 ? `${disturbed} rounds count although others used them: not figures to quote` : undefined
  return [again, counted].filter(Boolean).join('; ') || undefined
}
