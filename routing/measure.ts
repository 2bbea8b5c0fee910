/**
 * A sensor's payload → a reading: which number is the value, in whose time, how far to trust it. A payload
 * carries an engineering value or the sensor's native number; `raw_mode` alone cannot tell (protocol.md §12.1).
 * Native numbers of known types are converted by the sensor library; a user's type is converted later.
 */
import type { Device } from '../storage/devices.js'
import type { Reading } from '../storage/readings.js'
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { SensorData } from './contract/payloads.js'
import { type DataSource, type Quality, qualityOf, worse } from './contract/quality.js'
import { dataSourceOf } from './data-source.js'
import type { Tolerated } from './handler.js'
import type { Instruments } from './instruments.js'
import { busAddress } from './sensors/bus-address.js'
import { convert, engineering, isRemote, type KnownType, type RemoteType } from './sensors/library.js'
import type { Conversion, Converted } from './sensors/sensor-type.js'
import { mended, toRegistry } from './sensors/units.js'
import { measuredAt } from './time.js'

/** What a sensor reported, as a message of its own or as one of a batch. */
export type Reported = Omit<SensorData, 'esp_id'>

/** A reading, and what the rest of the way needs to know about it. */
export interface Measured {
  readonly reading: Reading
  readonly type: KnownType | undefined
  readonly config: SensorConfig | undefined
  /** A user's module converts the native number; until then the reading is raw. */
  readonly later:
    | { readonly type: RemoteType; readonly conversion: Conversion; readonly said: Quality | undefined }
    | undefined
}

/** What is wrong with a payload that its schema cannot say. */
export const invalidReading = (payload: Reported): string | undefined => {
  if (payload.raw != null || payload.raw_value != null) return undefined
  if (payload.raw_mode === false && payload.value != null) return undefined
  return 'raw or raw_value is required (value, when raw_mode is false)'
}

const isMade = (source: DataSource): boolean => source !== 'production'

/** The value in its unit, when the payload carries one; undefined when it carries a native number. */
function engineeringValue(
  payload: Reported,
  source: DataSource,
  config: SensorConfig | undefined,
): number | undefined {
  const { raw, raw_value, value, unit } = payload
  if (payload.raw_mode === false) return value ?? raw_value ?? raw ?? undefined
  if (unit && value != null && value === raw_value) return value
  if (raw == null && raw_value != null && isMade(source)) return raw_value
  if (config?.processing_mode === 'local') return value ?? raw_value ?? raw ?? undefined
  return undefined
}

const addressOf = ({ onewire_address, i2c_address }: Reported): string => {
  if (onewire_address) return busAddress(onewire_address)
  return i2c_address == null ? '' : `0x${i2c_address.toString(16).padStart(2, '0')}`
}

/** The worse of what the device says and what kaiser knows. */
const judged = (said: unknown, ours: Quality, tolerate: (what: Tolerated) => void): Quality => {
  if (said == null) return ours
  const theirs = qualityOf(said)
  if (theirs === undefined) tolerate('quality_unknown')
  return worse(theirs ?? 'unknown', ours)
}

const RAW: Converted = Object.freeze({ value: null, quality: 'unknown' })

/** `tolerate` hears of what is accepted although it should not be so. */
export function measure(
  device: Device,
  gpio: number,
  payload: Reported,
  received_at: number,
  instruments: Instruments,
  tolerate: (what: Tolerated) => void,
): Measured {
  const { device_id } = device
  const data_source = dataSourceOf(payload, device)
  const type = instruments.library.find(payload.sensor_type)
  const sensor_type = type?.type ?? payload.sensor_type.toLowerCase()
  const address = addressOf(payload)
  const config = instruments.configs.find(device_id, gpio, sensor_type, address)
  const ts = payload.ts ?? payload.timestamp
  const { timestamp, time_source } = measuredAt(ts, payload.time_valid, received_at)
  const place = instruments.placeOf(device, gpio, timestamp)
  const value = engineeringValue(payload, data_source, config)
  const native = payload.raw ?? payload.raw_value ?? 0

  if (ts == null) tolerate('ts_missing')
  else if (time_source === 'server') tolerate('clock_wrong')
  if (payload.raw_mode === undefined) tolerate('raw_mode_missing')

  // The registry owns units: a value in another unit of the same quantity becomes one in the registry's.
  const inUnit =
    value === undefined || !type ? value : (toRegistry(type.unit, payload.unit)?.(value) ?? value)
  let converted = RAW
  let later: Measured['later']
  let mode: Reading['processing_mode'] = 'raw'
  if (inUnit !== undefined) {
    mode = 'local'
    converted = type
      ? engineering(type, inUnit, config?.calibration ?? null)
      : { value: inUnit, quality: 'unknown' }
  } else if (type && config?.processing_mode !== 'raw') {
    const conversion = instruments.conversion(device_id, type, config, timestamp)
    if (isRemote(type)) later = { type, conversion, said: qualityOf(payload.quality) }
    else {
      mode = 'pi_enhanced'
      converted = convert(type, native, conversion)
    }
  }

  return {
    type,
    config,
    later,
    reading: {
      esp_id: device_id,
      gpio,
      sensor_type,
      address,
      timestamp,
      time_source,
      received_at,
      raw_value: inUnit ?? native,
      processed_value: converted.value,
      // A raw number of a known type is not in its unit.
      unit: type ? (mode === 'raw' ? null : type.unit || null) : mended(payload.unit),
      quality: judged(payload.quality, converted.quality, tolerate),
      processing_mode: mode,
      seq: payload.seq ?? null,
      boot: device.boot,
      zone_id: place.zone_id,
      subzone_id: place.subzone_id,
      data_source,
    },
  }
}
