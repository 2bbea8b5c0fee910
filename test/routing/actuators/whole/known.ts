/**
 * What kaiser can know of each actuator: what it was told, not what is true. A run counts from when kaiser was told
 * of it, and by real time; what kaiser was told and had not on disk when it was killed, it may have forgotten; and
 * while it did not run it has only the wall clock.
 */
import { ACTUATORS, keyOf } from './plan.js'
import type { Rule, Scene } from './scene.js'

/** Rows of timers may be off by this much before they are put right, ms. */
export const SLEW = 2_000

export interface Knowledge extends Rule {
  /** kaiser was told that it is on, */
  isOn(key: string): boolean
  /** for so long, ms; 0 when it is off. */
  counted(key: string): number
}

interface Known {
  on: boolean
  kept: boolean
  /** Real time from which it counts. */
  from: number
}

export function createKnowledge({ time }: Pick<Scene, 'time'>): Knowledge {
  const known = new Map<string, Known>(
    ACTUATORS.map((each) => [keyOf(each), { on: false, kept: true, from: 0 }]),
  )
  return {
    isOn: (key) => known.get(key)!.on,
    counted: (key) => (known.get(key)!.on ? time.real - known.get(key)!.from : 0),
    said({ value, ...place }) {
      const each = known.get(keyOf(place))!
      const on = value > 0
      if (on === each.on) return
      known.set(keyOf(place), { on, kept: false, from: time.real })
    },
    kept({ value, ...place }) {
      const each = known.get(keyOf(place))!
      if (each.on === value > 0) each.kept = true
    },
    killed() {
      for (const each of known.values()) if (!each.kept) each.on = false
    },
    started(_house, passed, shown) {
      for (const each of known.values()) {
        const before = time.real - passed - each.from
        const after = Math.max(before + Math.min(shown, passed) - SLEW, 0)
        each.from = time.real - after
      }
    },
  }
}
