/** The list of what operators may say over MQTT; kaiser does it. Nothing else. */
import type { Handler } from '../handler.js'
import { actuatorCommand } from './actuator-command.js'
import { actuatorEmergency } from './actuator-emergency.js'
import { broadcastEmergency } from './broadcast-emergency.js'

export const operators: Readonly<Record<string, Handler>> = {
  actuatorCommand,
  actuatorEmergency,
  broadcastEmergency,
}
