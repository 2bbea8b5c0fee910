/**
 * What a zone is called. A zone has one name, and all of its devices show it. Pages that drag a device into a
 * zone make a name up from the id (`zelt_1` → "Zelt 1"): such a name never replaces one that somebody chose.
 */
import type { Store } from '../../storage/store.js'

/** The name that pages make up. */
const madeUp = (zone_id: string): string =>
  zone_id
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

export interface Named {
  zone_name: string | null
  master_zone_id: string | null
}

/** The name and parent of a zone, after somebody gave these or none. Inside the group. */
export function named(
  { zones, devices }: Pick<Store, 'zones' | 'devices'>,
  zone_id: string,
  given: Partial<Named>,
  now: number,
): Named {
  const known = zones.find(zone_id)
  const chosen = given.zone_name && !(known?.name && given.zone_name === madeUp(zone_id))
  const zone_name = chosen ? given.zone_name! : (known?.name ?? null)
  const master_zone_id = given.master_zone_id || known?.master_zone_id || null
  if (zone_name !== (known?.name ?? null) || master_zone_id !== (known?.master_zone_id ?? null))
    zones.upsert(zone_id, { name: zone_name, master_zone_id }, now)
  for (const device of devices.list())
    if (device.zone_id === zone_id && device.zone_name !== zone_name)
      devices.update(device, { zone_name }, now)
  return { zone_name, master_zone_id }
}
