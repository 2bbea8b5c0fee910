/**
 * The devices as they were listed and heard last. What of them decides where they stand on a page (name, zone,
 * status) is kept apart, and changes only when it does: ten thousand heartbeats a minute move no card.
 */
import { shallowReactive, toRaw } from 'vue'
import type { Device } from '../rest.js'
import { createCoalesced } from './coalesced.js'
import { sensorKey } from './readings.js'

export const devices = shallowReactive(new Map<string, Device>())

/** Where a device stands, and whether it is well. */
export interface Shape {
  readonly device_id: string
  readonly title: string
  readonly zone_id: string | null
  readonly zone_name: string | null
  readonly status: string
  readonly flapping: boolean
  readonly safe_mode: boolean
}

export const shapes = shallowReactive(new Map<string, Shape>())
const changing = createCoalesced(shapes)

/** What people call a sensor, by the key of its reading. */
export const sensorNames = shallowReactive(new Map<string, string>())

/** A device that speaks before any list has named it. */
export const unlisted = (device_id: string): Device => ({
  ...{ device_id, name: null, status: 'unknown', hardware_type: null, last_seen: null },
  ...{ zone_id: null, zone_name: null, heap_free: null, wifi_rssi: null, uptime: null },
  ...{ flapping: false, offline_reason: null, health_status: null, system_state: null },
})

/** Safe mode, as the firmware calls its states. */
const isSafeMode = (state: string | null): boolean => state?.startsWith('SAFE_MODE') ?? false

const shapeOf = (device: Device): Shape => ({
  device_id: device.device_id,
  title: device.name || device.device_id,
  zone_id: device.zone_id,
  zone_name: device.zone_name,
  status: device.status,
  flapping: device.flapping,
  safe_mode: isSafeMode(device.system_state),
})

const isSame = (one: Shape, other: Shape | undefined): boolean =>
  other !== undefined && (Object.keys(one) as (keyof Shape)[]).every((name) => one[name] === other[name])

/** Takes over what is known of a device now. */
export function keepDevice(device: Device): void {
  devices.set(device.device_id, device)
  const shape = shapeOf(device)
  if (!isSame(shape, changing.get(device.device_id))) changing.set(device.device_id, shape)
}

/** The same for one that a list brought, with the names of its sensors. */
export function listDevice(device: Device): void {
  keepDevice(device)
  nameSensors(device)
}

/** What people call its sensors now. */
export function nameSensors(device: Pick<Device, 'device_id' | 'sensors'>): void {
  for (const sensor of device.sensors ?? []) {
    const key = sensorKey({ esp_id: device.device_id, ...sensor })
    if (sensor.name) {
      if (toRaw(sensorNames).get(key) !== sensor.name) sensorNames.set(key, sensor.name)
    } else if (toRaw(sensorNames).has(key)) sensorNames.delete(key)
  }
}

/** These are all there are: drops the others. */
export function keepOnly(listed: ReadonlySet<string>): void {
  changing.settle()
  for (const id of [...toRaw(devices).keys()]) {
    if (listed.has(id)) continue
    devices.delete(id)
    shapes.delete(id)
  }
}

export function forgetDevices(): void {
  changing.drop()
  for (const map of [devices, shapes, sensorNames]) map.clear()
}
