/**
 * Who is let in: discovery, registration, approval, rejection. Pure steps on the store; whoever calls them is
 * inside the group. Limits and states: decisions on devices; the original's numbers, protocol.md §3.5.
 */
import { randomBytes } from 'node:crypto'
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import { neededBy } from './actuators/interlocks.js'
import { sensorNeededBy } from './actuators/named-sensors.js'
import { ESP_ID } from './contract/topics.js'
import { hardwareTypeOf } from './data-source.js'
import { hashSecret } from './passwords.js'
import { RequestRefused } from './request-refused.js'

/** What a device logs in with; the password is told once and kept as a hash. */
export interface Credentials {
  mqtt_username: string
  mqtt_password: string
}

/** A device that may send: not pending, not rejected. */
export const isKnown = (device: Device | undefined): device is Device =>
  device !== undefined && device.status !== 'pending_approval' && device.status !== 'rejected'

/** 128 random bits; a fast hash is enough for a secret that nobody chose. */
const issue = (device_id: string): { credentials: Credentials; password_hash: string } => {
  const mqtt_password = randomBytes(16).toString('base64url')
  return {
    credentials: { mqtt_username: device_id, mqtt_password },
    password_hash: hashSecret(mqtt_password),
  }
}

const existing = (store: Store, device_id: string): Device => {
  const device = store.devices.find(device_id)
  if (!device) throw new RequestRefused('not_found', `device ${device_id} is not known`)
  return device
}

/** How long a rejected device is not listed again, ms. protocol.md §3.5 */
export const COOLDOWN = 300_000

/** Fields of a device that people give when they register it. */
export type Described = Partial<
  Pick<
    Device,
    | 'name'
    | 'hardware_type'
    | 'zone_id'
    | 'zone_name'
    | 'ip_address'
    | 'mac_address'
    | 'firmware_version'
    | 'is_zone_master'
    | 'capabilities'
  >
>

/** Registers and thereby approves a device; a pending one becomes approved. Throws RequestRefused. */
export function register(
  store: Store,
  device_id: string,
  described: Described,
  by: string,
  now: number,
): { device: Device; credentials: Credentials } {
  if (!ESP_ID.test(device_id))
    throw new RequestRefused(
      'request_invalid',
      `"${device_id}" is no device id: 1 to 50 letters, digits, _ and -`,
    )
  const known = store.devices.find(device_id)
  if (known && known.status !== 'pending_approval' && known.status !== 'rejected')
    throw new RequestRefused('already_exists', `device ${device_id} is registered already`)
  if (known) return approve(store, device_id, by, now, described)
  const { credentials, password_hash } = issue(device_id)
  const device = store.devices.insert(
    device_id,
    {
      hardware_type: hardwareTypeOf(device_id),
      ...described,
      status: 'approved',
      approved_at: now,
      approved_by: by,
      password_hash,
    },
    now,
  )
  return { device, credentials }
}

/** Lets a waiting or rejected device in. Throws RequestRefused when there is none. */
export function approve(
  store: Store,
  device_id: string,
  by: string,
  now: number,
  described: Described = {},
): { device: Device; credentials: Credentials } {
  const waiting = existing(store, device_id)
  if (isKnown(waiting)) throw new RequestRefused('already_exists', `device ${device_id} is approved already`)
  const { credentials, password_hash } = issue(device_id)
  const device = store.devices.update(
    waiting,
    {
      ...described,
      status: 'approved',
      approved_at: now,
      approved_by: by,
      rejection_reason: null,
      password_hash,
    },
    now,
  )
  return { device, credentials }
}

/** Gives a device that is let in a new password; the old one ends. Throws RequestRefused. */
export function renew(
  store: Store,
  device_id: string,
  now: number,
): { device: Device; credentials: Credentials } {
  const device = existing(store, device_id)
  if (!isKnown(device)) throw new RequestRefused('not_found', `device ${device_id} is not approved`)
  const { credentials, password_hash } = issue(device_id)
  return { device: store.devices.update(device, { password_hash }, now), credentials }
}

