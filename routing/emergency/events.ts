/** What is told of emergency stops: at once, whatever the disk does. */
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { EmergencyDeviceEvent, EmergencyStopEvent } from '../contract/actuator-events.js'
import { alarm, type Effect } from '../effect.js'

interface StopWords {
  reason: string
  by: string
  devices: number
  again?: boolean
}

export const stopEvent = (
  stop: EmergencyStop,
  state: EmergencyStopEvent['state'],
  { reason, by, devices, again = false }: StopWords,
  at: number,
): EmergencyStopEvent => ({
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
  timestamp: at / 1000,
})

export const stopTold = (
  stop: EmergencyStop,
  state: EmergencyStopEvent['state'],
  words: StopWords,
  now: number,
): Effect => alarm('emergency_stop', stopEvent(stop, state, words, now))

export const stopDeviceEvent = (
  { stop_id, esp_id, confirmed_by }: EmergencyDevice,
  state: EmergencyDeviceEvent['state'],
  message: string | null,
  at: number,
): EmergencyDeviceEvent => ({ esp_id, stop_id, state, confirmed_by, message, timestamp: at / 1000 })

/** How the stop stands with one device. */
export const deviceTold = (
  device: EmergencyDevice,
  state: EmergencyDeviceEvent['state'],
  message: string | null,
  now: number,
): Effect => alarm('emergency_device', stopDeviceEvent(device, state, message, now))
