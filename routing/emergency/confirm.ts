/**
 * A device has done what an emergency stop wants: it says so, all its actuators concerned are reported off, or it
 * answers OFF with being stopped already. Told at once, like everything about emergencies.
 */
import { isOn } from '../../storage/actuator-states.js'
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { Store } from '../../storage/store.js'
import { gpiosOf } from '../actuators/reports.js'
import { alarm, type Effect } from '../effect.js'

export type ConfirmedBy = 'ack' | 'states' | 'response'

/** Every actuator that the stop concerns is off, and nobody doubts it. */
function isOff(store: Store, stop: EmergencyStop, esp_id: string): boolean {
  const gpios = stop.gpio === null ? gpiosOf(store, esp_id) : [stop.gpio]
  return (
    gpios.length > 0 &&
    gpios.every((gpio) => {
      const state = store.actuatorStates.find(esp_id, gpio)
      return state?.state === 'off' && state.stale_since === null
    })
  )
}

const isRunning = (store: Store, { gpio }: EmergencyStop, esp_id: string): boolean =>
  store.actuatorStates.list(esp_id).some((state) => isOn(state) && (gpio === null || gpio === state.gpio))

/** It had stopped, and runs again. */
function takeBack(store: Store, { stop_id, esp_id }: EmergencyDevice, now: number, topic: string): Effect {
  store.emergencyDevices.upsert(stop_id, esp_id, {
    state: 'not_confirmed',
    confirmed_at: null,
    confirmed_by: null,
  })
  return alarm('emergency_device', {
    esp_id,
    stop_id,
    state: 'not_confirmed',
    confirmed_by: null,
    message: 'it had stopped, and runs again',
    timestamp: now / 1000,
    topic,
  })
}

/** Marks what is confirmed by this; returns what there is to tell, nothing when nothing changed. Inside the group. */
export function confirm(
  store: Store,
  esp_id: string,
  confirmed_by: ConfirmedBy,
  now: number,
  topic: string,
): Effect[] {
  return store.emergencyStops.list().flatMap((stop) => {
    const known = store.emergencyDevices.find(stop.id, esp_id)
    if (!known) return []
    if (known.state === 'confirmed')
      return isRunning(store, stop, esp_id) ? [takeBack(store, known, now, topic)] : []
    if (confirmed_by === 'states' && !isOff(store, stop, esp_id)) return []
    // It says two things: what runs counts.
    if (confirmed_by === 'response' && isRunning(store, stop, esp_id)) return []
    store.emergencyDevices.upsert(stop.id, esp_id, { state: 'confirmed', confirmed_at: now, confirmed_by })
    return [
      alarm('emergency_device', {
        esp_id,
        stop_id: stop.id,
        state: 'confirmed',
        confirmed_by,
        message: null,
        timestamp: now / 1000,
        topic,
      }),
    ]
  })
}
