/**
 * A device has done what an emergency stop wants: it says so, all its actuators concerned were reported off since it was
 * told, or it answers OFF with being stopped already. Told at once, like everything about emergencies. Which reports
 * came since is in memory: after a restart nobody knows what an actuator is before it is reported anew.
 */
import { isOn } from '../../storage/actuator-states.js'
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { Store } from '../../storage/store.js'
import { gpiosOf } from '../actuators/reports.js'
import { alarm, type Effect } from '../effect.js'

export type ConfirmedBy = 'ack' | 'states' | 'response'

/**
 * Marks what is confirmed by this; returns what there is to tell, nothing when nothing changed. `gpios` are the actuators
 * that this was about. Inside the group.
 */
export type Confirm = (
  esp_id: string,
  confirmed_by: ConfirmedBy,
  now: number,
  topic: string,
  gpios?: readonly number[],
) => Effect[]

/** Off, and nobody doubts it. */
function isOff(store: Store, esp_id: string, gpio: number): boolean {
  const state = store.actuatorStates.find(esp_id, gpio)
  return state?.state === 'off' && state.stale_since === null
}

/** It was said to the device: what that reports from now on is what it made of it. */
const wasTold = ({ state, sent_at }: EmergencyDevice): boolean =>
  state === 'sent' || (state === 'not_confirmed' && sent_at !== null)

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

export function createConfirm(store: Store): Confirm {
  const { emergencyStops, emergencyDevices } = store
  /** Actuators that were reported off since their device was told, by stop and device. */
  const reported = new Map<number, Map<string, Set<number>>>()

  const reportedOf = (stop_id: number, esp_id: string): Set<number> => {
    const devices = reported.get(stop_id) ?? new Map<string, Set<number>>()
    const gpios = devices.get(esp_id) ?? new Set<number>()
    reported.set(stop_id, devices.set(esp_id, gpios))
    return gpios
  }

  /** Takes what was reported; true when that is every actuator that the stop concerns. */
  const isAllOff = (stop: EmergencyStop, known: EmergencyDevice, gpios: readonly number[]): boolean => {
    const { esp_id } = known
    const off = reportedOf(stop.id, esp_id)
    if (!wasTold(known)) off.clear()
    else for (const gpio of gpios) isOff(store, esp_id, gpio) ? off.add(gpio) : off.delete(gpio)
    const concerned = stop.gpio === null ? gpiosOf(store, esp_id) : [stop.gpio]
    return concerned.length > 0 && concerned.every((gpio) => off.has(gpio) && isOff(store, esp_id, gpio))
  }

  return (esp_id, confirmed_by, now, topic, gpios = []) => {
    const stops = emergencyStops.list()
    for (const id of reported.keys()) if (!stops.some((stop) => stop.id === id)) reported.delete(id)
    return stops.flatMap((stop) => {
      const known = emergencyDevices.find(stop.id, esp_id)
      if (!known) return []
      if (known.state === 'confirmed') {
        if (!isRunning(store, stop, esp_id)) return []
        // What is off meanwhile has stopped all the same.
        const off = gpiosOf(store, esp_id).filter((gpio) => isOff(store, esp_id, gpio))
        reported.get(stop.id)?.delete(esp_id)
        for (const gpio of off) reportedOf(stop.id, esp_id).add(gpio)
        return [takeBack(store, known, now, topic)]
      }
      if (confirmed_by === 'states' && !isAllOff(stop, known, gpios)) return []
      // It says two things: what runs counts.
      if (confirmed_by === 'response' && isRunning(store, stop, esp_id)) return []
      reported.get(stop.id)?.delete(esp_id)
      emergencyDevices.upsert(stop.id, esp_id, { state: 'confirmed', confirmed_at: now, confirmed_by })
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
}
