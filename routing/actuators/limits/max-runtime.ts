/** How long it may be on at a time, counted from when it was seen on, whoever switched it. */

import { commandSaid } from '../../contract/sentences/commands.js'
import { runningFor } from '../runs.js'
import type { Surroundings } from '../surroundings.js'
import { blockedBy, limit } from './limit.js'

/** ms it may still be on in the run that is going on, or that begins now; Infinity without a limit. */
export function runtimeLeft({ max_runtime, on, left, runs, at }: Surroundings): number {
  if (max_runtime === 0) return Number.POSITIVE_INFINITY
  const rest = max_runtime * 1000 - (runningFor(runs, at.monotonic) ?? 0)
  return Math.max(Math.min(rest, (on ? left.max_runtime : undefined) ?? rest), 0)
}

export const maxRuntime = limit({
  name: 'max_runtime',
  blocks: (_order, surroundings) =>
    runtimeLeft(surroundings) < 1000
      ? blockedBy(commandSaid('max_runtime', { max_runtime: surroundings.max_runtime }), null)
      : undefined,
  broken: (surroundings) =>
    runtimeLeft(surroundings) === 0
      ? { detail: `it has been on for the ${surroundings.max_runtime} s it may be on at a time` }
      : undefined,
})
