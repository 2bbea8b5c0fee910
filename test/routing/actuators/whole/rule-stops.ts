/**
 * Under a latched stop nothing it concerns is on, once its device can have been told: not by a command, a rule, a
 * button or a reboot. kaiser sends nothing that switches on and nothing that ends the stop; a device that comes back
 * is told again; none counts as having confirmed while it says that something runs. A stop that somebody was told is
 * latched outlives every restart, and so does its release; one that was on its way when kaiser died may be either.
 */
import type { House } from './house.js'
import type { Knowledge } from './known.js'
import { ACTUATORS, BY_KEY, concerns, covers, DEVICES, gpiosOf, keyOf, type Scope, spelled } from './plan.js'
import { type Rule, type Scene, SOON } from './scene.js'

type Standing = 'latched' | 'released'

export interface StopsRule extends Rule {
  /** Somebody stopped, or released: it holds from now on. */
  changed(scope: Scope, standing: Standing): void
  /** And that is on disk. */
  sure(scope: Scope): void
  isLatched(scope: Scope): boolean
  /** When somebody last stopped the actuator, by real time. */
  stoppedAt(key: string): number
}

interface Stop {
  readonly scope: Scope
  standing: Standing
  sure: boolean
  since: number
}

export function createStopsRule(scene: Scene, known: Knowledge): StopsRule {
  const { time, devices, wires, house, blame, isWell, lied, cut } = scene
  const stops = new Map<string, Stop>()
  const stoppedAt = new Map<string, number>()
  const latched = (): Stop[] => [...stops.values()].filter(({ standing }) => standing === 'latched')
  const rowsOf = ({ store }: House) =>
    store.emergencyStops.list().map(({ id, esp_id, zone_id, gpio }) => ({
      id,
      scope: {
        ...(esp_id !== null && { esp_id }),
        ...(zone_id !== null && { zone_id }),
        ...(gpio !== null && { gpio }),
      },
    }))

  return {
    changed(scope, standing) {
      stops.set(spelled(scope), { scope, standing, sure: false, since: time.real })
      if (standing === 'latched')
        for (const each of ACTUATORS) if (covers(scope, each)) stoppedAt.set(keyOf(each), time.real)
    },
    sure(scope) {
      stops.get(spelled(scope))!.sure = true
    },
    isLatched: (scope) => stops.get(spelled(scope))?.standing === 'latched',
    stoppedAt: (key) => stoppedAt.get(key) ?? Number.NEGATIVE_INFINITY,

    ordered({ esp_id, gpio, value, correlation_id }) {
      const actuator = BY_KEY.get(keyOf({ esp_id, gpio }))!
      if (value > 0 && latched().some(({ scope }) => covers(scope, actuator)))
        blame(`${esp_id} ${gpio} is told to go on under a stop (${correlation_id})`)
    },
    stopTold(esp_id, clears) {
      if (clears && latched().some(({ scope }) => scope.gpio === undefined && concerns(scope, esp_id)))
        blame(`${esp_id} is told that a stop is over while one is latched`)
    },
    started(next) {
      const rows = new Set(rowsOf(next).map(({ scope }) => spelled(scope)))
      for (const [name, stop] of stops) {
        const standing = rows.has(name) ? 'latched' : 'released'
        if (stop.sure && standing !== stop.standing)
          blame(`the stop ${name} was ${stop.standing} before a restart`)
        if (standing === 'latched' && stop.standing !== 'latched') stop.since = time.real
        Object.assign(stop, { standing, sure: true })
      }
    },
    check() {
      for (const { scope, since } of latched()) {
        for (const each of ACTUATORS) {
          const on = devices.get(each.esp_id)!.outputs.get(each.gpio)!.value > 0
          if (on && covers(scope, each) && time.real - since > SOON && isWell(each.esp_id))
            blame(`${keyOf(each)} is on under the stop ${spelled(scope)}`)
        }
        for (const esp_id of DEVICES) {
          if (scope.gpio !== undefined || !concerns(scope, esp_id)) continue
          const from = Math.max(since, wires.get(esp_id)!.since)
          const wasFine = Math.max(lied(esp_id), cut(esp_id)) < from
          if (wasFine && time.real - from > SOON && isWell(esp_id) && !devices.get(esp_id)!.stopped)
            blame(`${esp_id} does not know of the stop ${spelled(scope)}`)
        }
      }
      const now = house()
      if (!now) return
      for (const { id, scope } of rowsOf(now))
        for (const { esp_id, state } of now.store.emergencyDevices.list(id))
          for (const gpio of scope.gpio === undefined ? gpiosOf(esp_id) : [scope.gpio])
            if (state === 'confirmed' && known.isOn(keyOf({ esp_id, gpio })))
              blame(`${esp_id} has confirmed the stop ${spelled(scope)} and says that ${gpio} is on`)
    },
  }
}
