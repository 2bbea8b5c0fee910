/** What the REST routes of devices share: finding one, and turning the registry's no into an answer. */
import { isKnown, RegistryError } from '../routing/registry.js'
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

const answered = (error: unknown): unknown =>
  error instanceof RegistryError ? new Problem(error.code, error.message) : error

/** Runs `look`. Throws Problem where the registry says no. */
export function asking<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    throw answered(error)
  }
}

/** Runs `work` in the group and resolves when it is on disk. Throws Problem where the registry says no. */
export async function registered<T>(store: Store, work: () => T): Promise<T> {
  try {
    return await store.group.run(work)
  } catch (error) {
    throw answered(error)
  }
}
