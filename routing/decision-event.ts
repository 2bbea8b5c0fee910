/** Somebody let a device in or shut it out, as the subscribers hear of it. protocol.md §5.6 */
import type { Device } from '../storage/devices.js'
import type { Event } from './contract/events.js'
import { COOLDOWN } from './registry.js'

/** `device` is the record after the decision, `by` who decided. */
export function decisionEvent(device: Device, by: string): Event {
  const { device_id, zone_id, zone_name } = device
  const who = { esp_id: device_id, device_id }
  if (device.status !== 'rejected') {
    const approved_at = (device.approved_at ?? device.updated_at) / 1000
    const data = { ...who, status: 'approved', approved_by: by, approved_at, zone_id, zone_name } as const
    return { type: 'device_approved', data }
  }
  const reason = device.rejection_reason
  const rejected_at = device.last_rejection_at ?? device.updated_at
  return {
    type: 'device_rejected',
    data: {
      ...who,
      status: 'rejected',
      rejected_by: by,
      rejected_at: rejected_at / 1000,
      reason,
      rejection_reason: reason,
      cooldown_until: (rejected_at + COOLDOWN) / 1000,
    },
  }
}
