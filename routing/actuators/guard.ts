/**
 * The limits of all actuators in one: judges what is wished, and watches what is reported. Made when the database is
 * open and before anybody may act: runs and timers are taken up from their rows here. What belongs to others (who is
 * stopped, what is on its way, what sensors say) is passed in.
 */
import type { ActuatorConfigs } from '../../storage/actuator-configs.js'
import type { ActuatorRuns } from '../../storage/actuator-runs.js'
import type { ActuatorStates } from '../../storage/actuator-states.js'
import type { ActuatorTimers } from '../../storage/actuator-timers.js'
import { createEvidence } from './evidence.js'
import { createFreshness, type Latest, type SensorName } from './freshness.js'
import { type Judgement, judge, type Wish } from './gate.js'
import { createInterlocks } from './interlocks.js'
import type { At, Place } from './place.js'
import { createRuns } from './runs.js'
import { createSurroundings, type Surroundings, type SurroundingsOptions } from './surroundings.js'
import { createTimerClock, lengthOf } from './timers.js'
import { type Action, createWatch, type Watch } from './watch.js'

/** What the guard reads of the store, and where its rows are written. */
export interface Rows {
  actuatorConfigs: Pick<ActuatorConfigs, 'find' | 'list' | 'version'>
  actuatorStates: Pick<ActuatorStates, 'find' | 'list'>
  actuatorTimers: Pick<ActuatorTimers, 'find' | 'list' | 'upsert' | 'remove'>
  actuatorRuns: Pick<ActuatorRuns, 'list' | 'start' | 'end'>
}

export interface GuardOptions
  extends Pick<
    SurroundingsOptions,
    'stopOf' | 'safeModeOf' | 'coming' | 'mayBeOn' | 'reachable' | 'sensorsOfRules'
  > {
  store: Rows
  latest: (sensor: SensorName) => Latest | undefined
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

export interface Guard {
  /** May this be? Throws RequestRefused when the wish makes no sense. Changes nothing. */
  judge(wish: Wish): Judgement
  /** What has to be done now, about all actuators or about these and those that depend on them. Writes nothing. */
  look(places?: readonly Place[]): Action[]
  /** The same about a share of all: the nth of so many, from 0. */
  lookAtShare(nth: number, of: number): Action[]
  /** What the limits look at, to be shown. */
  surroundings(place: Place): Surroundings
}

export function createGuard(options: GuardOptions): Guard {
  const { store, latest, reachable, now, monotonic } = options
  const moment = (): At => ({ now: now(), monotonic: monotonic() })
  const timerClock = createTimerClock()
  const interlocks = createInterlocks(store.actuatorConfigs)
  const freshness = createFreshness(latest)
  const start = moment()

  const runs = createRuns({
    rows: store.actuatorRuns,
    places: store.actuatorStates.list(),
    // Its timer was put right whenever the clock jumped, the row of its run was not.
    lasted({ esp_id, gpio }) {
      const timer = store.actuatorTimers.find(esp_id, gpio, 'max_runtime')
      return timer && lengthOf(timer) - timerClock.left(timer, start)
    },
    at: start,
  })
  const sources = {
    configs: store.actuatorConfigs,
    states: store.actuatorStates,
    timers: store.actuatorTimers,
    timerClock,
    runs,
    interlocks,
    freshness,
  }
  const surroundingsOf = createSurroundings({
    ...options,
    ...sources,
    stuck: (place) => watch.isStuck(place),
  })
  const watch: Watch = createWatch({
    ...sources,
    evidence: createEvidence(freshness),
    surroundingsOf,
    reachable,
  })

  return {
    judge: (wish) => judge(wish, surroundingsOf(wish, moment())),
    look: (places) => watch.look(moment(), places),
    lookAtShare: (nth, of) => watch.lookAtShare(moment(), nth, of),
    surroundings: (place) => surroundingsOf(place, moment()),
  }
}

/** Writes the rows that actions are about. Inside the group only; what is to be told is left to others. */
export function keep({ actuatorTimers, actuatorRuns }: Rows, actions: readonly Action[]): void {
  for (const action of actions) {
    if (action.kind === 'timer') actuatorTimers.upsert(action.timer)
    else if (action.kind === 'timer_over') actuatorTimers.remove(action.timer)
    else if (action.kind === 'run_started') actuatorRuns.start(action.esp_id, action.gpio, action.timestamp)
    else if (action.kind === 'run_ended') {
      const { esp_id, gpio, timestamp, lasted } = action
      const run = actuatorRuns.list(esp_id, gpio).findLast(({ ended_at }) => ended_at === null)
      actuatorRuns.end(esp_id, gpio, run ? run.started_at + lasted : timestamp)
    }
  }
}
