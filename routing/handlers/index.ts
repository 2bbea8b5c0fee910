/** The list of handlers, nothing else. */
import type { Handler } from '../handler.js'
import { heartbeat } from './heartbeat.js'
import { sensorData } from './sensor-data.js'

export const handlers: Readonly<Record<string, Handler>> = { sensorData, heartbeat }
