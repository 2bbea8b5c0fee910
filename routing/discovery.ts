/**
 * An unknown device asks to be let in: it is listed for approval, slowly and not without bound, and announced.
 * decisions on discovery; protocol.md §3.5.
 */
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import type { Event, EventData } from './contract/events.js'
import { hardwareTypeOf } from './data-source.js'
import { type Effect, emit } from './effect.js'
import type { Context, Refused } from './handler.js'
import { COOLDOWN, isKnown } from './registry.js'

/** Devices that may be known, and that may wait for approval. */
export const MOST_DEVICES = 20_000
export const MOST_WAITING = 1_000
/** Who waits and was not heard for this long gives its place to another, ms. */
const FORGOTTEN = 86_400_000

/** `paired`: it proved the claim code of a pairing window. */
export const discoveredEvent = (device: Device, topic: string, now: number, paired = false): Event => ({
  type: 'device_discovered',
  data: {
    esp_id: device.device_id,
    device_id: device.device_id,
    discovered_at: (device.discovered_at ?? now) / 1000,
    last_seen: now / 1000,
    zone_id: device.zone_id,
    heap_free: device.heap_free,
    wifi_rssi: device.wifi_rssi,
    sensor_count: device.sensor_count,
    actuator_count: device.actuator_count,
    hardware_type: device.hardware_type,
    ip_address: device.ip_address,
    topic,
    ...(paired && { paired }),
  },
})

export const discovered = (device: Device, topic: string, now: number): Effect =>
  emit('device_discovered', discoveredEvent(device, topic, now).data as EventData['device_discovered'])

/** Is there a place for one more? One that waits and was forgotten is removed for it. */
export function makeRoom(store: Store, now: number): boolean {
  if (store.devices.count >= MOST_DEVICES) return false
  const waiting = store.devices.list().filter((device): device is Device => !isKnown(device))
  if (waiting.length < MOST_WAITING) return true
  const oldest = waiting.reduce((a, b) => ((a.last_seen ?? 0) <= (b.last_seen ?? 0) ? a : b))
  if (now - (oldest.last_seen ?? 0) < FORGOTTEN) return false
  store.devices.remove(oldest)
  return true
}

/**
 * Lists a device that nobody registered; with discovery `auto` it is let in at once. Inside the group. Refused
 * when discovery is off, or too many ask.
 */
export function list(context: Context, esp_id: string, said: Partial<Device>, now: number): Device | Refused {
  if (context.discovery === 'off') return { code: 'device_unknown', detail: `${esp_id} is not registered` }
  const auto = context.discovery === 'auto'
  if (!auto && !context.admit(now))
    return {
      code: 'device_unknown',
      detail: `${esp_id} is not listed: too many new devices at once, it may ask again`,
    }
  if (!makeRoom(context.store, now))
    return { code: 'devices_full', detail: `${esp_id} is not listed: approve, reject or remove others first` }
  const device = context.store.devices.insert(
    esp_id,
    {
      ...said,
      hardware_type: said.hardware_type ?? hardwareTypeOf(esp_id),
      ...(auto
        ? { status: 'approved', approved_at: now, approved_by: 'discovery' }
        : { status: 'pending_approval' }),
      discovered_at: now,
      last_seen: now,
    },
    now,
  )
  context.audit.record(
    {
      event_type: 'device_discovered',
      severity: 'info',
      source_type: 'esp32',
      source_id: esp_id,
      status: auto ? 'success' : 'pending',
      message: `${esp_id} ${auto ? 'was let in' : 'asks to be let in'}`,
      details: { hardware_type: device.hardware_type, ip_address: device.ip_address },
    },
    now,
  )
  return device
}

/**
 * A device that waits, or was rejected, asks again. Inside the group. Its new record when it is to be announced
 * again: a waiting one now and then, a rejected one after its cooldown.
 */
export function askAgain(
  { store }: Pick<Context, 'store'>,
  device: Device,
  said: Partial<Device>,
  now: number,
): Device | undefined {
  const asked = device.status === 'rejected' ? device.last_rejection_at : device.last_seen
  if (now - (asked ?? 0) < COOLDOWN) return undefined
  return store.devices.update(device, { ...said, last_seen: now, status: 'pending_approval' }, now)
}
