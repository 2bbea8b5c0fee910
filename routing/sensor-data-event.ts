/** A reading as its subscribers hear of it. A processed value of 0 is a value: only null falls back to raw. */
import type { Reading } from '../storage/readings.js'
import type { SensorDataEvent } from './contract/events.js'

export const sensorDataEvent = (reading: Reading, topic: string): SensorDataEvent => ({
  esp_id: reading.esp_id,
  device_id: reading.esp_id,
  gpio: reading.gpio,
  sensor_type: reading.sensor_type,
  address: reading.address || null,
  value: reading.processed_value ?? reading.raw_value,
  raw_value: reading.raw_value,
  processed_value: reading.processed_value,
  unit: reading.unit,
  quality: reading.quality,
  processing_mode: reading.processing_mode,
  data_source: reading.data_source,
  timestamp: reading.timestamp / 1000,
  time_source: reading.time_source,
  zone_id: reading.zone_id,
  topic,
})
