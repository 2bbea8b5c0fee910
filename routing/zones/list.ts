/** The zones there are: those that have a device, and those that have a name. */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'
import { isKnown } from '../registry.js'
import { isLive } from './subzones.js'

export interface ListedZone {
  zone_id: string
  zone_name: string | null
  master_zone_id: string | null
  device_count: number
  online_count: number
  subzone_count: number
}

/** By id. */
export function listZones(store: Pick<Store, 'devices' | 'zones' | 'subzones'>): ListedZone[] {
  const inside = new Map<string, Device[]>(store.zones.list().map(({ zone_id }) => [zone_id, []]))
  for (const device of store.devices.list()) {
    if (!isKnown(device) || device.zone_id === null) continue
    const others = inside.get(device.zone_id)
    if (others) others.push(device)
    else inside.set(device.zone_id, [device])
  }
  return [...inside.keys()].sort().map((zone_id) => {
    const devices = inside.get(zone_id)!
    const zone = store.zones.find(zone_id)
    return {
      zone_id,
      zone_name: zone?.name ?? devices[0]?.zone_name ?? null,
      master_zone_id: zone?.master_zone_id ?? devices[0]?.master_zone_id ?? null,
      device_count: devices.length,
      online_count: devices.filter(({ status }) => status === 'online').length,
      subzone_count: devices.flatMap(({ device_id }) => store.subzones.list(device_id).filter(isLive)).length,
    }
  })
}
