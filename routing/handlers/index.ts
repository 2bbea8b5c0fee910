/** The list of handlers, nothing else. */
import type { Handler } from '../handler.js'
import { actuatorAlert } from './actuator-alert.js'
import { actuatorResponse } from './actuator-response.js'
import { actuatorStatus } from './actuator-status.js'
import { authStatus } from './auth-status.js'
import { commandResponse } from './command-response.js'
import { configResponse } from './config-response.js'
import { deviceStatus } from './device-status.js'
import { diagnostics } from './diagnostics.js'
import { discoveryNodes } from './discovery-nodes.js'
import { emergencyAck } from './emergency-ack.js'
import { heartbeat } from './heartbeat.js'
import { heartbeatMetrics } from './heartbeat-metrics.js'
import { heartbeatShort } from './heartbeat-short.js'
import { recoveryConfirm } from './recovery-confirm.js'
import { safeMode } from './safe-mode.js'
import { sensorBatch } from './sensor-batch.js'
import { sensorData } from './sensor-data.js'
import { sensorResponse } from './sensor-response.js'
import { sessionAnnounce } from './session-announce.js'
import { subzoneAck } from './subzone-ack.js'
import { subzoneStatus } from './subzone-status.js'
import { systemError } from './system-error.js'
import { systemResponse } from './system-response.js'
import { will } from './will.js'
import { zoneAck } from './zone-ack.js'

export const handlers: Readonly<Record<string, Handler>> = {
  sensorData,
  sensorBatch,
  sensorResponse,
  heartbeat,
  heartbeatShort,
  heartbeatMetrics,
  sessionAnnounce,
  will,
  systemError,
  diagnostics,
  deviceStatus,
  safeMode,
  systemResponse,
  commandResponse,
  actuatorStatus,
  actuatorResponse,
  actuatorAlert,
  emergencyAck,
  recoveryConfirm,
  configResponse,
  zoneAck,
  subzoneAck,
  subzoneStatus,
  authStatus,
  discoveryNodes,
}
