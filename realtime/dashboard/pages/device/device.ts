/** A device as REST has it, and its configuration, as far as its page reads them. */
import { ApiError, call } from '../../api.js'
import type { Device } from '../../rest.js'
import { t } from '../../words/index.js'
import { number } from '../../words/times.js'

export interface DeviceDetail extends Device {
  subzone_id: string | null
  ip_address: string | null
  mac_address: string | null
  firmware_version: string | null
  heartbeat_interval_s: number | null
  flapping_since: string | null
  reset_reason: string | null
  error_count: number
  sensor_count: number
  actuator_count: number
  discovered_at: string | null
  approved_at: string | null
  approved_by: string | null
  rejection_reason: string | null
}

type Pushed = 'pending' | 'applied' | 'failed'

export interface SensorConfig {
  id: string
  gpio: number
  sensor_type: string
  address: string | null
  name: string | null
  enabled: boolean
  interval_ms: number
  processing_mode: 'pi_enhanced' | 'local' | 'raw'
  /** Options of the conversion. */
  params: Record<string, unknown>
  probe_serial: string | null
  calibration: { method: string; performed_at: string | null; due_at: string | null } | null
  threshold_min: number | null
  threshold_max: number | null
  warning_min: number | null
  warning_max: number | null
  config_status: Pushed
  config_error: string | null
}

export interface Interlock {
  kind: 'never_with' | 'only_while'
  esp_id: string
  gpio: number
}

export interface RequiredSensor {
  esp_id: string
  gpio: number
  sensor_type: string
  address?: string
  /** s */
  max_age: number
}

/** Which sensor shows that it works, and what it must show within how many seconds. */
export type Sanity = Omit<RequiredSensor, 'max_age'> & { within_s: number } & (
    | { kind: 'flow'; min: number }
    | { kind: 'level'; change: number }
  )

export interface ActuatorConfig {
  id: string
  gpio: number
  actuator_type: string
  kind: string
  name: string | null
  enabled: boolean
  max_runtime_seconds: number | null
  effective_max_runtime_seconds: number
  cooldown_seconds: number
  starts_per_hour: number | null
  daily_quota: number | null
  /** 0 to 1 */
  min_value: number
  max_value: number
  default_value: number
  safe_value: number
  interlocks: Interlock[]
  required_sensors: RequiredSensor[]
  require_rule_sensors: boolean
  sanity: Sanity | null
  aux_gpio: number | null
  critical: boolean
  inverted_logic: boolean
  /** Hz */
  pwm_frequency: number | null
  /** µs */
  servo_min_pulse: number | null
  servo_max_pulse: number | null
  config_status: Pushed
  config_error: string | null
}

export interface Subzone {
  subzone_id: string
  subzone_name: string | null
  assigned_gpios: number[]
  safe_mode_active: boolean
  status: 'pending' | 'assigned' | 'failed'
  error: string | null
}

/** The path of a device's routes. */
export const pathOf = (device_id: string): string => `/esp/devices/${encodeURIComponent(device_id)}`
export const placePath = (what: 'sensors' | 'actuators', device_id: string, gpio: number): string =>
  `/${what}/${encodeURIComponent(device_id)}/${gpio}`

/** Whether a configuration is that of a sensor that was heard; without an address it is any one of this type there. */
export const isOf = (
  { gpio, sensor_type, address }: Pick<SensorConfig, 'gpio' | 'sensor_type' | 'address'>,
  heard: { gpio: number; sensor_type: string; address: string | null },
): boolean =>
  gpio === heard.gpio && sensor_type === heard.sensor_type && (!address || address === heard.address)

/** Which of several sensors on one pin. */
export function whichOf({ sensor_type, address }: Pick<SensorConfig, 'sensor_type' | 'address'>): string {
  return String(new URLSearchParams({ sensor_type, ...(address && { address }) }))
}

/** Everything of a list that fits into a hundred rows, as everything of one device does. */
export async function configsOf<T>(what: 'sensors' | 'actuators', device_id: string): Promise<T[]> {
  const query = new URLSearchParams({ esp_id: device_id, page_size: '100' })
  return (await call<{ data: T[] }>('GET', `/${what}?${query}`)).data
}

/** What is typed as a number; null where nothing is. Throws ApiError that names the field, also beyond `range`. */
export function numberIn(
  text: string,
  field: string,
  range?: readonly [least: number, most: number],
): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-')
  if (plain === '') return null
  const value = Number(plain)
  if (!Number.isFinite(value)) throw new ApiError(422, '', { [field]: t('device.no_number') })
  if (range && (value < range[0] || value > range[1])) {
    const [least, most] = range.map((end) => number(end))
    throw new ApiError(422, '', { [field]: t('device.from_to', { least, most }) })
  }
  return value
}

/** A pin that is taken is said at the pin. */
export async function atGpio<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApiError && error.beside.code === 'gpio_conflict')
      throw new ApiError(error.status, '', { gpio: error.message }, error.beside)
    throw error
  }
}
