/**
 * An actuator's config as the pages know one (rest-contract §2), with what it is now, and ours: its kind, every limit
 * of the gate, and how far the device has come with it.
 */
import Type, { type Static } from 'typebox'
import { sanityIn } from '../routing/actuators/evidence.js'
import { interlocksIn } from '../routing/actuators/interlocks.js'
import { formOf, kindOf, maxRuntimeOf } from '../routing/actuators/kinds.js'
import { isOn, sensorsIn } from '../routing/actuators/surroundings.js'
import type { ActuatorConfig } from '../storage/actuator-configs.js'
import type { Store } from '../storage/store.js'
import { Interlock, RequiredSensor, Sanity } from './actuator-config-lists.js'
import { ActuatorGpio } from './actuator-request.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Anything = Type.Record(Type.String(), Type.Unknown())
const Share = Type.Number({ minimum: 0, maximum: 1 })
const Seconds = (description: string) => nullable(Type.Integer({ description }))

export const ActuatorConfigBody = Type.Object({
  id: Type.String(),
  esp_id: Type.String({ description: 'uuid of the device’s row' }),
  esp_device_id: Type.String({ description: 'device id' }),
  gpio: ActuatorGpio,
  actuator_type: Type.Enum(['digital', 'pwm', 'servo'], { description: 'how it is driven' }),
  kind: Type.String({ description: 'what it is: pump, valve, light …' }),
  name: nullable(Type.String()),
  enabled: Type.Boolean(),
  max_runtime_seconds: Seconds('as people set it; null: as its kind has it'),
  effective_max_runtime_seconds: Type.Integer({ description: 'what holds; 0 = no limit' }),
  cooldown_seconds: Type.Integer({ description: 'off for at least this long' }),
  starts_per_hour: nullable(Type.Integer()),
  daily_quota: Seconds('seconds it may be on within 24 h; null = no limit'),
  min_value: Share,
  max_value: Share,
  default_value: Share,
  safe_value: Share,
  interlocks: Type.Array(Interlock, { description: 'with other actuators' }),
  required_sensors: Type.Array(RequiredSensor, { description: 'silent ones make it take its safe_value' }),
  require_rule_sensors: Type.Boolean({ description: 'also those its rules read must be fresh' }),
  sanity: nullable(Sanity),
  aux_gpio: nullable(Type.Integer({ description: 'its second pin' })),
  critical: Type.Boolean(),
  inverted_logic: Type.Boolean(),
  pwm_frequency: nullable(Type.Integer({ description: 'Hz' })),
  servo_min_pulse: nullable(Type.Integer({ description: 'µs' })),
  servo_max_pulse: nullable(Type.Integer({ description: 'µs' })),
  metadata: Anything,
  current_value: nullable(Type.Number({ description: '0 to 1, as reported last' })),
  is_active: Type.Boolean({ description: 'it is on, as reported last' }),
  last_command_at: nullable(Time),
  config_status: Type.Enum(['pending', 'applied', 'failed'], {
    description:
      'pending: the device has not answered; applied: it took it, as it said; failed: it refused it, and config_error says why',
  }),
  config_error: nullable(Type.String()),
  created_at: Time,
  updated_at: Time,
})
export type ActuatorConfigBody = Static<typeof ActuatorConfigBody>

const NO_PIN = 255

export function actuatorConfigBody(store: Store, config: ActuatorConfig): ActuatorConfigBody {
  const { esp_id, gpio, aux_gpio } = config
  const kind = kindOf(config.actuator_type)
  const state = store.actuatorStates.find(esp_id, gpio)
  return {
    id: config.id,
    esp_id: store.devices.find(esp_id)?.id ?? esp_id,
    esp_device_id: esp_id,
    gpio,
    actuator_type: formOf(kind, config),
    kind: kind.type,
    name: config.actuator_name,
    enabled: config.enabled === 1,
    max_runtime_seconds: config.max_runtime,
    effective_max_runtime_seconds: maxRuntimeOf(kind, config),
    cooldown_seconds: config.min_off,
    starts_per_hour: config.starts_per_hour,
    daily_quota: config.daily_quota,
    min_value: config.min_value,
    max_value: config.max_value,
    default_value: config.default_value,
    safe_value: config.safe_value,
    interlocks: interlocksIn(config),
    required_sensors: sensorsIn(config),
    require_rule_sensors: config.require_rule_sensors === 1,
    sanity: sanityIn(config) ?? null,
    aux_gpio: aux_gpio === NO_PIN ? null : aux_gpio,
    critical: config.critical === 1,
    inverted_logic: config.inverted_logic === 1,
    pwm_frequency: config.pwm_frequency,
    servo_min_pulse: config.servo_min_pulse,
    servo_max_pulse: config.servo_max_pulse,
    metadata: config.metadata,
    current_value: state?.current_value ?? null,
    is_active: isOn(state),
    last_command_at: iso(state?.last_command_at ?? null),
    config_status: config.config_status,
    config_error: config.config_error,
    created_at: iso(config.created_at)!,
    updated_at: iso(config.updated_at)!,
  }
}
