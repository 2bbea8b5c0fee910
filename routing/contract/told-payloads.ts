/**
 * What a device is told besides commands and zones: its configuration, an emergency stop, and whether kaiser is there.
 * Strict out: every field that is listed here and not optional is always there. protocol.md §1.2 D2, D6, D16, §2.7
 */
import Type, { type Static } from 'typebox'
import { Gpio } from './fields.js'

const timestamp = Type.Integer({ description: 'seconds since 1970' })

const SensorItem = Type.Object({
  gpio: Gpio,
  sensor_type: Type.String(),
  sensor_name: Type.String(),
  active: Type.Boolean(),
  sample_interval_ms: Type.Integer({ minimum: 1 }),
  raw_mode: Type.Boolean(),
  interface_type: Type.Enum(['ONEWIRE', 'I2C', 'ANALOG', 'DIGITAL']),
})
const ActuatorItem = Type.Object({
  gpio: Gpio,
  actuator_type: Type.String(),
  actuator_name: Type.String(),
  active: Type.Boolean(),
  aux_gpio: Type.Integer({ minimum: 0, maximum: 255, description: '255 = none' }),
  critical: Type.Boolean(),
  inverted_logic: Type.Boolean(),
  default_state: Type.Boolean(),
  default_pwm: Type.Integer({ minimum: 0, maximum: 255 }),
  max_runtime_ms: Type.Integer({ minimum: 1 }),
})

/** `config`: its sensors, actuators and offline rules; each list that is there replaces what the device had. */
export const ConfigTold = Type.Object({
  sensors: Type.Optional(Type.Array(SensorItem)),
  actuators: Type.Optional(Type.Array(ActuatorItem)),
  offline_rules: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
  reason_code: Type.String(),
  generation: Type.Integer({ minimum: 1, description: 'only grows' }),
  config_fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of all of it' }),
  part_index: Type.Optional(Type.Integer({ minimum: 1 })),
  total_parts: Type.Optional(Type.Integer({ minimum: 2 })),
  correlation_id: Type.String(),
  request_id: Type.String(),
  intent_id: Type.String(),
  timestamp,
})
export type ConfigTold = Static<typeof ConfigTold>

/** `actuator/emergency`: stop everything, or the end of it. */
export const EmergencyTold = Type.Object({
  command: Type.Enum(['emergency_stop', 'clear_emergency']),
  reason: Type.String(),
  timestamp,
  correlation_id: Type.String(),
  issued_by: Type.Optional(Type.String()),
})
export type EmergencyTold = Static<typeof EmergencyTold>

/** `server/status`, retained: is kaiser there? */
export const ServerStatusTold = Type.Object({
  status: Type.Enum(['online', 'offline']),
  timestamp,
  reason: Type.Optional(Type.String()),
})
export type ServerStatusTold = Static<typeof ServerStatusTold>
