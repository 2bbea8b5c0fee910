/**
 * Setting how a sensor is to be read: finding the config that is meant, checking what one is set to, writing it.
 * Steps on the store; whoever calls those that write is inside the group. A field that is not given stays as it
 * is, null clears it. Limits: rest-contract §9, decisions on sensor types.
 */
import type { Device } from '../storage/devices.js'
import type { ConfigFields, SensorConfig, SensorKey } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { isMeantBy, sensorNeededBy } from './actuators/named-sensors.js'
import { calibrationOfProbe } from './calibrate.js'
import { createPins } from './configuration/pins.js'
import { RequestRefused, refusedField } from './request-refused.js'
import { busAddress } from './sensors/bus-address.js'
import type { Library } from './sensors/library.js'
import { storedCalibration } from './sensors/stored-calibration.js'

/** Configs a device may have; the original's firmware reads 20 sensors at most. */
export const CONFIGS_PER_DEVICE = 64

/** Longest JSON text of params and metadata, characters. */
const LONGEST = { params: 4_096, metadata: 16_384 } as const

/** What somebody says about a sensor. A field that is missing stays as it is. */
export interface ConfigRequest {
  sensor_name?: string | null
  enabled?: boolean
  processing_mode?: SensorConfig['processing_mode']
  sample_interval_ms?: number
  threshold_min?: number | null
  threshold_max?: number | null
  warning_min?: number | null
  warning_max?: number | null
  probe_serial?: string | null
  params?: Readonly<Record<string, unknown>> | null
  metadata?: Readonly<Record<string, unknown>> | null
  /** Ours or one of the original's shapes. */
  calibration?: unknown
}

/** Which sensor is meant, as far as somebody said. */
export interface Meant {
  esp_id: string
  /** The gpio, or the id of the config. */
  gpio: number | string
  sensor_type?: string | undefined
  address?: string | undefined
}

const spelled = ({ sensor_type, address }: SensorKey): string =>
  address === '' ? sensor_type : `${sensor_type} at ${address}`

/** The one config that is meant. Throws RequestRefused when there is none, or more than one. */
export function locate(store: Store, library: Library, meant: Meant): SensorConfig {
  const { esp_id, gpio } = meant
  if (!store.devices.find(esp_id)) throw new RequestRefused('not_found', `Device ${esp_id} is not known`)
  if (typeof gpio === 'string') {
    const config = store.sensorConfigs.get(gpio)
    if (config?.esp_id === esp_id) return config
    throw new RequestRefused('not_found', `${esp_id} has no sensor config ${gpio}`)
  }
  const sensor_type = meant.sensor_type && library.normalise(meant.sensor_type)
  const address = meant.address && busAddress(meant.address)
  const found = store.sensorConfigs
    .list(esp_id)
    .filter((config) => config.gpio === gpio)
    .filter((config) => !sensor_type || config.sensor_type === sensor_type)
    .filter((config) => !address || config.address === address)
  if (found.length === 1) return found[0]!
  // As when one is set: without an address the config for every address is meant.
  const general = found.find((config) => config.address === '')
  if (general && found.every((config) => config.sensor_type === general.sensor_type)) return general
  const kind = sensor_type ? ` of type ${sensor_type}` : ''
  const place = address ? ` at address ${address}` : ''
  if (found.length === 0)
    throw new RequestRefused('not_found', `${esp_id} has no sensor config on GPIO ${gpio}${kind}${place}`)
  throw new RequestRefused(
    'sensor_ambiguous',
    `${found.length} sensors share GPIO ${gpio} of ${esp_id} (${found.map(spelled).join(', ')}): say which by sensor_type and address`,
  )
}

/** The same, when no actuator must hear from it, or another config is there for that. Throws RequestRefused. */
export function removableSensor(store: Store, library: Library, meant: Meant): SensorConfig {
  const config = locate(store, library, meant)
  const others = store.sensorConfigs.list(config.esp_id).filter(({ id }) => id !== config.id)
  const needed = sensorNeededBy(
    store.actuatorConfigs,
    (name) => isMeantBy(name)(config) && !others.some(isMeantBy(name)),
  )
  if (needed) throw new RequestRefused('sensor_needed', needed)
  return config
}

function inOrder(fields: ConfigFields, before: SensorConfig | undefined): void {
  for (const [low, high] of [
    ['threshold_min', 'threshold_max'],
    ['warning_min', 'warning_max'],
  ] as const) {
    const least = fields[low] ?? (low in fields ? null : (before?.[low] ?? null))
    const most = fields[high] ?? (high in fields ? null : (before?.[high] ?? null))
    if (least !== null && most !== null && least >= most)
      throw refusedField(low, least, `must be below ${high}, which is ${most}`, 'below_other', {
        limit: most,
      })
  }
}

