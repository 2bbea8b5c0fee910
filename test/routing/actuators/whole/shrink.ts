/** Makes a sequence that fails shorter for as long as it still fails: whole stretches first, then single steps. */
import type { Sequence, Step } from './steps.js'

/** Tries in all, so that it ends. */
const TRIES = 300

export async function shortest(
  sequence: Sequence,
  fails: (sequence: Sequence) => Promise<string | undefined>,
): Promise<{ sequence: Sequence; broken: string | undefined }> {
  let steps: readonly Step[] = sequence.steps
  let broken: string | undefined
  let tries = 0
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = steps.length - size; from > -size && tries < TRIES; from -= size, tries++) {
      const start = Math.max(from, 0)
      const shorter = [...steps.slice(0, start), ...steps.slice(from + size)]
      const found = await fails({ ...sequence, steps: shorter })
      if (found === undefined) continue
      steps = shorter
      broken = found
    }
  return { sequence: { ...sequence, steps }, broken }
}
