/**
 * Emergency stops: latched in the database, said to every device concerned and said again until it confirms, when it
 * comes back too. While one is latched, nothing it concerns may be switched on by anybody. Pure steps on the store:
 * whoever calls is inside the group and performs the effects; what stops does not wait for the disk.
 */
import { isOn } from '../../storage/actuator-states.js'
import type { Device } from '../../storage/devices.js'
import type { EmergencyDevice } from '../../storage/emergency-devices.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { Store } from '../../storage/store.js'
import type { CommandBook } from '../actuators/book.js'
import { commandFailed } from '../actuators/command-events.js'
import type { Commands } from '../actuators/commands.js'
import { desiredOf, desiredText } from '../actuators/desired.js'
import type { Place } from '../actuators/place.js'
import { gpiosOf } from '../actuators/reports.js'
import type { Stop } from '../actuators/surroundings.js'
import { toDevice } from '../contract/topics.js'
import { alarm, type Effect, sendStop, stopActuators } from '../effect.js'
import { isKnown } from '../registry.js'
import { RequestRefused } from '../request-refused.js'
import { type ByWhom, write } from './audit.js'
import { deviceTold, stopTold } from './events.js'
import { concerned, covers, isSameScope, type Selector, scopeOf, spelledScope } from './scope.js'

/** A device that is stopped, or that an actuator of is. */
export interface Concerned {
  readonly esp_id: string
  readonly reached: boolean
  readonly gpios: readonly number[]
}

/** What was stopped; the devices confirm later. */
export interface Stopped {
  readonly stop: EmergencyStop
  /** It was latched already, for the reason and by the person in its row. */
  readonly again: boolean
  readonly devices: readonly Concerned[]
  readonly effects: readonly Effect[]
}

export interface Stops {
  /** Stops; a stop of the same scope that is latched already is said again. Throws RequestRefused. Inside the group. */
  trigger(wanted: Selector & ByWhom, now: number): Stopped
  /** The latched stop that concerns an actuator. */
  stopOf(place: Place): Stop | undefined
  /** Latched stops that concern the device, oldest first. */
  of(device: Device): EmergencyStop[]
  /** The device listens: it is told what holds for it, and what does so no more. Inside the group. */
  returned(device: Device, now: number): Effect[]
  /** Who has not confirmed is told again. Inside the group. */
  look(now: number): Effect[]
}

export interface StopsOptions {
  store: Store
  book: CommandBook
  commands: () => Pick<Commands, 'off'>
  reachable: (esp_id: string) => boolean
}

/** How long a device may take to confirm before it is shown that it did not, ms. */
export const PATIENCE = 5_000
/** Between two times of telling the same device, ms: first, and at most. */
const AGAIN = 5_000
const SELDOM = 60_000

export const broadcastStop = (payload: object): Effect => ({
  kind: 'publish',
  topic: toDevice.broadcastEmergency,
  payload: JSON.stringify(payload),
  qos: 1,
  retain: false,
  at_once: true,
})

