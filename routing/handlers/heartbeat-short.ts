/** The short form of the heartbeat's topic, which older firmware uses. protocol.md §1.1 U9 */
import { fromDevice } from '../contract/topics.js'
import type { Handler } from '../handler.js'
import { heartbeat } from './heartbeat.js'

export const heartbeatShort: Handler = { ...heartbeat, topic: fromDevice.heartbeatShort }
