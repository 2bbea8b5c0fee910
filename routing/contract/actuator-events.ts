/**
 * What is heard about actuators, commands, emergency stops and configurations: one schema per event. Names and
 * fields are the original's where it has one (protocol.md §5.6, rest-contract §15.5); what was born on MQTT carries
 * its `topic`. Times are Unix seconds, values 0 to 1.
 */
import Type, { type Static, type TSchema } from 'typebox'
import { STATES } from './actuator-payloads.js'
import { DATA_SOURCES } from './quality.js'
import { Said } from './said.js'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Time = Type.Number({ description: 'Unix seconds' })
const Topic = Type.Optional(Type.String({ description: 'where it came from, when it came on MQTT' }))
const stored = Type.Optional(Type.Literal(false))
const actuator = { esp_id: Type.String(), gpio: Type.Integer() }

/** The stages of a command; the last five are final. */
export const STAGES = [
  'pending',
  'sent',
  'acknowledged',
  'done',
  'failed',
  'expired',
  'superseded',
  'refused',
] as const

/** An actuator said what it is, or nobody knows any more. */
export const ActuatorStatusEvent = Type.Object({
  ...actuator,
  actuator_type: Type.String(),
  hardware_type: Type.String({ description: 'the type as the device names it' }),
  state: Type.Enum([...STATES]),
  value: Type.Number(),
  pwm_value: Type.Number({ description: 'the same as value; older pages read it' }),
  emergency: Type.String({ description: 'normal, active, clearing or resuming' }),
  emergency_stopped: Type.Boolean(),
  last_command: nullable(Type.String()),
  command_source: nullable(Type.String()),
  correlation_id: nullable(Type.String()),
  error: nullable(Type.String()),
  on_since: nullable(Time),
  runtime_ms: nullable(Type.Integer()),
  stale_reason: nullable(
    Type.String({ description: 'why nobody knows whether it still is; null when it was just reported' }),
  ),
  data_source: Type.Enum([...DATA_SOURCES]),
  zone_id: nullable(Type.String()),
  timestamp: Time,
  topic: Topic,
  stored,
})
export type ActuatorStatusEvent = Static<typeof ActuatorStatusEvent>

/** A device said what became of a command. */
export const ActuatorResponseEvent = Type.Object({
  ...actuator,
  command: Type.String(),
  value: nullable(Type.Number()),
  duration: nullable(Type.Number({ description: 'as it was sent' })),
  success: Type.Boolean(),
  message: nullable(Type.String()),
  correlation_id: nullable(Type.String({ description: 'of the command it answers' })),
  issued_by: nullable(Type.String({ description: 'whose command it answers' })),
  unsolicited: Type.Boolean({ description: 'it answers no command of ours' }),
  timestamp: Time,
  topic: Topic,
  stored,
})
export type ActuatorResponseEvent = Static<typeof ActuatorResponseEvent>

/** Something is wrong with an actuator or a device; `ALL` and null when everything was stopped. */
export const ActuatorAlertEvent = Type.Object({
  esp_id: Type.String(),
  gpio: nullable(Type.Integer({ description: '255 = the whole device' })),
  alert_type: Type.String(),
  severity: Type.Enum(['info', 'warning', 'error', 'critical']),
  message: nullable(Type.String()),
  zone_id: nullable(Type.String()),
  timestamp: Time,
  topic: Topic,
  actuator_type: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  issued_by: Type.Optional(Type.String()),
  devices_stopped: Type.Optional(Type.Integer()),
  actuators_stopped: Type.Optional(Type.Integer()),
  incident_correlation_id: Type.Optional(Type.String()),
  stored,
})
export type ActuatorAlertEvent = Static<typeof ActuatorAlertEvent>

const command = {
  ...actuator,
  command: Type.String(),
  value: nullable(Type.Number()),
  duration: nullable(Type.Number({ description: 's' })),
  issued_by: Type.String(),
  correlation_id: Type.String(),
  state: Type.Enum([...STAGES]),
  timestamp: Time,
}

/** A command reached a stage. */
export const ActuatorCommandEvent = Type.Object({ ...command, stored })
export type ActuatorCommandEvent = Static<typeof ActuatorCommandEvent>

/** A command came to nothing: refused, failed, expired or superseded. */
export const ActuatorCommandFailedEvent = Type.Object({
  ...command,
  error: Type.String(),
  error_said: Type.Optional(nullable(Said)),
  limit_name: nullable(Type.String({ description: 'which limit refused it' })),
  possible_at: Type.Optional(nullable(Type.Number({ description: 'when it could pass, Unix seconds' }))),
  stored,
})
export type ActuatorCommandFailedEvent = Static<typeof ActuatorCommandFailedEvent>

/** An emergency stop was triggered, armed for its release, or released. */
export const EmergencyStopEvent = Type.Object({
  stop_id: Type.Integer(),
  state: Type.Enum(['stopped', 'armed', 'released']),
  scope: Type.Enum(['all', 'zone', 'device', 'actuator']),
  esp_id: nullable(Type.String()),
  zone_id: nullable(Type.String()),
  gpio: nullable(Type.Integer()),
  reason: Type.String(),
  issued_by: Type.String({ description: 'who did what is said here' }),
  devices: Type.Integer({ description: 'how many it concerns' }),
  again: Type.Boolean({
    description: 'stopped was said of a stop that holds already; its row keeps the first',
  }),
  timestamp: Time,
  stored,
})
export type EmergencyStopEvent = Static<typeof EmergencyStopEvent>

/** How an emergency stop stands with one device. */
export const EmergencyDeviceEvent = Type.Object({
  esp_id: Type.String(),
  stop_id: nullable(Type.Integer({ description: 'null when it belongs to no stop of ours' })),
  state: Type.Enum(['waiting', 'sent', 'confirmed', 'not_confirmed', 'cleared']),
  confirmed_by: nullable(Type.String({ description: 'ack, states or response' })),
  message: nullable(Type.String()),
  timestamp: Time,
  topic: Topic,
  stored,
})
export type EmergencyDeviceEvent = Static<typeof EmergencyDeviceEvent>

/** A device said what became of its configuration. */
export const ConfigResponseEvent = Type.Object({
  esp_id: Type.String(),
  config_type: Type.String(),
  status: Type.Enum(['success', 'partial_success', 'error']),
  count: Type.Integer(),
  failed_count: Type.Integer(),
  message: Type.String(),
  error_code: nullable(Type.String()),
  error_description: nullable(Type.String()),
  failed_item: nullable(Type.Record(Type.String(), Type.Unknown())),
  failures: Type.Array(
    Type.Object({
      type: Type.String(),
      gpio: nullable(Type.Integer()),
      error_code: nullable(Type.Union([Type.Integer(), Type.String()])),
      error: nullable(Type.String()),
      detail: nullable(Type.String()),
    }),
  ),
  correlation_id: nullable(Type.String()),
  request_id: nullable(Type.String()),
  generation: nullable(Type.Integer()),
  config_fingerprint: nullable(Type.String()),
  timestamp: Time,
  topic: Topic,
  stored,
})
export type ConfigResponseEvent = Static<typeof ConfigResponseEvent>
