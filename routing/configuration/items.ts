/**
 * Sensors and actuators as the firmware reads them out of a configuration. protocol.md §2.7
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import { firmwareWordOf, kindOf, maxRuntimeOf } from '../actuators/kinds.js'
import type { Library } from '../sensors/library.js'
import { interfaceOf } from '../sensors/wiring.js'

const MODES = ['continuous', 'on_demand', 'scheduled', 'paused']
const isText = (value: unknown): value is string => typeof value === 'string'

const subzoneOf = (
  device: Device,
  metadata: Readonly<Record<string, unknown>>,
  subzone_id: string | undefined,
) => subzone_id ?? (isText(metadata.subzone_id) ? metadata.subzone_id : device.subzone_id)

export function sensorItem(device: Device, config: SensorConfig, library: Library, subzone_id?: string) {
  const { gpio, sensor_type, address, sample_interval_ms, params, metadata } = config
  const interface_type = interfaceOf(config, library)
  return {
    gpio,
    sensor_type,
    sensor_name: config.sensor_name ?? `${sensor_type}_${gpio}`,
    subzone_id: subzoneOf(device, metadata, subzone_id),
    active: true,
    sample_interval_ms,
    raw_mode: config.processing_mode !== 'local',
    operating_mode: MODES.includes(params.operating_mode as string) ? params.operating_mode : 'continuous',
    measurement_interval_seconds: sample_interval_ms / 1000,
    interface_type,
    onewire_address: interface_type === 'ONEWIRE' && address !== '' ? address : null,
    i2c_address: interface_type === 'I2C' && address !== '' ? Number(address) : null,
  }
}

/** No limit: firmware takes 0 for "at once", so it is told the longest time it can count, ms. */
const NO_LIMIT = 2 ** 31 - 1

export function actuatorItem(device: Device, config: ActuatorConfig, subzone_id?: string) {
  const { gpio, actuator_type, default_value, metadata } = config
  const { pwm_frequency, servo_min_pulse, servo_max_pulse } = config
  const kind = kindOf(actuator_type)
  const max_runtime = maxRuntimeOf(kind, config)
  return {
    gpio,
    actuator_type: firmwareWordOf(kind, config),
    actuator_name: config.actuator_name ?? `${actuator_type}_${gpio}`,
    subzone_id: subzoneOf(device, metadata, subzone_id),
    active: true,
    aux_gpio: config.aux_gpio,
    critical: config.critical === 1,
    inverted_logic: config.inverted_logic === 1,
    default_state: default_value > 0,
    default_pwm: Math.round(default_value * 255),
    max_runtime_ms: max_runtime === 0 ? NO_LIMIT : max_runtime * 1000,
    // Ours; firmware ignores what it does not know.
    ...(pwm_frequency !== null && { pwm_frequency }),
    ...(servo_min_pulse !== null && { servo_min_pulse }),
    ...(servo_max_pulse !== null && { servo_max_pulse }),
  }
}
