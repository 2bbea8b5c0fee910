/**
 * A device as the pages know one (rest-contract §2), with what makes the original's pages better (§16.1): its
 * sensors with their latest values, how it is, and whether it flaps.
 */
import Type, { type Static } from 'typebox'
import type { Findings } from '../routing/findings.js'
import type { Device } from '../storage/devices.js'
import { DeviceActuator, deviceActuators } from './device-actuators.js'
import { createDeviceSensors, DeviceSensor, type DeviceSensorsOptions } from './device-sensors.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Anything = Type.Record(Type.String(), Type.Unknown())
const Count = Type.Integer({ minimum: 0 })
const Text = nullable(Type.String())

/** The words a device's status has in REST. */
export const STATUSES = ['online', 'offline', 'error', 'unknown', 'pending_approval', 'rejected'] as const
export type Status = (typeof STATUSES)[number]
export const StatusName = Type.Enum([...STATUSES], {
  description: 'unknown: let in, and not heard yet',
})

/** One that was let in and was not heard yet, or not since kaiser started, is `unknown`. */
export const statusOf = ({ status }: Device): Status => (status === 'approved' ? 'unknown' : status)

export const DeviceBody = Type.Object({
  id: Type.String(),
  device_id: Type.String(),
  esp_id: Type.String({ description: 'the same as device_id' }),
  name: Text,
  zone_id: Text,
  zone_name: Text,
  master_zone_id: Text,
  subzone_id: Text,
  is_zone_master: Type.Boolean(),
  ip_address: Text,
  mac_address: Text,
  firmware_version: Text,
  hardware_type: Type.String(),
  capabilities: Anything,
  metadata: Anything,
  status: StatusName,
  connected: Type.Boolean({ description: 'it is online' }),
  last_seen: nullable(Time),
  last_heartbeat: nullable(Time),
  heartbeat_interval_s: nullable(Type.Number({ description: 'as observed, seconds' })),
  offline_reason: nullable(Type.String({ description: 'reason of its Will, or heartbeat_timeout' })),
  flapping: Type.Boolean({ description: 'it comes and goes' }),
  flapping_since: nullable(Time),
  health_status: nullable(Type.String({ description: 'healthy, degraded or critical' })),
  system_state: nullable(
    Type.String({ description: 'as the firmware calls it, OPERATIONAL when all is well' }),
  ),
  reset_reason: Text,
  uptime: nullable(Type.Integer({ description: 'seconds' })),
  heap_free: nullable(Type.Integer({ description: 'bytes' })),
  wifi_rssi: nullable(Type.Integer({ description: 'dBm' })),
  sensor_count: Type.Integer({ minimum: 0, description: 'as it says itself' }),
  actuator_count: Type.Integer({ minimum: 0, description: 'as it says itself' }),
  error_count: Count,
  findings: Type.Integer({
    minimum: 0,
    description: 'how many things about it are worth a look: GET /findings',
  }),
  auto_heartbeat: Type.Boolean({ description: 'a mock device that beats regularly' }),
  sensors: Type.Array(DeviceSensor, {
    description: 'every sensor heard of, with its latest value; of a mock device those it has',
  }),
  actuators: Type.Array(DeviceActuator, { description: 'every actuator, as it was reported last' }),
  discovered_at: nullable(Time),
  approved_at: nullable(Time),
  approved_by: Text,
  rejection_reason: Text,
  last_rejection_at: nullable(Time),
  created_at: Time,
  updated_at: Time,
})
export type DeviceBody = Static<typeof DeviceBody>

/** Only mocks are told whether to. */
const beatsByItself = ({ hardware_type, device_metadata }: Device): boolean =>
  hardware_type === 'MOCK_ESP32' && JSON.parse(device_metadata).simulation_config?.auto_heartbeat === true

/** What a page shows beside the device's own row. */
type Beside = Pick<DeviceBody, 'sensors' | 'actuators' | 'findings'>

const deviceBody = (device: Device, { sensors, actuators, findings }: Beside): DeviceBody => ({
  id: device.id,
  device_id: device.device_id,
  esp_id: device.device_id,
  name: device.name,
  zone_id: device.zone_id,
  zone_name: device.zone_name,
  master_zone_id: device.master_zone_id,
  subzone_id: device.subzone_id,
  is_zone_master: device.is_zone_master === 1,
  ip_address: device.ip_address,
  mac_address: device.mac_address,
  firmware_version: device.firmware_version,
  hardware_type: device.hardware_type,
  capabilities: JSON.parse(device.capabilities) as Record<string, unknown>,
  metadata: JSON.parse(device.device_metadata) as Record<string, unknown>,
  status: statusOf(device),
  connected: device.status === 'online',
  last_seen: iso(device.last_seen),
  last_heartbeat: iso(device.last_heartbeat),
  heartbeat_interval_s: device.heartbeat_interval === null ? null : device.heartbeat_interval / 1000,
  offline_reason: device.offline_reason,
  flapping: device.flapping_since !== null,
  flapping_since: iso(device.flapping_since),
  health_status: device.health_status,
  system_state: device.system_state,
  reset_reason: device.reset_reason,
  uptime: device.uptime,
  heap_free: device.heap_free,
  wifi_rssi: device.wifi_rssi,
  sensor_count: device.sensor_count,
  actuator_count: device.actuator_count,
  error_count: device.error_count,
  findings,
  auto_heartbeat: beatsByItself(device),
  sensors,
  actuators,
  discovered_at: iso(device.discovered_at),
  approved_at: iso(device.approved_at),
  approved_by: device.approved_by,
  rejection_reason: device.rejection_reason,
  last_rejection_at: iso(device.last_rejection_at),
  created_at: iso(device.created_at)!,
  updated_at: iso(device.updated_at)!,
})

export interface DeviceBodies {
  one(device: Device): DeviceBody
  /** Of many at once: readings and findings are gone through a single time. */
  many(devices: readonly Device[]): DeviceBody[]
}

export interface DeviceBodiesOptions extends DeviceSensorsOptions {
  findings: Pick<Findings, 'list'>
}

export function createDeviceBodies(options: DeviceBodiesOptions): DeviceBodies {
  const { store, findings, fleet } = options
  const sensors = createDeviceSensors(options)
  const actuatorsOf = ({ device_id }: Device) => deviceActuators(store, device_id, fleet.look(device_id))

  return {
    one: (device) =>
      deviceBody(device, {
        sensors: sensors.of(device),
        actuators: actuatorsOf(device),
        findings: findings.list(device.device_id).length,
      }),
    many(devices) {
      const sensorsOf = sensors.ofMany(devices)
      const found = new Map<string, number>()
      for (const { esp_id } of findings.list()) found.set(esp_id, (found.get(esp_id) ?? 0) + 1)
      return devices.map((device) =>
        deviceBody(device, {
          sensors: sensorsOf.get(device.device_id)!,
          actuators: actuatorsOf(device),
          findings: found.get(device.device_id) ?? 0,
        }),
      )
    },
  }
}
