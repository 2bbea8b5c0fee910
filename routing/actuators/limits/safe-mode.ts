/**
 * A subzone in safe mode: its actuators rest until people end it. Firmware takes their pins from them, so that it
 * would say ON and drive nothing, or refuse; either way nobody may believe that it runs. protocol.md §1.2 D14
 */
import { commandSaid } from '../../contract/sentences/commands.js'
import { blockedBy, limit } from './limit.js'

const because = (subzone_id: string) => commandSaid('safe_mode', { subzone_id })

export const safeMode = limit({
  name: 'safe_mode',
  // By the word, as with a stop: only OFF is heard.
  concerns: ({ asked }) => asked !== 'OFF',
  blocks: (_order, { safe_mode }) =>
    safe_mode === undefined ? undefined : blockedBy(because(safe_mode), null),
  broken: ({ safe_mode }) => (safe_mode === undefined ? undefined : { detail: because(safe_mode).sentence }),
})
