/**
 * A sensor config as the pages know one (rest-contract §2), with the latest reading it holds for, and ours: bus
 * address, options of the conversion, probe, and how far the device has come with it.
 */
import Type, { type Static } from 'typebox'
import { QUALITIES } from '../routing/contract/quality.js'
import type { Reading } from '../storage/readings.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import { Gpio, nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Anything = Type.Record(Type.String(), Type.Unknown())
const Limit = nullable(Type.Number({ description: 'in the unit of the sensor type' }))

export const ModeName = Type.Enum(['pi_enhanced', 'local', 'raw'], {
  description:
    'pi_enhanced: kaiser converts native numbers; local: the device sends values in their unit; raw: kept as they come',
})

/** A calibration as it is applied. */
export const CalibrationBody = Type.Object({
  method: Type.Enum(['offset', 'linear', 'dry_wet', 'factor']),
  points: Type.Array(Type.Object({ raw: Type.Number(), reference: Type.Number() })),
  temperature: nullable(Type.Number({ description: 'of the references, °C' })),
  coefficients: Type.Record(Type.String(), Type.Number()),
})

export const SensorConfigBody = Type.Object({
  id: Type.String(),
  esp_id: Type.String({ description: 'uuid of the device’s row' }),
  esp_device_id: Type.String({ description: 'device id' }),
  gpio: Gpio,
  sensor_type: Type.String({ description: 'canonical name' }),
  address: nullable(Type.String({ description: 'null: every bus address of that GPIO and type' })),
  name: nullable(Type.String()),
  enabled: Type.Boolean(),
  interval_ms: Type.Integer({ description: 'ms' }),
  processing_mode: ModeName,
  calibration: nullable(
    Type.Object({
      ...CalibrationBody.properties,
      id: nullable(Type.Integer({ description: 'in the history; null where it was written in by hand' })),
      performed_at: nullable(Time),
      due_at: nullable(Time),
    }),
  ),
  probe_serial: nullable(Type.String()),
  params: Type.Record(Type.String(), Type.Unknown(), { description: 'options of the conversion' }),
  threshold_min: Limit,
  threshold_max: Limit,
  warning_min: Limit,
  warning_max: Limit,
  metadata: Anything,
  config_status: Type.Enum(['pending', 'applied', 'failed'], {
    description:
      'pending: the device has not answered; applied: it took it, as it said or as its readings show; failed: it refused it, and config_error says why',
  }),
  config_error: nullable(Type.String()),
  latest_value: nullable(Type.Number({ description: 'processed, else as it came' })),
  latest_quality: nullable(Type.Enum([...QUALITIES])),
  latest_timestamp: nullable(Time),
  created_at: Time,
  updated_at: Time,
})
export type SensorConfigBody = Static<typeof SensorConfigBody>

const calibrationBody = ({ calibration }: SensorConfig): SensorConfigBody['calibration'] =>
  calibration && {
    method: calibration.method,
    points: [...calibration.points],
    temperature: calibration.temperature,
    coefficients: calibration.coefficients,
    id: calibration.id ?? null,
    performed_at: iso(calibration.performed_at ?? null),
    due_at: iso(calibration.due_at ?? null),
  }

const latestOf = (config: SensorConfig, readings: readonly Reading[]): Reading | undefined =>
  readings
    .filter(({ gpio, sensor_type }) => gpio === config.gpio && sensor_type === config.sensor_type)
    .filter(({ address }) => config.address === '' || config.address === address)
    .reduce<Reading | undefined>((a, b) => (a && a.timestamp >= b.timestamp ? a : b), undefined)

const bodyOf = (config: SensorConfig, device_row: string, latest: Reading | undefined): SensorConfigBody => ({
  id: config.id,
  esp_id: device_row,
  esp_device_id: config.esp_id,
  gpio: config.gpio,
  sensor_type: config.sensor_type,
  address: config.address || null,
  name: config.sensor_name,
  enabled: config.enabled === 1,
  interval_ms: config.sample_interval_ms,
  processing_mode: config.processing_mode,
  calibration: calibrationBody(config),
  probe_serial: config.probe_serial,
  params: config.params,
  threshold_min: config.threshold_min,
  threshold_max: config.threshold_max,
  warning_min: config.warning_min,
  warning_max: config.warning_max,
  metadata: config.metadata,
  config_status: config.config_status,
  config_error: config.config_error,
  latest_value: latest ? (latest.processed_value ?? latest.raw_value) : null,
  latest_quality: latest?.quality ?? null,
  latest_timestamp: iso(latest?.timestamp ?? null),
  created_at: iso(config.created_at)!,
  updated_at: iso(config.updated_at)!,
})

/** Of many at once: the readings of each device are looked up a single time. */
export function sensorConfigBodies(store: Store, configs: readonly SensorConfig[]): SensorConfigBody[] {
  const readings = new Map<string, readonly Reading[]>()
  for (const { esp_id } of configs)
    if (!readings.has(esp_id)) readings.set(esp_id, store.readings.latest(esp_id))
  return configs.map((config) =>
    bodyOf(
      config,
      store.devices.find(config.esp_id)?.id ?? config.esp_id,
      latestOf(config, readings.get(config.esp_id)!),
    ),
  )
}

export const sensorConfigBody = (store: Store, config: SensorConfig): SensorConfigBody =>
  sensorConfigBodies(store, [config])[0]!
