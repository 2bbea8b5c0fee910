/** The topic the firmware really uses for answers to system commands. protocol.md §1.1 U18, §12.4 #28 */
import { fromDevice } from '../contract/topics.js'
import type { Handler } from '../handler.js'
import { systemResponse } from './system-response.js'

export const commandResponse: Handler = { ...systemResponse, topic: fromDevice.commandResponse }
