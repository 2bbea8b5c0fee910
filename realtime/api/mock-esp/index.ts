/** `/debug/mock-esp`: mock devices, made and handled by administrators. Words come before parameters. rest-contract §6 */
import type { Resource } from '../../route.js'
import { actuators } from './actuators.js'
import { devices } from './devices.js'
import { faults } from './faults.js'
import { kinds } from './kinds.js'
import { messages } from './messages.js'
import type { MockEspOptions } from './options.js'
import { running } from './running.js'
import { sensors } from './sensors.js'
import { syncStatus } from './sync-status.js'

export type { MockEspOptions } from './options.js'

export const mockEsp = (options: MockEspOptions): Resource => ({
  prefix: '/debug/mock-esp',
  tag: 'Mock devices',
  routes: [
    ...syncStatus(options),
    ...kinds(options),
    ...devices(options),
    ...running(options),
    ...sensors(options),
    ...actuators(options),
    ...faults(options),
    ...messages(options),
  ],
})
