/**
 * A zone that people give while they register, approve or describe a device is an assignment like any other:
 * written down, told to the device, heard by others. A zone that is as it was is none.
 */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import type { Effect } from '../effect.js'
import { named } from './names.js'
import type { Zoning } from './zoning.js'

/** What people said: undefined is nothing, null is none. */
export interface DescribedZone {
  zone_id?: string | null | undefined
  zone_name?: string | null | undefined
}

/** Inside the group: the device as it is then, and what there is to say after the commit. */
export function describeZone(
  store: Store,
  { zones }: Pick<Zoning, 'zones'>,
  device: Device,
  { zone_id, zone_name }: DescribedZone,
  by: string,
  now: number,
): { device: Device; effects: readonly Effect[] } {
  const wanted = zone_id === undefined ? device.zone_id : zone_id ? zone_id.toLowerCase() : null
  if (wanted !== device.zone_id)
    return zones.assign(
      device,
      wanted === null ? null : { zone_id: wanted, zone_name: zone_name ?? null },
      by,
      now,
    )
  if (zone_name === undefined || zone_name === device.zone_name) return { device, effects: [] }
  if (wanted !== null && zone_name) {
    named(store, wanted, { zone_name }, now)
    return { device: store.devices.find(device.device_id) ?? device, effects: [] }
  }
  return { device: store.devices.update(device, { zone_name }, now), effects: [] }
}
