/** What is told of emergency stops: at once, whatever the disk does. */
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import { alarm, type Effect } from '../effect.js'

export const stopTold = (
  stop: EmergencyStop,
  state: 'stopped' | 'armed' | 'released',
  { reason, by, devices, again = false }: { reason: string; by: string; devices: number; again?: boolean },
  now: number,
): Effect =>
  alarm('emergency_stop', {
    stop_id: stop.id,
    state,
    scope: stop.scope,
    esp_id: stop.esp_id,
    zone_id: stop.zone_id,
    gpio: stop.gpio,
    reason,
    issued_by: by,
    devices,
    again,
    timestamp: now / 1000,
  })

/** How the stop stands with one device. */
export const deviceTold = (
  { stop_id, esp_id, confirmed_by }: EmergencyDevice,
  state: EmergencyDevice['state'] | 'cleared',
  message: string | null,
  now: number,
): Effect =>
  alarm('emergency_device', { esp_id, stop_id, state, confirmed_by, message, timestamp: now / 1000 })
