/**
 * Looks at what actuators were reported to be, every second and after every report, and says what has to be done
 * about it: whoever switched them, the limits hold. Says it again every ten seconds while a device does not obey.
 * Writes nothing and sends nothing itself: whoever calls performs the actions. The first look after a start comes
 * before anybody may act.
 */
import type { ActuatorConfigs } from '../../storage/actuator-configs.js'
import type { ActuatorState, ActuatorStates } from '../../storage/actuator-states.js'
import type { ActuatorTimers } from '../../storage/actuator-timers.js'
import type { Evidence } from './evidence.js'
import { judge, type LimitName } from './gate.js'
import type { Interlocks } from './interlocks.js'
import { formOf } from './kinds.js'
import { isBlind } from './limits/fresh-sensors.js'
import { limits } from './limits/index.js'
import type { Broken, Limit } from './limits/limit.js'
import { createOffWishes } from './off-wishes.js'
import { type At, keyOf, type Place } from './place.js'
import type { Runs } from './runs.js'
import { isOn, type Surroundings, type SurroundingsOf } from './surroundings.js'
import { createTimerRows, type TimerAction } from './timer-rows.js'
import type { TimerClock } from './timers.js'

export type AlarmName = 'no_flow' | 'level_unchanged' | 'not_obeying'

/** Tell the actuator this, as `gate:LIMIT`. */
export interface Tell extends Place {
  readonly kind: 'off' | 'set'
  readonly command: 'OFF' | 'ON' | 'PWM'
  /** 0 to 1 */
  readonly value: number
  readonly limit: LimitName
  readonly detail: string
  readonly alarm?: AlarmName
}

export type Action =
  | Tell
  | TimerAction
  | (Place & { readonly kind: 'run_started'; readonly timestamp: number })
  /** `lasted` ms, whatever the wall clock did meanwhile. */
  | (Place & { readonly kind: 'run_ended'; readonly timestamp: number; readonly lasted: number })

export interface Watch {
  /** What has to be done now: about all actuators, or about these and those that depend on them. */
  look(at: At, places?: readonly Place[]): Action[]
  /** The same about a share of all: the nth of so many, from 0. Whoever asks for each of them has looked at all. */
  lookAtShare(at: At, nth: number, of: number): Action[]
  /** Was it told to go off, and has not for too long? */
  isStuck(place: Place): boolean
}

export interface WatchOptions {
  states: Pick<ActuatorStates, 'find' | 'list'>
  timers: Pick<ActuatorTimers, 'find' | 'list'>
  configs: Pick<ActuatorConfigs, 'list' | 'version'>
  timerClock: TimerClock
  runs: Runs
  interlocks: Pick<Interlocks, 'around'>
  evidence: Evidence
  surroundingsOf: SurroundingsOf
  reachable: (esp_id: string) => boolean
}

/** ms; between two times of saying the same, */
const AGAIN = 10_000
/** between any two, however often a device changes its mind, */
const APART = 1_000
/** until a device that stays on is called disobedient, */
const PATIENCE = 30_000
/** and until that is said again. */
const ALARM_AGAIN = 600_000
/** Looks between two sweeps. */
const SWEEP = 60

interface Memory {
  /** The value it was told, since when, and when last; undefined while nothing is wrong. */
  told: { readonly value: number; readonly since: number } | undefined
  last: number
  alarmed: number
  /** It does not do what it was told. */
  stuck: boolean
  /** Its sensors are silent, and it was at its safe value since they are. */
  safe: boolean
}

