/** What happened, as a chart draws it beside the readings: a table of what is worth a mark, and its two shapes. */
import Type, { type Static } from 'typebox'
import type { AuditEventName } from '../routing/contract/audit-events.js'
import type { ActuatorMark, AuditMark } from '../storage/marks.js'
import { SeverityWord } from './audit-body.js'
import { nullable } from './shapes.js'

const KINDS = [
  'command',
  'report',
  'alert',
  'limit',
  'emergency',
  'connection',
  'zone',
  'config',
  'calibration',
  'device',
] as const
type Kind = (typeof KINDS)[number]

/** Which entries of the audit are marks, and of what kind. */
const MARKED = {
  actuator_alert: 'alert',
  actuator_limited: 'limit',
  emergency_stop: 'emergency',
  emergency_armed: 'emergency',
  emergency_released: 'emergency',
  emergency_cleared: 'emergency',
  safe_mode: 'emergency',
  device_online: 'connection',
  device_offline: 'connection',
  lwt_received: 'connection',
  zone_assigned: 'zone',
  zone_removed: 'zone',
  config_response: 'config',
  config_failed: 'config',
  sensor_config_changed: 'config',
  actuator_config_changed: 'config',
  sensor_calibrated: 'calibration',
  calibration_undone: 'calibration',
  device_command: 'device',
  device_approved: 'device',
} as const satisfies Partial<Record<AuditEventName, Kind>>

export const markedEvents = Object.keys(MARKED) as (keyof typeof MARKED)[]

const Milliseconds = Type.Integer({ description: 'ms since 1970' })

export const MarkBody = Type.Object({
  kind: Type.Enum([...KINDS], { description: 'report: what a device did without a command' }),
  event: Type.String({ description: 'the command or what was reported; else one of GET /audit/event-types' }),
  timestamp: Milliseconds,
  until: nullable(Type.Integer({ description: 'ms since 1970: when the command was over' })),
  esp_id: nullable(Type.String({ description: 'null when it is about all or a zone' })),
  gpio: nullable(Type.Integer({ description: '255: the whole device' })),
  severity: SeverityWord,
  state: Type.String({ description: 'of a command where it ended; else success, failed, pending, …' }),
  value: nullable(Type.Number({ description: 'of a command, 0 to 1' })),
  message: nullable(Type.String()),
  by: nullable(Type.String({ description: 'who wanted it' })),
  correlation_id: nullable(Type.String()),
})
export type Mark = Static<typeof MarkBody>

const SEVERITY_OF: Partial<Record<ActuatorMark['state'], Mark['severity']>> = {
  failed: 'error',
  expired: 'warning',
  refused: 'warning',
}

export const actuatorMark = (row: ActuatorMark): Mark => ({
  kind: row.correlation_id === null ? 'report' : 'command',
  event: row.command_type,
  timestamp: row.timestamp,
  until: row.finished_at,
  esp_id: row.esp_id,
  gpio: row.gpio,
  severity: SEVERITY_OF[row.state] ?? 'info',
  state: row.state,
  value: row.value,
  message: row.error_message,
  by: row.issued_by,
  correlation_id: row.correlation_id,
})

export const auditMark = (entry: AuditMark): Mark => ({
  kind: MARKED[entry.event_type as keyof typeof MARKED],
  event: entry.event_type,
  timestamp: entry.created_at,
  until: null,
  esp_id: entry.esp_id,
  gpio: entry.gpio,
  severity: entry.severity,
  state: entry.status,
  value: null,
  message: entry.message,
  by: entry.said_by,
  correlation_id: entry.correlation_id,
})
