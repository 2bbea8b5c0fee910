/**
 * A sensor's payload → a reading: which number is the value, in whose time, how far to trust it. A payload
 * carries an engineering value or the sensor's native number; `raw_mode` alone cannot tell (protocol.md §12.1).
 */
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import type { SensorData } from './contract/payloads.js'
import { type DataSource, qualityOf } from './contract/quality.js'
import { dataSourceOf } from './data-source.js'
import type { Tolerated } from './handler.js'
import { measuredAt } from './time.js'

/** What is wrong with a payload that its schema cannot say. */
export const invalidReading = (payload: SensorData): string | undefined => {
  if (payload.raw != null || payload.raw_value != null) return undefined
  if (payload.raw_mode === false && payload.value != null) return undefined
  return 'raw or raw_value is required (value, when raw_mode is false)'
}

const isMade = (source: DataSource): boolean => source !== 'production'

/** The value in its unit, when the payload carries one; undefined when it carries a native number. */
function engineeringValue(payload: SensorData, source: DataSource): number | undefined {
  const { raw, raw_value, value, unit } = payload
  if (payload.raw_mode === false) return value ?? raw_value ?? raw ?? undefined
  if (unit && value != null && value === raw_value) return value
  if (raw == null && raw_value != null && isMade(source)) return raw_value
  return undefined
}

const addressOf = ({ onewire_address, i2c_address }: SensorData): string => {
  if (onewire_address) return onewire_address
  return i2c_address == null ? '' : `0x${i2c_address.toString(16).padStart(2, '0')}`
}

/** `tolerate` hears of what is accepted although it should not be so. */
export function measure(
  device: Device,
  gpio: number,
  payload: SensorData,
  received_at: number,
  tolerate: (what: Tolerated) => void,
): Reading {
  const data_source = dataSourceOf(payload, device)
  const ts = payload.ts ?? payload.timestamp
  const { timestamp, time_source } = measuredAt(ts, payload.time_valid, received_at)
  const engineering = engineeringValue(payload, data_source)
  const quality = qualityOf(payload.quality)

  if (ts == null) tolerate('ts_missing')
  if (payload.raw_mode === undefined) tolerate('raw_mode_missing')
  if (quality === undefined && payload.quality != null) tolerate('quality_unknown')

  return {
    esp_id: device.device_id,
    gpio,
    sensor_type: payload.sensor_type.toLowerCase(),
    address: addressOf(payload),
    timestamp,
    time_source,
    received_at,
    raw_value: engineering ?? payload.raw ?? payload.raw_value ?? 0,
    processed_value: engineering ?? null,
    unit: payload.unit || null,
    quality: quality ?? 'unknown',
    processing_mode: engineering === undefined ? 'raw' : 'local',
    seq: payload.seq ?? null,
    boot: device.boot,
    zone_id: device.zone_id,
    subzone_id: device.subzone_id,
    data_source,
  }
}
