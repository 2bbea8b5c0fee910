/**
 * What rules look at: real time, devices, wires, and how long each device could not be relied upon. A rule hears
 * what is said in both directions and what is announced, and looks at everything twice a second.
 */
import type { Event } from '../../../../routing/contract/events.js'
import type { Device } from './device.js'
import type { House } from './house.js'
import { DEVICES } from './plan.js'
import type { Time } from './time.js'
import type { Wire } from './wire.js'

/** What a device is told on the topic of an actuator. */
export interface Order {
  readonly esp_id: string
  readonly gpio: number
  readonly command: string
  readonly value: number
  readonly duration: number
  readonly correlation_id: string
  readonly issued_by: string
}

/** What an actuator is said to be. */
export interface Said {
  readonly esp_id: string
  readonly gpio: number
  readonly value: number
}

/** One promise, as a model of its own. */
export interface Rule {
  /** A command goes out to a device. */
  ordered?(order: Order): void
  /** A device is told to stop, or that the stop is over. */
  stopTold?(esp_id: string, clears: boolean): void
  /** kaiser is told what an actuator is; `kept` when that is on disk. */
  said?(said: Said): void
  kept?(said: Said): void
  announced?(event: Event): void
  /** `power`: what was not synced is gone. */
  killed?(power: boolean): void
  /** It runs again; so many ms passed, and so many by the wall clock. */
  started?(house: House, passed: number, shown: number): void
  /** Twice a second. */
  check?(): void
  /** At the end: all works, and has for a while. */
  finish?(house: House): void
}

export interface Scene {
  readonly time: Time
  readonly devices: ReadonlyMap<string, Device>
  readonly wires: ReadonlyMap<string, Wire>
  house(): House | undefined
  /** A promise is broken. */
  blame(sentence: string): void
  /** It was connected, listened, told the truth and obeyed for long enough that everything due must have reached it. */
  isWell(esp_id: string): boolean
  /** When it last did not obey or told no truth. */
  lied(esp_id: string): number
  /** When its line last stood still or its peer was gone. */
  cut(esp_id: string): number
}

/** From being connected to having been told, ms: a second between two looks, and the way. */
export const SOON = 2_500
/** kaiser repeats itself to who does not obey every ten seconds, ms. */
export const REPEATED = 12_000

const LIES = ['deaf', 'nods', 'says_off', 'says_on', 'no_statuses'] as const

export interface Trouble {
  look(): void
  isWell(esp_id: string): boolean
  lied(esp_id: string): number
  cut(esp_id: string): number
}

export function createTrouble(scene: Pick<Scene, 'time' | 'devices' | 'wires' | 'house'>): Trouble {
  const { time, devices, wires, house } = scene
  const lines = new Map<string, number>()
  const stalls = new Map<string, number>()
  const lies = new Map<string, number>()
  const last = (map: ReadonlyMap<string, number>, esp_id: string): number =>
    map.get(esp_id) ?? Number.NEGATIVE_INFINITY

  return {
    look() {
      for (const esp_id of DEVICES) {
        const wire = wires.get(esp_id)!
        const device = devices.get(esp_id)!
        if (!house() || !wire.listening) lines.set(esp_id, time.real)
        if (wire.stalled) stalls.set(esp_id, time.real)
        if (LIES.some((mode) => device.is(mode))) lies.set(esp_id, time.real)
      }
    },
    isWell(esp_id) {
      const { period } = devices.get(esp_id)!.style
      const wire = wires.get(esp_id)!
      if (!house() || !wire.listening || wire.stalled) return false
      return (
        time.real - Math.max(last(lines, esp_id), wire.since) > SOON &&
        time.real - last(stalls, esp_id) > REPEATED &&
        time.real - last(lies, esp_id) > REPEATED + period
      )
    },
    lied: (esp_id) => last(lies, esp_id),
    cut: (esp_id) => Math.max(last(stalls, esp_id), last(lines, esp_id)),
  }
}
