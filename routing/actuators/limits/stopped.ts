/** A latched emergency stop: ON, PWM and TOGGLE wait until it is released, OFF never does. decisions.md §4 */
import { commandSaid } from '../../contract/sentences/commands.js'
import type { Stop } from '../surroundings.js'
import { blockedBy, limit } from './limit.js'

const because = ({ reason, issued_by }: Stop) => commandSaid('stopped', { issued_by, reason })

export const stopped = limit({
  name: 'stopped',
  // By the word: whatever a TOGGLE or PWM 0 would come to, under a stop only OFF is heard.
  concerns: ({ asked }) => asked !== 'OFF',
  blocks: (_order, { stop }) => stop && blockedBy(because(stop), null),
  broken: ({ stop }) => stop && { detail: because(stop).sentence },
})
