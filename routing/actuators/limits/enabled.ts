/** A config that is switched off: nobody may use the actuator. */
import { limit } from './limit.js'

const detail = 'the actuator is disabled in its config'

export const enabled = limit({
  name: 'enabled',
  blocks: (_order, { config }) => (config?.enabled === 0 ? { detail, possible_at: null } : undefined),
  broken: ({ config }) => (config?.enabled === 0 ? { detail } : undefined),
})