function bounded(name: keyof typeof LONGEST, value: object): void {
  if (JSON.stringify(value).length > LONGEST[name])
    throw refusedField(name, null, `must take at most ${LONGEST[name]} characters`, 'text_within', {
      most: LONGEST[name],
    })
}

const EMPTY = Object.freeze({})

/** The calibration somebody wrote into a config; the one that is applied already stays what it is. */
function written(
  library: Library,
  sensor_type: string,
  calibration: unknown,
  before: SensorConfig | undefined,
): SensorConfig['calibration'] {
  if (calibration === null) return null
  const type = library.find(sensor_type)
  if (!type)
    throw refusedField(
      'calibration',
      calibration,
      `must be null: kaiser knows no sensor type ${sensor_type}`,
      'sensor_type_unknown',
      {
        sensor_type,
      },
    )
  const made = storedCalibration(type, calibration)
  if (typeof made === 'string') throw refusedField('calibration', calibration, made)
  const known = before?.calibration
  const same =
    known &&
    made &&
    known.method === made.method &&
    JSON.stringify(known.coefficients) === JSON.stringify(made.coefficients)
  return same ? known : made
}

function fieldsOf(
  store: Store,
  library: Library,
  key: SensorKey,
  { enabled, params, metadata, calibration, ...request }: ConfigRequest,
  before: SensorConfig | undefined,
): ConfigFields {
  const fields: ConfigFields = {
    ...request,
    ...(enabled !== undefined && { enabled: enabled ? 1 : 0 }),
    ...(params !== undefined && { params: params ?? EMPTY }),
    ...(metadata !== undefined && { metadata: metadata ?? EMPTY }),
  }
  inOrder(fields, before)
  bounded('params', fields.params ?? EMPTY)
  bounded('metadata', fields.metadata ?? EMPTY)
  if (calibration !== undefined)
    return { ...fields, calibration: written(library, key.sensor_type, calibration, before) }
  const { probe_serial } = fields
  if (probe_serial === undefined || probe_serial === (before?.probe_serial ?? null)) return fields
  return { ...fields, calibration: calibrationOfProbe(store, key, before, probe_serial) }
}

/**
 * Makes or changes a config. A new one, and one that is read otherwise than before, is `pending` until the
 * device answers or data comes. Throws RequestRefused.
 */
export function setConfig(
  store: Store,
  library: Library,
  device: Device,
  sensor: { gpio: number; sensor_type: string; address?: string | null | undefined },
  request: ConfigRequest,
  now: number,
): { config: SensorConfig; created: boolean } {
  const key: SensorKey = {
    esp_id: device.device_id,
    gpio: sensor.gpio,
    sensor_type: library.normalise(sensor.sensor_type),
    address: busAddress(sensor.address),
  }
  const before = store.sensorConfigs.exact(key)
  if (!before && store.sensorConfigs.count(key.esp_id) >= CONFIGS_PER_DEVICE)
    throw new RequestRefused(
      'configs_full',
      `${key.esp_id} has ${CONFIGS_PER_DEVICE} sensor configs, which is all it may have: delete one first`,
    )
  if (request.enabled ?? before?.enabled !== 0) {
    const taken = createPins(store, library).sensor(device, key)
    if (taken) throw new RequestRefused('gpio_conflict', taken)
  }
  const fields = fieldsOf(store, library, key, request, before)
  if (!before) return { config: store.sensorConfigs.insert(key, fields, now), created: true }
  const config = store.sensorConfigs.update(
    before,
    { ...fields, config_status: 'pending', config_error: null },
    now,
  )
  return { config, created: false }
}

/** The config that is meant; made, as it comes, where a sensor of a named type has none yet. Throws RequestRefused. */
export function locateOrMake(
  store: Store,
  library: Library,
  device: Device,
  sensor: { gpio: number; sensor_type?: string | undefined; address?: string | undefined },
  now: number,
): SensorConfig {
  try {
    return locate(store, library, { ...sensor, esp_id: device.device_id })
  } catch (error) {
    const { gpio, sensor_type, address } = sensor
    if (!(error instanceof RequestRefused) || error.code !== 'not_found' || !sensor_type) throw error
    return setConfig(store, library, device, { gpio, sensor_type, address }, {}, now).config
  }
}
