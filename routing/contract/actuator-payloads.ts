/**
 * What devices say about their actuators and about configuration: one TypeBox schema per payload. Liberal in:
 * unknown fields are ignored, an optional field may be null, words are read in any case. Fields, aliases and limits:
 * protocol.md §2.3 to §2.5, §2.7, §1.1 U7 and U8.
 */
import Type, { type Static } from 'typebox'
import { Counter, EspId, Gpio, given, Name, Text, Timestamp } from './fields.js'

/** 0 to 1; what is above 1 is a duty cycle of 255. */
const Value = Type.Number({ minimum: 0, maximum: 255, description: '0 to 1, or above 1 a part of 255' })
const Word = Text(32)
const Id = Text(100)

const source = { _test_mode: Type.Optional(Type.Unknown()), _source: Type.Optional(Type.Unknown()) }
const said = {
  ts: given(Timestamp),
  timestamp: given(Timestamp),
  time_valid: given(Type.Boolean()),
  seq: given(Counter),
  correlation_id: given(Id),
  zone_id: given(Text(50)),
}

/** The words of an actuator's state; a boolean stands for `on` or `off`. */
export const STATES = ['on', 'off', 'pwm', 'error', 'unknown'] as const

/** `actuator/{gpio}/status`: what an actuator is. protocol.md §2.3 */
export const ActuatorStatus = Type.Object(
  {
    esp_id: EspId,
    gpio: Gpio,
    actuator_type: given(Name),
    type: given(Name),
    state: Type.Union([Type.Boolean(), Text(16)], { description: STATES.join(', ') }),
    value: given(Value),
    pwm: given(Value),
    runtime_ms: given(Counter),
    uptime: given(Counter),
    emergency: given(Text(16)),
    last_command: given(Word),
    command: given(Word),
    command_source: given(Text(64)),
    error: given(Text(512)),
    ...said,
    ...source,
  },
  { description: 'What an actuator is' },
)
export type ActuatorStatus = Static<typeof ActuatorStatus>

/** Whose command a device answers when somebody at the device itself switched it. */
export const LOCAL = 'local'

/** `actuator/{gpio}/response`: what became of a command. protocol.md §2.4 */
export const ActuatorResponse = Type.Object(
  {
    esp_id: EspId,
    gpio: Gpio,
    command: Word,
    success: Type.Boolean(),
    value: given(Value),
    duration: given(Type.Number({ description: 'kept as it is sent' })),
    message: given(Text(512)),
    actuator_type: given(Name),
    issued_by: given(
      Type.String({ maxLength: 64, description: 'whose command it was; `local`: of somebody at the device' }),
    ),
    ...said,
    ...source,
  },
  { description: 'What became of a command to an actuator' },
)
export type ActuatorResponse = Static<typeof ActuatorResponse>

/** `actuator/{gpio}/alert`: something is wrong; gpio 255 is the whole device. protocol.md §2.5 */
export const ActuatorAlert = Type.Object(
  {
    esp_id: EspId,
    gpio: Gpio,
    alert_type: given(Name),
    type: given(Name),
    message: given(Text(512)),
    ...said,
    ...source,
  },
  { description: 'Something is wrong with an actuator' },
)
export type ActuatorAlert = Static<typeof ActuatorAlert>

/** `actuator/emergency/ack`: a device has stopped everything. protocol.md §1.1 U7 */
export const EmergencyAck = Type.Object(
  {
    esp_id: given(EspId),
    command: given(Word),
    gpio_count: given(Counter),
    outcome: given(Word),
    message: given(Text(512)),
    ...said,
  },
  { description: 'A device has stopped everything' },
)
export type EmergencyAck = Static<typeof EmergencyAck>

/** `actuator/recovery_confirm`: a device is in an emergency no more. protocol.md §1.1 U8 */
export const RecoveryConfirm = Type.Object(
  { esp_id: given(EspId), command: given(Word), state: given(Word), message: given(Text(512)), ...said },
  { description: 'A device is in an emergency no more' },
)
export type RecoveryConfirm = Static<typeof RecoveryConfirm>

/** `actuator/{gpio}/command`: what a device is told. protocol.md §1.2 D1 */
export const ActuatorCommand = Type.Object({
  command: Type.Enum(['ON', 'OFF', 'PWM', 'TOGGLE']),
  value: Type.Number({ minimum: 0, maximum: 1 }),
  duration: Type.Number({ minimum: 0, description: 's, 0 = without an end' }),
  timestamp: Type.Integer({ description: 'seconds since 1970' }),
  correlation_id: Type.String(),
  intent_id: Type.String({ description: 'the same as correlation_id' }),
  issued_by: Type.String(),
})
export type ActuatorCommand = Static<typeof ActuatorCommand>

/** What a configuration may be answered with; `failed` is the older word for `error`. */
export const CONFIG_STATUSES = ['success', 'partial_success', 'error', 'failed'] as const
export const CONFIG_TYPES = ['sensor', 'actuator', 'zone', 'system'] as const

const ErrorCode = Type.Union([Type.Integer(), Text(64)])

/** One item of a configuration that the device refused. */
const ConfigFailure = Type.Object({
  type: given(Text(16)),
  gpio: given(Gpio),
  error_code: given(ErrorCode),
  error: given(Text(64)),
  detail: given(Text(512)),
})
export type ConfigFailure = Static<typeof ConfigFailure>

/** `config_response`: what became of a configuration. protocol.md §2.7 */
export const ConfigResponse = Type.Object(
  {
    esp_id: given(EspId),
    status: Type.String({ maxLength: 20, description: CONFIG_STATUSES.join(', ') }),
    type: given(Text(16)),
    config_type: given(Text(16)),
    count: given(Counter),
    failed_count: given(Counter),
    message: given(Text(512)),
    error_code: given(ErrorCode),
    failed_item: given(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
    failures: given(Type.Array(ConfigFailure, { maxItems: 64 })),
    failures_truncated: given(Type.Boolean()),
    total_failures: given(Counter),
    request_id: given(Text(255)),
    intent_id: given(Id),
    generation: given(Counter),
    reason_code: given(Text(64)),
    config_fingerprint: given(Text(128)),
    ...said,
  },
  { description: 'What became of a configuration' },
)
export type ConfigResponse = Static<typeof ConfigResponse>
