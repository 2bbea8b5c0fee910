/**
 * Actuators that may never be on together. Whoever is on first stays; of two that are on, the younger goes off, and
 * the other one too when the younger cannot be reached, or does not obey. Of one that nobody can hear now its last
 * report counts, and what was said to it after that: it may still be on, or it was off, and that is said.
 */
import { type CommandSaid, commandSaid } from '../../contract/sentences/commands.js'
import { keyOf, spelled } from '../place.js'
import { runningFor } from '../runs.js'
import type { Neighbour, Surroundings } from '../surroundings.js'
import { blockedBy, limit } from './limit.js'

/** Of two that are on, this one has to go. */
function yields(surroundings: Surroundings, other: Neighbour): boolean {
  const running = runningFor(surroundings.runs, surroundings.at.monotonic) ?? 0
  if (running < other.running) return true
  if (running === other.running && keyOf(surroundings) > keyOf(other)) return true
  return other.stuck || (!other.reachable && other.doubtful)
}

/** Why it stands in the way. */
function because({ on, doubtful, coming, gpio, esp_id }: Neighbour): CommandSaid {
  const why = on ? (doubtful ? 'was_on' : 'on') : coming === 'on' ? 'coming' : 'told'
  return commandSaid(`never_with_${why}`, { gpio, esp_id })
}

export const neverWith = limit({
  name: 'never_with',
  blocks(_order, { at, neighbours }) {
    const other = neighbours.find(
      ({ kind, on, coming, may_be_on }) => kind === 'never_with' && (on || may_be_on || coming === 'on'),
    )
    if (!other) return undefined
    const isKnown = other.on && !other.doubtful && other.ends_in !== null
    return blockedBy(because(other), isKnown ? Math.ceil(at.now + other.ends_in!) : null)
  },
  warns({ neighbours }) {
    const other = neighbours.find(({ kind, doubtful }) => kind === 'never_with' && doubtful)
    return other && commandSaid('never_with_was_off', { gpio: other.gpio, esp_id: other.esp_id })
  },
  broken(surroundings) {
    const other = surroundings.neighbours.find(
      (neighbour) => neighbour.kind === 'never_with' && neighbour.on && yields(surroundings, neighbour),
    )
    return other && { detail: `it may never be on together with ${spelled(other)}, which is on` }
  },
})
