/** A config that is switched off: nobody may use the actuator. */
import { COMMAND_SAYINGS, commandSaid } from '../../contract/sentences/commands.js'
import { blockedBy, limit } from './limit.js'

const detail = COMMAND_SAYINGS.disabled

export const enabled = limit({
  name: 'enabled',
  blocks: (_order, { config }) =>
    config?.enabled === 0 ? blockedBy(commandSaid('disabled'), null) : undefined,
  broken: ({ config }) => (config?.enabled === 0 ? { detail } : undefined),
})
