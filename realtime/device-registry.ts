/** Finding the device that a REST route is about. */
import { isKnown } from '../routing/registry.js'
import type { Device } from '../storage/devices.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { EspId } from './shapes.js'

export const DeviceParams = { esp_id: EspId }

/** The device of a path. Throws Problem (404). */
export function deviceOf(store: Store, esp_id: string): Device {
  const device = store.devices.find(esp_id)
  if (!device) throw new Problem('not_found', `Device ${esp_id} is not known`)
  return device
}

/** The same, where it has to be let in. Throws Problem (404). */
export function approvedDevice(store: Store, esp_id: string): Device {
  const device = deviceOf(store, esp_id)
  if (!isKnown(device)) throw new Problem('not_found', `Device ${esp_id} is not approved: approve it first`)
  return device
}
