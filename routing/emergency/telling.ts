/**
 * A device is told to stop, or that the stop is over, on `actuator/emergency`, and how far that came is written down.
 * A stop that was released in the meantime is not said; its end is said only where no other stop holds. protocol.md §1.2 D2
 */
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { Store } from '../../storage/store.js'
import { format, toDevice } from '../contract/topics.js'
import type { Effect } from '../effect.js'
import type { Speak } from '../speech.js'
import type { Tell } from '../tell.js'
import { deviceTold } from './events.js'
import type { Stops } from './stops.js'

export interface StopTellingOptions {
  store: Store
  stops: Pick<Stops, 'of'>
  kaiser_id: string
  tell: Tell
  speak: Speak
  /** Is there somebody who does what this device is told? */
  reachable: (esp_id: string) => boolean
  /** ms since 1970 */
  now: () => number
}

export type SendStopNow = (stop_id: number, esp_id: string) => void

export function createStopTelling(options: StopTellingOptions): SendStopNow {
  const { store, stops, kaiser_id, tell, speak, reachable, now } = options
  const { emergencyStops, emergencyDevices, devices } = store

  const change = (
    stop_id: number,
    esp_id: string,
    next: (device: EmergencyDevice, at: number) => Effect[],
  ): void =>
    speak(() => {
      const device = emergencyDevices.find(stop_id, esp_id)
      return device ? next(device, now()) : []
    })

  const written = (stop_id: number, esp_id: string): void =>
    change(stop_id, esp_id, (device, at) => {
      const news = { sent_at: at, attempts: device.attempts + 1 }
      if (device.state !== 'waiting') {
        emergencyDevices.upsert(stop_id, esp_id, news)
        return []
      }
      return [
        deviceTold(emergencyDevices.upsert(stop_id, esp_id, { ...news, state: 'sent' }), 'sent', null, at),
      ]
    })

  return (stop_id, esp_id) => {
    const device = devices.find(esp_id)
    if (!device) return
    const stop = emergencyStops.find(stop_id)
    if (!stop && stops.of(device).length > 0) return
    const payload = JSON.stringify({
      command: stop ? 'emergency_stop' : 'clear_emergency',
      // Why people want it now: of a stop that was repeated, the last reason.
      reason: stop ? (stop.repeated_reason ?? stop.reason) : 'released',
      timestamp: Math.floor(now() / 1000),
      correlation_id: `stop-${stop_id}`,
      ...(stop && { issued_by: stop.repeated_by ?? stop.issued_by }),
    })
    tell(
      esp_id,
      { topic: format(toDevice.actuatorEmergency, { kaiser_id, esp_id }), payload },
      {
        written() {
          if (stop) written(stop_id, esp_id)
        },
        // Who only listens does not stop anything: told is a device that is there, by way of whoever speaks for it.
        published() {
          if (stop && reachable(esp_id)) written(stop_id, esp_id)
        },
        acknowledged() {
          if (!stop) speak(() => noteCleared(store, esp_id, now()))
        },
      },
    )
  }
}

/** The device knows that what was released is over; a stop that is latched stays so. Inside the group. */
export function noteCleared(
  { emergencyStops, emergencyDevices }: Store,
  esp_id: string,
  now: number,
): Effect[] {
  return emergencyDevices
    .list()
    .filter((row) => row.esp_id === esp_id && row.cleared_at === null && !emergencyStops.find(row.stop_id))
    .map((row) =>
      deviceTold(emergencyDevices.upsert(row.stop_id, esp_id, { cleared_at: now }), 'cleared', null, now),
    )
}