export function createWatch(options: WatchOptions): Watch {
  const { states, timers, configs, runs, interlocks, evidence, surroundingsOf, reachable } = options
  const timerRows = createTimerRows(options.timerClock)
  const offWishes = createOffWishes()
  const memories = new Map<string, Memory>()
  /** What runs did in the look that is going on. */
  const changes = new Map<string, 'started' | 'ended'>()

  const memoryOf = (key: string): Memory => {
    const known = memories.get(key)
    if (known) return known
    const memory = {
      told: undefined,
      last: Number.NEGATIVE_INFINITY,
      alarmed: Number.NEGATIVE_INFINITY,
      stuck: false,
      safe: false,
    }
    memories.set(key, memory)
    return memory
  }

  /** The first limit that what is reported breaks. */
  const brokenLimit = (
    surroundings: Surroundings,
    memory: Memory,
  ): (Broken & { limit: LimitName; value: number }) | undefined => {
    for (const { name, broken, always } of limits as readonly (Limit & { name: LimitName })[]) {
      if (!broken || !(surroundings.on || always)) continue
      const found = broken(surroundings)
      if (name === 'fresh_sensors') {
        // Once there it is left alone when it goes off by itself: its other limits hold for the safe value too.
        if (!found) memory.safe = isBlind(surroundings)
        else if (memory.safe && !surroundings.on) continue
      }
      if (found) return { value: 0, ...found, limit: name }
    }
    return undefined
  }

  /** What may not be set, not even by the gate itself, is switched off. */
  const settled = (surroundings: Surroundings, value: number, limit: LimitName): number | undefined => {
    if (value === 0) return 0
    const { esp_id, gpio, on } = surroundings
    const wish = { esp_id, gpio, command: 'PWM', value, issued_by: `gate:${limit}` }
    if (judge(wish, surroundings).passes) return value
    return on ? 0 : undefined
  }

  const tell = (surroundings: Surroundings, memory: Memory): Tell[] => {
    const { esp_id, gpio, at } = surroundings
    const now = at.monotonic
    const broken = brokenLimit(surroundings, memory)
    const value = broken && settled(surroundings, broken.value, broken.limit)
    if (!broken || value === undefined) {
      memory.told = undefined
      memory.stuck = false
      memory.alarmed = Number.NEGATIVE_INFINITY
      return []
    }
    if (!reachable(esp_id)) {
      memory.told = undefined
      return []
    }
    const isNew = memory.told?.value !== value
    if (now - memory.last < (isNew ? APART : AGAIN)) return []
    memory.last = now
    const { limit, detail, told_for = 0 } = broken
    if (isNew) memory.told = { value, since: now - told_for }
    const action: Tell = { ...wordsFor(value, surroundings), esp_id, gpio, value, limit, detail }
    if (isNew) return [{ ...action, ...(broken.alarm && { alarm: broken.alarm }) }]
    memory.stuck = now - memory.told!.since >= PATIENCE
    if (!memory.stuck || now - memory.alarmed < ALARM_AGAIN) return [action]
    memory.alarmed = now
    return [{ ...action, alarm: 'not_obeying' }]
  }

  const follow = (place: Place, at: At): Action[] => {
    const { esp_id, gpio } = place
    const change = runs.follow(place, isOn(states.find(esp_id, gpio)), at)
    if (!change) return []
    changes.set(keyOf(place), change)
    const timestamp = Math.round(at.now)
    if (change === 'started') return [{ kind: 'run_started', esp_id, gpio, timestamp }]
    const { started, ended } = runs.list(place).at(-1)!
    return [{ kind: 'run_ended', esp_id, gpio, timestamp, lasted: Math.round(ended! - started) }]
  }

  const check = (place: Place, at: At): Action[] => {
    const surroundings = surroundingsOf(place, at)
    const rows = timerRows.settle(surroundings, changes.get(keyOf(place)))
    const unconfirmed = evidence.look(surroundings)
    const off_ignored = offWishes.look(surroundings)
    const isPlain = unconfirmed === undefined && off_ignored === undefined
    const all = isPlain ? surroundings : { ...surroundings, unconfirmed, off_ignored }
    const key = keyOf(place)
    const memory = memoryOf(key)
    const told = tell(all, memory)
    // Off, and nothing to remember: it need not be looked at until it is on.
    if (!all.on && !memory.told && !memory.safe && at.monotonic - memory.last >= APART) memories.delete(key)
    return [...rows, ...told]
  }

  /** Runs first, all of them: who is younger is known before anybody yields. */
  const lookAt = (places: readonly Place[], at: At): Action[] => {
    changes.clear()
    const began = places.flatMap((place) => follow(place, at))
    return [...began, ...places.flatMap((place) => check(place, at))]
  }

  /** After a start every actuator is looked at once: a row may say that it runs when it does not. */
  let hasLooked = false
  /** Actuators that may have to be switched on: their safe value is not off. */
  let version = -1
  let awake = new Set<string>()
  const mayWake = (): ReadonlySet<string> => {
    if (version !== configs.version) {
      version = configs.version
      awake = new Set(configs.list().flatMap((config) => (config.safe_value > 0 ? [keyOf(config)] : [])))
    }
    return awake
  }

  /** Those where there is anything to look at. */
  const concerned = (timed: ReadonlySet<string>): ActuatorState[] => {
    const wake = mayWake()
    return states.list().filter((state) => {
      if (isOn(state) || !hasLooked) return true
      const key = keyOf(state)
      return memories.has(key) || timed.has(key) || wake.has(key)
    })
  }

  let looks = 0
  /** Actuators that are gone take along what was known of them. */
  const sweep = (): void => {
    if (looks++ % SWEEP !== 0) return
    const known = new Set(states.list().map(keyOf))
    const isGone = (key: string): boolean => !known.has(key)
    for (const key of memories.keys()) if (isGone(key)) memories.delete(key)
    runs.sweep(isGone)
    evidence.sweep(isGone)
    offWishes.sweep(isGone)
  }

  const lookAtAll = (at: At, isWanted: (place: Place) => boolean): Action[] => {
    const rows = timers.list()
    const found = concerned(new Set(rows.map(keyOf))).filter(isWanted)
    return [...lookAt(found, at), ...timerRows.orphans(rows.filter(isWanted), states, at)]
  }

  return {
    isStuck: (place) => memories.get(keyOf(place))?.stuck ?? false,
    look(at, places) {
      if (places) {
        const around = places.flatMap((place) => interlocks.around(place))
        const all = new Map([...places, ...around].map((place) => [keyOf(place), place]))
        return lookAt([...all.values()], at)
      }
      sweep()
      const actions = lookAtAll(at, () => true)
      hasLooked = true
      return actions
    },
    lookAtShare(at, nth, of) {
      if (nth === 0) sweep()
      return lookAtAll(at, (place) => shareOf(place, of) === nth)
    },
  }
}

/** Which share it is in, always the same one. */
function shareOf({ esp_id, gpio }: Place, of: number): number {
  let sum = gpio
  for (let i = 0; i < esp_id.length; i++) sum += esp_id.charCodeAt(i) * (i + 1)
  return sum % of
}

/** What is said to reach a value. */
const wordsFor = (value: number, { kind, config }: Surroundings): Pick<Tell, 'kind' | 'command'> => {
  if (value === 0) return { kind: 'off', command: 'OFF' }
  const isFull = formOf(kind, config) === 'digital' || value === (config?.max_value ?? 1)
  return { kind: 'set', command: isFull ? 'ON' : 'PWM' }
}
