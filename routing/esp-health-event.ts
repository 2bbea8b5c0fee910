/** A device's health as its subscribers hear of it. protocol.md §5.6 */
import type { Device } from '../storage/devices.js'
import type { EspHealthEvent } from './contract/events.js'

/** `topic` is given when the event was born on MQTT, `reason` when the device went away. */
export const espHealthEvent = (
  device: Device,
  now: number,
  { topic, reason, timeout_seconds }: { topic?: string; reason?: string; timeout_seconds?: number } = {},
): EspHealthEvent => ({
  esp_id: device.device_id,
  device_id: device.device_id,
  status: device.status === 'approved' ? 'unknown' : device.status,
  health_status: device.health_status,
  system_state: device.system_state,
  flapping: device.flapping_since !== null,
  heap_free: device.heap_free,
  wifi_rssi: device.wifi_rssi,
  uptime: device.uptime,
  sensor_count: device.sensor_count,
  actuator_count: device.actuator_count,
  last_seen: device.last_seen === null ? null : device.last_seen / 1000,
  timestamp: now / 1000,
  ...(topic !== undefined && { topic }),
  ...(reason !== undefined && { reason }),
  ...(timeout_seconds !== undefined && { timeout_seconds }),
})
