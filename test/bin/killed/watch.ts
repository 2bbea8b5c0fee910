/**
 * Looks at the pumps themselves, many times a second: nothing in kaiser knows better. Nothing is on beyond its limit,
 * or the time it was given, from when kaiser acknowledged that it is on: also when kaiser was killed meanwhile. While
 * nobody is connected, what a command began ends all the same. Under a stop nothing goes on, and who comes back hears
 * of it. `LATE` is the room for all of this, and it counts from when the device could be told.
 */
import type { Order } from '../../routing/actuators/whole/scene.js'
import type { Awake } from './awake.js'
import { covers, pumpOf, type Scope, stops } from './greenhouse.js'
import type { Plant, Run } from './plant.js'
import { LATE } from './steps.js'

export interface Watch {
  /** This stop is latched: kaiser has said so. */
  stopped(scope: Scope): void
  /** Somebody releases it now, */
  releasing(scope: Scope): void
  /** and kaiser has said that it is released. */
  released(): void
  /** kaiser runs again. */
  restarted(): void
  /** Hears what reaches a device. */
  ordered(order: Order): void
  /** Each thing that is wrong, once. */
  readonly faults: readonly string[]
  close(): void
}

export interface WatchOptions {
  readonly plants: () => readonly Plant[]
  readonly time: Awake
}

/** Between two times of telling a device that does not obey the same, ms. */
const AGAIN = 10_000
/** What had left before a stop was acknowledged has arrived by then, ms. */
const UNDER_WAY = 1_000
const LIES = ['nods', 'deaf'] as const

export function createWatch({ plants, time }: WatchOptions): Watch {
  const faults = new Set<string>()
  const latched = new Map<Scope, number>()
  let free: number | undefined
  /** When each device last did not do what it was told. */
  const lied = new Map<string, number>()

  const blame = (what: string): void => void faults.add(what)
  const stopOf = (place: Parameters<typeof covers>[1]): number | undefined =>
    [...latched].find(([scope]) => covers(scope, place))?.[1]

  /** Since when everything that is due must have reached it; undefined while it is away. */
  const wellSince = ({ device: { esp_id }, since }: Plant): number | undefined => {
    const lie = lied.get(esp_id)
    return since === undefined || lie === undefined ? since : Math.max(since, lie + AGAIN)
  }
  const isLate = (from: number | undefined): boolean => from !== undefined && time.real - from > LATE

  const lookAtRun = (plant: Plant, gpio: number, { since, known, given }: Run): void => {
    const { device } = plant
    const { key, limit } = pumpOf(device.esp_id, gpio)
    const well = wellSince(plant)
    const stop = stopOf({ esp_id: device.esp_id, gpio })
    if (stop !== undefined && well !== undefined && isLate(Math.max(stop, well)))
      blame(`${key}, which went on at ${Math.round(since)}, is on under a stop`)
    if (known === undefined) return
    const endsByItself = device.outputs.get(gpio)!.ends !== undefined && !device.is('forgetful')
    if (!endsByItself && !isLate(well)) return
    if (isLate(known + limit))
      blame(`${key}, on since ${Math.round(since)}, is on for longer than its ${limit} ms`)
    if (given && isLate(Math.max(known, given.at) + given.length))
      blame(
        `${key}, on since ${Math.round(since)}, is on for longer than the ${given.length} ms it was given`,
      )
  }

  const lookAtStops = ({ device, since }: Plant): void => {
    const { esp_id, style, stopped } = device
    if (since === undefined || style.ignoresStops) return
    const at = [...latched].find(([scope]) => stops(scope, esp_id))?.[1]
    const from = Math.max(since, at ?? free ?? Number.POSITIVE_INFINITY)
    if ((lied.get(esp_id) ?? 0) >= from || !isLate(from)) return
    if (at !== undefined && !stopped) blame(`${esp_id}, connected at ${Math.round(since)}, knows of no stop`)
    if (at === undefined && stopped) blame(`${esp_id} was not told that nothing is stopped any more`)
  }

  const look = (): void => {
    for (const plant of plants()) {
      const { device } = plant
      if (LIES.some((mode) => device.is(mode))) lied.set(device.esp_id, time.real)
      for (const [gpio, run] of plant.runs()) lookAtRun(plant, gpio, run)
      lookAtStops(plant)
    }
  }
  const timer = setInterval(look, 50)

  return {
    stopped(scope) {
      free = undefined
      latched.set(scope, time.real)
    },
    releasing: (scope) => void latched.delete(scope),
    released() {
      free = time.real
    },
    // It does not remember whom it told what.
    restarted: () => lied.clear(),
    ordered({ esp_id, gpio, value, duration, correlation_id }) {
      if (value === 0) return
      const { key, limit } = pumpOf(esp_id, gpio)
      if (duration <= 0) blame(`${key} is told to go on without an end (${correlation_id})`)
      if (duration * 1000 > limit) blame(`${key} is told to be on for ${duration} s (${correlation_id})`)
      const stop = stopOf({ esp_id, gpio })
      if (stop !== undefined && time.real - stop > UNDER_WAY)
        blame(`${key} is told to go on under a stop (${correlation_id})`)
    },
    get faults() {
      return [...faults]
    },
    close: () => clearInterval(timer),
  }
}
