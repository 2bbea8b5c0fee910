/**
 * What a device was asked about its zone and has not answered: one thing at a time, the newest. It is kept in
 * the device's metadata (protocol.md §4), so that it survives a restart and people can see it.
 */
import type { Device } from '../../storage/devices.js'

export interface PendingZone {
  /** Empty: it shall have none. */
  zone_id: string
  master_zone_id: string | null
  zone_name: string | null
  kaiser_id: string
  correlation_id: string
  requested_by: string
  /** ms since 1970 */
  requested_at: number
  /** When the device was told last; null: it was not there. */
  sent_at: number | null
  attempts: number
}

const KEY = 'pending_zone_assignment'

/** Undefined when the device has answered. */
export function pendingOf({ device_metadata }: Device): PendingZone | undefined {
  // Nearly always there is none, and every heartbeat asks.
  if (!device_metadata.includes(KEY)) return undefined
  return (JSON.parse(device_metadata) as { [KEY]?: PendingZone })[KEY]
}

/** The device's metadata with this as what is pending; undefined: nothing is. */
export function metadataWith({ device_metadata }: Device, pending: PendingZone | undefined): string {
  const { [KEY]: _, ...others } = JSON.parse(device_metadata) as Record<string, unknown>
  return JSON.stringify(pending ? { ...others, [KEY]: pending } : others)
}
