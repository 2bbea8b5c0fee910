/**
 * A device that did late what nobody wants any more is told OFF: what is on its way on a connection cannot be taken
 * back, but what comes of it can. What is wanted by now, by whichever command, stays.
 */
import { type Command, isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import type { Effect } from '../effect.js'
import type { Commands } from './commands.js'
import { desiredOf } from './desired.js'

/** Inside the group only. */
export function undoLate(
  { store, actuators }: { store: Pick<Store, 'actuatorStates'>; actuators: Pick<Commands, 'off'> },
  command: Command,
  now: number,
): Effect[] {
  const { esp_id, gpio, value, state } = command
  if (!isFinal(command) || state === 'done' || (value ?? 0) === 0) return []
  const known = store.actuatorStates.find(esp_id, gpio)
  if (known && (desiredOf(known, now)?.value ?? 0) > 0) return []
  return actuators.off({ esp_id, gpio, issued_by: 'gate:late' }, now)
}
