/**
 * Everything the limits of one actuator look at, at one moment: its config, what it was reported to be, its timers
 * and runs, its neighbours, its sensors. Plain data, so that a limit is a function that anybody can try out; made
 * here from what is stored, whoever owns that.
 */
import type { ActuatorConfig, ActuatorConfigs } from '../../storage/actuator-configs.js'
import {
  type ActuatorState,
  type ActuatorStates,
  isOn as isReportedOn,
} from '../../storage/actuator-states.js'
import type { ActuatorTimer, ActuatorTimers, TimerKind } from '../../storage/actuator-timers.js'
import { type Freshness, MAX_AGE, type RequiredSensor, type SensorName } from './freshness.js'
import type { Interlock, Interlocks } from './interlocks.js'
import { type Kind, kindOf, maxRuntimeOf } from './kinds.js'
import { type At, clamp, type Place } from './place.js'
import { SERVER_RESTART } from './reports.js'
import { type Run, type Runs, runningFor } from './runs.js'
import { lengthOf, type TimerClock } from './timers.js'

/** A latched emergency stop that concerns the actuator. */
export interface Stop {
  readonly reason: string
  readonly issued_by: string
}

/** The last word that is on its way to an actuator and was not answered yet. */
export type Coming = 'on' | 'off' | undefined

/** Another actuator that binds this one. */
export interface Neighbour extends Interlock {
  readonly on: boolean
  readonly coming: Coming
  /** Nobody knows what it is: its device is away, was never heard, or did not come back after a restart of ours. */
  readonly doubtful: boolean
  /** It is doubtful, and may have been switched on since it was last heard of. */
  readonly may_be_on: boolean
  /** It can be told something now. */
  readonly reachable: boolean
  /** It was told to go off, and has not for too long. */
  readonly stuck: boolean
  /** How long it has been on, ms. */
  readonly running: number
  /** When a timer ends its run, ms from now; null when none does. */
  readonly ends_in: number | null
}

export interface Hearing extends RequiredSensor {
  /** Age of its latest usable reading, ms; null when there never was one. */
  readonly age: number | null
  /** Needed because a rule that drives the actuator reads it; people named the others. */
  readonly of_rule: boolean
}

export interface Surroundings extends Place {
  readonly at: At
  readonly config: ActuatorConfig | undefined
  readonly kind: Kind
  /** s; 0 = none */
  readonly max_runtime: number
  /** As reported last, whoever switched it. */
  readonly on: boolean
  readonly state: ActuatorState | undefined
  readonly coming: Coming
  readonly stop: Stop | undefined
  /** The subzone in safe mode that it belongs to. */
  readonly safe_mode: string | undefined
  /** What is left of each timer, ms. */
  readonly left: Readonly<Partial<Record<TimerKind, number | undefined>>>
  /** Their rows. */
  readonly timers: Readonly<Partial<Record<TimerKind, ActuatorTimer | undefined>>>
  readonly runs: readonly Run[]
  readonly neighbours: readonly Neighbour[]
  readonly sensors: readonly Hearing[]
  /** What flow or level do not confirm; only the watch knows. */
  readonly unconfirmed: string | undefined
  /** How long OFF has been wanted while it goes on running, ms; only the watch knows. */
  readonly off_ignored: number | undefined
}

export interface SurroundingsOptions {
  configs: Pick<ActuatorConfigs, 'find'>
  states: Pick<ActuatorStates, 'find'>
  timers: Pick<ActuatorTimers, 'find'>
  timerClock: TimerClock
  runs: Pick<Runs, 'list'>
  interlocks: Pick<Interlocks, 'of'>
  freshness: Freshness
  /** The latched stop that concerns it: its own, its device's, its zone's, or everything's. */
  stopOf: (place: Place) => Stop | undefined
  /** The subzone in safe mode that it belongs to. */
  safeModeOf: (place: Place) => string | undefined
  coming: (place: Place) => Coming
  /** Went an ON out to it that may have arrived since it was last heard of? */
  mayBeOn: (place: Place) => boolean
  /** Can the device be told something now? */
  reachable: (esp_id: string) => boolean
  /** Was it told to go off, and has not for too long? */
  stuck: (place: Place) => boolean
  /** What the rules that drive it read. */
  sensorsOfRules: (place: Place) => readonly SensorName[]
}

/** It runs, as far as was reported: a duty cycle of 0 is off, whatever word comes with it. */
export const isOn = (state: ActuatorState | undefined): boolean =>
  state !== undefined && isReportedOn(state) && !(state.state === 'pwm' && state.current_value === 0)

export type SurroundingsOf = (place: Place, at: At) => Surroundings

/** After a restart of ours devices come back by themselves: what they were is believed for this long, ms. */
const DOUBT = 30_000

const NONE: readonly never[] = Object.freeze([])

