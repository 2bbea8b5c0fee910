/**
 * Where a reading was measured: zone of the device and subzone of the gpio, at the time of measuring. The
 * present is in the device's row and its subzones; whoever changes it writes down first how it was.
 */
import type { Device } from '../../storage/devices.js'
import type { Store } from '../../storage/store.js'

export interface Place {
  zone_id: string | null
  subzone_id: string | null
}

type Rows = Pick<Store, 'subzones' | 'placements'>

export type PlaceOf = (device: Device, gpio: number, timestamp: number) => Place

export const createPlaceOf =
  ({ subzones, placements }: Rows): PlaceOf =>
  (device, gpio, timestamp) => {
    const { device_id } = device
    const past = placements.find(device_id, timestamp)
    return past
      ? { zone_id: past.zone_id, subzone_id: past.subzones.get(gpio) ?? null }
      : { zone_id: device.zone_id, subzone_id: subzones.of(device_id, gpio) ?? device.subzone_id }
  }

const NONE: ReadonlyMap<number, string> = new Map()

/** The device is about to be moved, or its gpios are: remembers where they were. Inside the group. */
export const leave = ({ subzones, placements }: Rows, device: Device, now: number): void =>
  placements.insert({
    esp_id: device.device_id,
    until_at: now,
    zone_id: device.zone_id,
    subzones: subzones.gpios(device.device_id) ?? NONE,
  })
