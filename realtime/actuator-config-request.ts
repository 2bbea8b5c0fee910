/** What somebody may say about an actuator, and what of it is handed on. Values are judged where they are stored. */
import Type, { type Static } from 'typebox'
import type { ActuatorRequest } from '../routing/configuration/actuator-configs.js'
import { InterlockGiven, RequiredSensorGiven, SanityGiven } from './actuator-config-lists.js'
import { ActuatorGpio } from './actuator-request.js'
import { EspId, given } from './shapes.js'
import { wrongField } from './validate.js'

const Share = given(Type.Number({ description: '0 to 1' }))
const Whole = (description: string) => given(Type.Integer({ description }))
const Yes = given(Type.Boolean())

const settings = {
  actuator_type: given(
    Type.String({ maxLength: 50, description: 'pump, valve, light, heater, … or digital, pwm, servo' }),
  ),
  name: given(Type.String({ maxLength: 100 })),
  enabled: Yes,
  max_runtime_seconds: Whole('1 to 86400 s; null: as its kind has it; 0 (no limit) must be confirmed'),
  cooldown_seconds: Whole('off for at least this long, 0 to 86400 s'),
  starts_per_hour: Whole('1 to 120'),
  daily_quota: Whole('1 to 86400 s within 24 h'),
  min_value: Share,
  max_value: Share,
  default_value: Share,
  safe_value: given(Type.Number({ description: '0 to 1; taken when a required sensor is silent' })),
  interlocks: given(Type.Array(InterlockGiven, { description: 'with other actuators; at most 16' })),
  required_sensors: given(
    Type.Array(RequiredSensorGiven, {
      description: 'heard from lately, or it takes its safe_value; at most 16',
    }),
  ),
  require_rule_sensors: Yes,
  sanity: given(SanityGiven),
  aux_gpio: Whole('its second pin; null for none'),
  critical: Yes,
  inverted_logic: Yes,
  pwm_frequency: Whole('1 to 40000 Hz'),
  servo_min_pulse: Whole('500 to 2500 µs'),
  servo_max_pulse: Whole('500 to 2500 µs'),
  confirm_no_max_runtime: Type.Optional(Type.Boolean({ description: 'max_runtime_seconds 0 is meant' })),
  metadata: given(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'what people write down besides; offline_rules in it are told to the device',
    }),
  ),
}

/** Names of the columns, for those who read the database. */
const columns = {
  actuator_name: settings.name,
  max_runtime: Whole('as max_runtime_seconds'),
  min_off: Whole('as cooldown_seconds'),
}

const ignored = Type.Optional(Type.Unknown({ readOnly: true, description: 'as it was shown; not used' }))
/** What is shown with a config and cannot be set: pages write back what they read. */
const shown = {
  id: ignored,
  esp_device_id: ignored,
  kind: ignored,
  effective_max_runtime_seconds: ignored,
  current_value: ignored,
  is_active: ignored,
  last_command_at: ignored,
  config_status: ignored,
  config_error: ignored,
  created_at: ignored,
  updated_at: ignored,
}

const TWICE = [
  ['name', 'actuator_name'],
  ['max_runtime_seconds', 'max_runtime'],
  ['cooldown_seconds', 'min_off'],
] as const

export const ActuatorConfigRequest = Type.Object(
  { esp_id: given(EspId), gpio: given(ActuatorGpio), ...settings, ...columns, ...shown },
  {
    additionalProperties: false,
    description:
      'A field that is missing stays as it is; null puts its default back. One of another name is refused: what it would have limited would not be.',
  },
)

/** Only what can be set; an empty name is none. Throws Problem (422) where it says two things about one. */
export function actuatorRequestOf(body: Static<typeof ActuatorConfigRequest>): ActuatorRequest {
  const names = [...Object.keys(settings), ...Object.keys(columns)] as (keyof typeof body)[]
  const request: Record<string, unknown> = Object.fromEntries(
    names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]),
  )
  for (const [name, column] of TWICE) {
    if (request[name] !== undefined && request[column] !== undefined && request[name] !== request[column])
      throw wrongField(name, `must be what ${column} is, or be left out`, request[name])
    if (request[name] === '') request[name] = null
    if (request[column] === '') request[column] = null
  }
  return request
}
