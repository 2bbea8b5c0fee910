/**
 * Actuators that may never be on together. Whoever is on first stays; of two that are on, the younger goes off, and
 * the other one too when the younger cannot be reached, or does not obey.
 */
import { keyOf, spelled } from '../place.js'
import { runningFor } from '../runs.js'
import type { Neighbour, Surroundings } from '../surroundings.js'
import { limit } from './limit.js'

/** Of two that are on, this one has to go. */
function yields(surroundings: Surroundings, other: Neighbour): boolean {
  const running = runningFor(surroundings.runs, surroundings.at.monotonic) ?? 0
  if (running < other.running) return true
  if (running === other.running && keyOf(surroundings) > keyOf(other)) return true
  return other.stuck || (!other.reachable && other.doubtful)
}

export const neverWith = limit({
  name: 'never_with',
  blocks(_order, { at, neighbours }) {
    const other = neighbours.find(({ kind, on, coming }) => kind === 'never_with' && (on || coming === 'on'))
    if (!other) return undefined
    return {
      detail: `it may never be on together with ${spelled(other)}, which ${other.on ? 'is on' : 'is being switched on'}`,
      possible_at: other.on && other.ends_in !== null ? Math.ceil(at.now + other.ends_in) : null,
    }
  },
  broken(surroundings) {
    const other = surroundings.neighbours.find(
      (neighbour) => neighbour.kind === 'never_with' && neighbour.on && yields(surroundings, neighbour),
    )
    return other && { detail: `it may never be on together with ${spelled(other)}, which is on` }
  },
})
