/**
 * Actuators that may never be on together. Whoever is on first stays; of two that are on, the younger goes off, and
 * the other one too when the younger cannot be reached, or does not obey. Of one that nobody can hear now its last
 * report counts, and what was said to it after that: it may still be on, or it was off, and that is said.
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

/** Why it stands in the way, in words. */
function isWhat({ on, doubtful, coming }: Neighbour): string {
  if (on) return doubtful ? 'is not heard of now and was on when it last was' : 'is on'
  return coming === 'on' ? 'is being switched on' : 'is not heard of since it was told to go on'
}

export const neverWith = limit({
  name: 'never_with',
  blocks(_order, { at, neighbours }) {
    const other = neighbours.find(
      ({ kind, on, coming, may_be_on }) => kind === 'never_with' && (on || may_be_on || coming === 'on'),
    )
    if (!other) return undefined
    return {
      detail: `it may never be on together with ${spelled(other)}, which ${isWhat(other)}`,
      possible_at:
        other.on && !other.doubtful && other.ends_in !== null ? Math.ceil(at.now + other.ends_in) : null,
    }
  },
  warns({ neighbours }) {
    const other = neighbours.find(({ kind, doubtful }) => kind === 'never_with' && doubtful)
    return (
      other &&
      `it may never be on together with ${spelled(other)}, which is not heard of now and was not on when it last was`
    )
  },
  broken(surroundings) {
    const other = surroundings.neighbours.find(
      (neighbour) => neighbour.kind === 'never_with' && neighbour.on && yields(surroundings, neighbour),
    )
    return other && { detail: `it may never be on together with ${spelled(other)}, which is on` }
  },
})