/** The sensors a config names; what is no sensor is left out. */
export const sensorsIn = ({ required_sensors }: Pick<ActuatorConfig, 'required_sensors'>): RequiredSensor[] =>
  required_sensors.filter(
    (item): item is typeof item & RequiredSensor =>
      typeof item.esp_id === 'string' &&
      typeof item.gpio === 'number' &&
      typeof item.sensor_type === 'string' &&
      typeof item.max_age === 'number',
  )

export function createSurroundings(options: SurroundingsOptions): SurroundingsOf {
  const { configs, states, timers, timerClock, runs, interlocks, freshness } = options
  const { stopOf, safeModeOf, coming, mayBeOn, reachable, stuck, sensorsOfRules } = options
  /** When a stale state went stale, by the monotonic clock. */
  const stale = new WeakMap<ActuatorState, number>()

  const isDoubtful = (state: ActuatorState | undefined, at: At): boolean => {
    if (!state) return true
    if (state.stale_since === null) return false
    // Its device is known to be away.
    if (state.stale_reason !== SERVER_RESTART) return true
    let since = stale.get(state)
    if (since === undefined) {
      since = at.monotonic - Math.max(at.now - state.stale_since, 0)
      stale.set(state, since)
    }
    return at.monotonic - since > DOUBT
  }

  const rest = (timer: ActuatorTimer | undefined, at: At): number | undefined =>
    timer && timerClock.left(timer, at)
  /** The limit may be another one by now than when its timer began. */
  const restOf = (timer: ActuatorTimer | undefined, max_runtime: number, at: At): number | undefined => {
    const left = rest(timer, at)
    if (left === undefined || max_runtime === 0) return left
    return Math.max(left + max_runtime * 1000 - lengthOf(timer!), 0)
  }

  const neighbourOf = (lock: Interlock, at: At): Neighbour => {
    const state = states.find(lock.esp_id, lock.gpio)
    const ends = (['duration', 'max_runtime'] as const)
      .map((kind) => rest(timers.find(lock.esp_id, lock.gpio, kind), at))
      .filter((left) => left !== undefined)
    const on = isOn(state)
    const doubtful = isDoubtful(state, at)
    return {
      ...lock,
      on,
      coming: coming(lock),
      doubtful,
      may_be_on: doubtful && !on && lock.kind === 'never_with' && mayBeOn(lock),
      reachable: reachable(lock.esp_id),
      stuck: stuck(lock),
      running: runningFor(runs.list(lock), at.monotonic) ?? 0,
      ends_in: ends.length === 0 ? null : Math.min(...ends),
    }
  }

  const sensorsOf = (place: Place, config: ActuatorConfig | undefined, at: At): readonly Hearing[] => {
    const named = config && config.required_sensors.length > 0 ? sensorsIn(config) : NONE
    const read = config?.require_rule_sensors === 0 ? NONE : sensorsOfRules(place)
    if (named.length === 0 && read.length === 0) return NONE
    const hear = (sensor: RequiredSensor, of_rule: boolean): Hearing => ({
      ...sensor,
      of_rule,
      age: freshness.read(sensor, at)?.age ?? null,
    })
    const isNamed = ({ esp_id, gpio, sensor_type }: SensorName): boolean =>
      named.some(
        (sensor) => sensor.esp_id === esp_id && sensor.gpio === gpio && sensor.sensor_type === sensor_type,
      )
    return [
      ...named.map((sensor) => hear(sensor, false)),
      ...read
        .filter((sensor) => !isNamed(sensor))
        .map((sensor) => hear({ ...sensor, max_age: MAX_AGE }, true)),
    ]
  }

  /** Runs for each actuator that is on, every second: no object more than needed, and each of one shape. */
  return (place, at) => {
    const { esp_id, gpio } = place
    const config = configs.find(esp_id, gpio)
    const state = states.find(esp_id, gpio)
    const kind = kindOf(config?.actuator_type ?? state?.actuator_type)
    const max_runtime = clamp(maxRuntimeOf(kind, config), 0, 86_400)
    const rows = {
      duration: timers.find(esp_id, gpio, 'duration'),
      max_runtime: timers.find(esp_id, gpio, 'max_runtime'),
      override: timers.find(esp_id, gpio, 'override'),
    }
    const locks = interlocks.of(place)
    return {
      esp_id,
      gpio,
      at,
      config,
      kind,
      max_runtime,
      state,
      on: isOn(state),
      coming: coming(place),
      stop: stopOf(place),
      safe_mode: safeModeOf(place),
      timers: rows,
      left: {
        duration: rest(rows.duration, at),
        max_runtime: restOf(rows.max_runtime, max_runtime, at),
        override: rest(rows.override, at),
      },
      runs: runs.list(place),
      neighbours: locks.length === 0 ? NONE : locks.map((lock) => neighbourOf(lock, at)),
      sensors: sensorsOf(place, config, at),
      unconfirmed: undefined,
      off_ignored: undefined,
    }
  }
}
