/** How a device is, in a line: for the overview of all of them. rest-contract §13 */
import Type from 'typebox'
import type { Device } from '../storage/devices.js'
import { StatusName, statusOf } from './device-body.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Count = Type.Integer({ minimum: 0 })

export const DeviceVitals = Type.Object({
  device_id: Type.String(),
  name: nullable(Type.String()),
  status: StatusName,
  health_status: nullable(Type.String()),
  flapping: Type.Boolean(),
  last_seen: nullable(Time),
  uptime_seconds: nullable(Type.Integer()),
  heap_free: nullable(Type.Integer({ description: 'bytes' })),
  wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
  sensor_count: Count,
  actuator_count: Count,
})

export const vitalsOf = (device: Device) => ({
  device_id: device.device_id,
  name: device.name,
  status: statusOf(device),
  health_status: device.health_status,
  flapping: device.flapping_since !== null,
  last_seen: iso(device.last_seen),
  uptime_seconds: device.uptime,
  heap_free: device.heap_free,
  wifi_rssi: device.wifi_rssi,
  sensor_count: device.sensor_count,
  actuator_count: device.actuator_count,
})