/** Shuts a device out. Throws RequestRefused when there is none. */
export const reject = (store: Store, device_id: string, reason: string | null, now: number): Device =>
  store.devices.update(
    existing(store, device_id),
    { status: 'rejected', rejection_reason: reason, last_rejection_at: now, password_hash: null },
    now,
  )

/** Puts a device back to those who wait: it counts as unknown until it is approved. Throws RequestRefused. */
export const setPending = (store: Store, device_id: string, now: number): Device =>
  store.devices.update(
    existing(store, device_id),
    { status: 'pending_approval', approved_at: null, approved_by: null, rejection_reason: null },
    now,
  )

/** What people say about a device they know already. */
export type Amended = Partial<
  Pick<Device, 'name' | 'zone_id' | 'zone_name' | 'is_zone_master' | 'capabilities' | 'hardware_type'>
>

/** Keys of `device_metadata` that are kaiser's own: people change the others only. protocol.md §9, §3.7 */
const OWN_METADATA = [
  'mock',
  'simulation_state',
  'simulation_config',
  'simulation_demo',
  'pending_zone_assignment',
  'config_generation',
  'last_disconnect',
]

/** The metadata people give, with kaiser's own keys as they were. */
function metadataOf(device: Device, given: object): string {
  const before = JSON.parse(device.device_metadata) as Record<string, unknown>
  const theirs = Object.entries(given).filter(([key]) => !OWN_METADATA.includes(key))
  const ours = Object.entries(before).filter(([key]) => OWN_METADATA.includes(key))
  return JSON.stringify(Object.fromEntries([...theirs, ...ours]))
}

/** Changes what is given; `metadata` replaces all that is not kaiser's own. Throws RequestRefused. */
export function amend(
  store: Store,
  device_id: string,
  amended: Amended,
  metadata: object | undefined,
  now: number,
): Device {
  const device = existing(store, device_id)
  const device_metadata = metadata && { device_metadata: metadataOf(device, metadata) }
  return store.devices.update(device, { ...amended, ...device_metadata }, now)
}

/** May it go? Throws RequestRefused when it is not known, or others depend on its actuators or sensors. */
export function checkRemoval(store: Store, device_id: string): Device {
  const device = existing(store, device_id)
  const needed = neededBy(store.actuatorConfigs, ({ esp_id }) => esp_id === device_id)
  if (needed) throw new RequestRefused('actuator_needed', needed)
  const isIts = ({ esp_id }: { readonly esp_id: string }) => esp_id === device_id
  const heard = sensorNeededBy(store.actuatorConfigs, isIts, (config) => !isIts(config))
  if (heard) throw new RequestRefused('sensor_needed', heard)
  return device
}

/** Forgets a device, its health, sensors, actuators and where it was; its readings and history stay. Throws RequestRefused. */
export function remove(store: Store, device_id: string): void {
  store.devices.remove(checkRemoval(store, device_id))
  store.deviceHealth.remove(device_id)
  store.sensorConfigs.removeDevice(device_id)
  for (const table of [
    store.actuatorConfigs,
    store.actuatorStates,
    store.actuatorTimers,
    store.actuatorRuns,
    store.emergencyDevices,
  ])
    table.removeDevice(device_id)
  store.mocks.remove(device_id)
  store.subzones.removeDevice(device_id)
  store.placements.removeDevice(device_id)
}

/** At most this many new devices are listed a minute. */
const NEW_A_MINUTE = 10
const MINUTE = 60_000

/** Slows a flood of unknown ids down to what a person can look at: may another one be listed now? */
export function createListingLimit(): (now: number) => boolean {
  let listed: number[] = []
  return (now) => {
    listed = listed.filter((at) => now - at < MINUTE)
    if (listed.length >= NEW_A_MINUTE) return false
    listed.push(now)
    return true
  }
}
