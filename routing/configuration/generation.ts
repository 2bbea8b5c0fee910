/**
 * The number of a configuration: devices refuse one that is older than theirs, so it only ever grows, also after a
 * restart, with a clock that was put back, and for a message that could not be written down. Seconds since 1970 to
 * begin with, because another database may have told the device something before. Kept in the device's metadata.
 */
import type { Device, Devices } from '../../storage/devices.js'

export interface Generations {
  /** The next `count` numbers, the first of them. Inside the group. */
  take(device: Device, count: number, now: number): number
  /** Was it ever told anything? */
  any(device: Device): boolean
}

const KEY = 'config_generation'

const storedIn = ({ device_metadata }: Device): number | undefined => {
  if (!device_metadata.includes(KEY)) return undefined
  const { [KEY]: generation } = JSON.parse(device_metadata) as { [KEY]?: unknown }
  return Number.isSafeInteger(generation) ? (generation as number) : undefined
}

export function createGenerations(devices: Pick<Devices, 'update'>): Generations {
  /** The last one of each device, also where its row was withdrawn. */
  const last = new Map<string, number>()
  return {
    take(device, count, now) {
      const before = Math.max(storedIn(device) ?? 0, last.get(device.device_id) ?? 0)
      const first = Math.max(before + 1, Math.floor(now / 1000))
      const generation = first + count - 1
      last.set(device.device_id, generation)
      const others = JSON.parse(device.device_metadata) as object
      devices.update(device, { device_metadata: JSON.stringify({ ...others, [KEY]: generation }) }, now)
      return first
    },
    any: (device) => last.has(device.device_id) || storedIn(device) !== undefined,
  }
}