export function createStops({ store, book, commands, reachable }: StopsOptions): Stops {
  const { emergencyStops, emergencyDevices } = store
  /** When each was told last, by stop and device. */
  const tried = new Map<string, number>()
  const keyOf = ({ stop_id, esp_id }: EmergencyDevice): string => `${stop_id} ${esp_id}`

  const concerns = (stop: EmergencyStop, device: Device): boolean =>
    covers(stop, device) || emergencyDevices.find(stop.id, device.device_id) !== undefined
  const of: Stops['of'] = (device) => emergencyStops.list().filter((stop) => concerns(stop, device))

  const gpiosIn = ({ gpio }: EmergencyStop, esp_id: string): number[] =>
    gpio === null ? gpiosOf(store, esp_id) : [gpio]

  /** Off is what is wanted of it from now on, also when the stop is released before its device is back. */
  const want = (stop: EmergencyStop, { esp_id, gpio }: Place, now: number): void => {
    const state = store.actuatorStates.find(esp_id, gpio)
    const desired = state && desiredOf(state, now)
    if (!state || (desired ? desired.value === 0 : !isOn(state))) return
    const { id, issued_by } = stop
    const off = { value: 0, from: now, until: null, correlation_id: `stop-${id}`, issued_by }
    store.actuatorStates.upsert(esp_id, gpio, { desired: desiredText(off) }, now)
  }
  /** What is on its way and would switch on never arrives. What is reached is told OFF, and that is wanted then. */
  const cancel = (stop: EmergencyStop, { esp_id, reached, gpios }: Concerned, now: number): Effect[] =>
    gpios.flatMap((gpio) => {
      if (!reached) want(stop, { esp_id, gpio }, now)
      return book
        .cancel(esp_id, gpio, `emergency stop: ${stop.reason}`, now)
        .map((command) => commandFailed(command, now))
    })

  const off = (stop: EmergencyStop, esp_id: string, now: number): Effect[] =>
    reachable(esp_id) ? commands().off({ esp_id, gpio: stop.gpio, issued_by: stop.issued_by }, now, true) : []

  /** A single actuator has no message of its own: its OFF says it. */
  const say = (stop: EmergencyStop, esp_id: string, now: number): Effect[] => {
    const device = emergencyDevices.find(stop.id, esp_id)!
    tried.set(keyOf(device), now)
    if (stop.scope !== 'actuator') return [sendStop(stop.id, esp_id, true)]
    if (!reachable(esp_id)) return []
    const attempts = device.attempts + 1
    const changed = device.state === 'confirmed' ? {} : { state: 'sent' as const }
    const next = emergencyDevices.upsert(stop.id, esp_id, { sent_at: now, attempts, ...changed })
    return device.state === 'waiting' ? [deviceTold(next, next.state, null, now)] : []
  }

  const enter = (stop: EmergencyStop, esp_id: string): void => {
    const { state } = emergencyDevices.find(stop.id, esp_id) ?? {}
    if (state === undefined) emergencyDevices.upsert(stop.id, esp_id, {})
    else if (state === 'confirmed')
      emergencyDevices.upsert(stop.id, esp_id, { state: 'waiting', confirmed_at: null, confirmed_by: null })
  }

  const isDue = (device: EmergencyDevice, now: number): boolean => {
    const last = tried.get(keyOf(device)) ?? device.sent_at
    if (last === null) return true
    return Math.abs(now - last) >= Math.min(SELDOM, AGAIN * 2 ** Math.max(device.attempts - 1, 0))
  }

  const doubt = (stop: EmergencyStop, device: EmergencyDevice, now: number): Effect[] => {
    // Where no actuator is known, nothing runs that could be doubted; it is told all the same.
    if (device.state === 'not_confirmed' || gpiosIn(stop, device.esp_id).length === 0) return []
    if (Math.abs(now - (device.sent_at ?? stop.stopped_at)) < PATIENCE) return []
    const next = emergencyDevices.upsert(stop.id, device.esp_id, { state: 'not_confirmed' })
    const why = reachable(device.esp_id) ? 'it does not confirm that it has stopped' : 'it is not connected'
    return [deviceTold(next, 'not_confirmed', why, now)]
  }

  return {
    trigger(wanted, now) {
      const { reason, by } = wanted
      const scope = scopeOf(wanted)
      const devices = concerned(scope, store.devices.list())
      if (scope.esp_id !== null && scope.gpio !== null && !gpiosOf(store, scope.esp_id).includes(scope.gpio))
        throw new RequestRefused('not_found', `There is no actuator on ${spelledScope(scope)}`)
      const issued_by = `emergency:${by}`
      const before = emergencyStops.list().find((stop) => isSameScope(stop, scope))
      const again = before !== undefined
      // Who stopped first stays in the row, beside who did last: audit and event have everybody.
      const stop = before
        ? emergencyStops.update(before, {
            armed_at: null,
            arm_token: null,
            armed_by: null,
            repeated_at: now,
            repeated_by: issued_by,
            repeated_reason: reason,
          })
        : emergencyStops.insert({ ...scope, reason, issued_by, stopped_at: now })
      const stopped = devices.map(({ device_id: esp_id }) => ({
        esp_id,
        reached: reachable(esp_id),
        gpios: gpiosIn(stop, esp_id),
      }))
      for (const { esp_id } of stopped) enter(stop, esp_id)
      const cancelled = stopped.flatMap((device) => cancel(stop, device, now))
      const told = stopped.flatMap(({ esp_id }) => say(stop, esp_id, now))
      const offs = stopped.flatMap(({ esp_id, reached, gpios }) =>
        reached && gpios.length > 0 ? [stopActuators(esp_id, gpios, issued_by)] : [],
      )
      const actuators = stopped.reduce((sum, { gpios }) => sum + gpios.length, 0)
      const incident_correlation_id = `stop-${stop.id}`
      const figures = {
        devices_stopped: stopped.length,
        actuators_stopped: actuators,
        incident_correlation_id,
      }
      const broadcast =
        scope.scope === 'all'
          ? [
              broadcastStop({
                command: 'emergency_stop',
                reason,
                issued_by: by,
                timestamp: new Date(now).toISOString(),
                ...figures,
              }),
            ]
          : []
      const effects = [
        ...told,
        ...broadcast,
        ...offs,
        stopTold(stop, 'stopped', { reason, by, devices: stopped.length, again }, now),
        alarm('actuator_alert', {
          esp_id: scope.esp_id ?? 'ALL',
          gpio: scope.gpio,
          alert_type: 'emergency_stop',
          severity: 'critical',
          message: `Emergency stop of ${spelledScope(scope)}: ${reason}`,
          zone_id: scope.zone_id,
          reason,
          issued_by: by,
          ...figures,
          timestamp: now / 1000,
        }),
        ...cancelled,
      ]
      const what = `stopped ${spelledScope(scope)}${again ? ' again' : ''}`
      write(store, stop, 'emergency_stop', wanted, what, { ...figures, again }, now)
      return { stop, again, devices: stopped, effects }
    },

    stopOf({ esp_id, gpio }) {
      const stops = emergencyStops.list()
      if (stops.length === 0) return undefined
      const device = store.devices.find(esp_id)
      return (
        device && stops.find((stop) => (stop.gpio === null || stop.gpio === gpio) && concerns(stop, device))
      )
    },
    of,

    returned(device, now) {
      const { device_id: esp_id } = device
      const stops = isKnown(device) ? of(device) : []
      const held = stops.flatMap((stop) => {
        if (!emergencyDevices.find(stop.id, esp_id)) emergencyDevices.upsert(stop.id, esp_id, {})
        return [...say(stop, esp_id, now), ...off(stop, esp_id, now)]
      })
      if (stops.length > 0) return held
      const released = emergencyDevices
        .list()
        .filter((row) => row.esp_id === esp_id && row.cleared_at === null)
        .at(-1)
      return released ? [sendStop(released.stop_id, esp_id, true)] : []
    },

    look(now) {
      return emergencyStops.list().flatMap((stop) =>
        emergencyDevices.list(stop.id).flatMap((device): Effect[] => {
          if (device.state === 'confirmed') return []
          const told =
            reachable(device.esp_id) && isDue(device, now)
              ? [...say(stop, device.esp_id, now), ...off(stop, device.esp_id, now)]
              : []
          return [...doubt(stop, emergencyDevices.find(stop.id, device.esp_id)!, now), ...told]
        }),
      )
    },
  }
}
