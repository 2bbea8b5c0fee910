/**
 * What is heard when devices speak about themselves: one schema per event. Names and fields are the original's
 * where it has one (protocol.md §5.6). Times are Unix seconds.
 */
import Type, { type Static, type TSchema } from 'typebox'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const born = {
  esp_id: Type.String(),
  timestamp: Type.Number({ description: 'server time, Unix seconds' }),
  topic: Type.String(),
}

/** A device reported an error. */
export const ErrorEvent = Type.Object({
  ...born,
  esp_name: nullable(Type.String()),
  error_log_id: nullable(Type.Integer({ description: 'its entry in the audit, where it is known' })),
  error_code: nullable(Type.Union([Type.Integer(), Type.String()])),
  severity: Type.Enum(['info', 'warning', 'error', 'critical']),
  category: Type.String(),
  title: Type.String(),
  message: Type.String(),
  message_de: Type.String(),
  troubleshooting: Type.Array(Type.String()),
  user_action_required: Type.Boolean(),
  recoverable: Type.Boolean(),
  context: Type.Record(Type.String(), Type.Unknown()),
})
export type ErrorEvent = Static<typeof ErrorEvent>

/** A device said how it does. */
export const EspDiagnosticsEvent = Type.Object({
  ...born,
  health_status: nullable(Type.String()),
  system_state: nullable(Type.String()),
  heap_free: nullable(Type.Integer({ description: 'bytes' })),
  wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
  uptime: nullable(Type.Integer({ description: 'seconds' })),
  error_count: Type.Integer(),
  diagnostics: Type.Record(Type.String(), Type.Unknown()),
})
export type EspDiagnosticsEvent = Static<typeof EspDiagnosticsEvent>

/** A device said in which state it is. */
export const EspStatusEvent = Type.Object({
  ...born,
  system_state: nullable(Type.String()),
  status: Type.Record(Type.String(), Type.Unknown()),
})
export type EspStatusEvent = Static<typeof EspStatusEvent>

/** A device went into safe mode, or left it. */
export const EspSafeModeEvent = Type.Object({
  ...born,
  safe_mode_active: Type.Boolean(),
  reason: nullable(Type.String()),
})
export type EspSafeModeEvent = Static<typeof EspSafeModeEvent>

/** A device connected; `offline_seconds` when it was away. */
export const EspReconnectPhaseEvent = Type.Object({
  ...born,
  phase: Type.Literal('adopting'),
  reason: nullable(Type.String()),
  offline_seconds: nullable(Type.Number()),
})
export type EspReconnectPhaseEvent = Static<typeof EspReconnectPhaseEvent>

const outcome = {
  ...born,
  command: nullable(Type.String()),
  success: Type.Boolean(),
  message: nullable(Type.String()),
  correlation_id: nullable(Type.String()),
  request_id: nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown(), { description: 'what else the answer carries' }),
}

/** What became of a system command. */
export const SystemResponseEvent = Type.Object(outcome)
export type SystemResponseEvent = Static<typeof SystemResponseEvent>

/** What became of a sensor command. */
export const SensorResponseEvent = Type.Object({
  ...outcome,
  gpio: Type.Integer(),
  quality: nullable(Type.String()),
})
export type SensorResponseEvent = Static<typeof SensorResponseEvent>
