/**
 * The rows of timers, kept as they have to be: what is seen on has one, what went off has none, and after a jump of
 * the wall clock they are due when they would have been. The timer of a command that is still on its way waits.
 */
import type { ActuatorStates } from '../../storage/actuator-states.js'
import type { ActuatorTimer } from '../../storage/actuator-timers.js'
import { runtimeLeft } from './limits/max-runtime.js'
import { type At, keyOf } from './place.js'
import type { Surroundings } from './surroundings.js'
import { lengthOf, type TimerClock } from './timers.js'

/** A row to write in the place of the one of its kind, or to remove. */
export interface TimerAction {
  readonly kind: 'timer' | 'timer_over'
  readonly timer: ActuatorTimer
}

export interface TimerRows {
  /** `change` is what the run of the actuator did with the latest report. */
  settle(surroundings: Surroundings, change: 'started' | 'ended' | undefined): TimerAction[]
  /** Rows of actuators that no longer exist. */
  orphans(rows: readonly ActuatorTimer[], states: Pick<ActuatorStates, 'find'>, at: At): TimerAction[]
}

/** How long a command may take to its device, ms: its timer waits for it this long. */
const UNDER_WAY = 30_000

const isSame = (a: ActuatorTimer, b: ActuatorTimer): boolean =>
  a.due_at === b.due_at && a.started_at === b.started_at

export function createTimerRows(clock: TimerClock): TimerRows {
  /** The duration that the run that is going on was seen with. */
  const begun = new Map<string, ActuatorTimer>()

  const elapsed = (timer: ActuatorTimer, at: At): number => lengthOf(timer) - clock.left(timer, at)
  const write = (timer: ActuatorTimer | undefined): TimerAction[] => (timer ? [{ kind: 'timer', timer }] : [])
  const remove = (timer: ActuatorTimer | undefined): TimerAction[] =>
    timer ? [{ kind: 'timer_over', timer }] : []

  /** From now on for its whole length. */
  const anew = (timer: ActuatorTimer, { now }: At): ActuatorTimer => {
    const started_at = Math.round(now)
    return { ...timer, started_at, due_at: started_at + lengthOf(timer) }
  }

  const maxRuntime = (surroundings: Surroundings): TimerAction[] => {
    const { esp_id, gpio, at, on, max_runtime } = surroundings
    const timer = surroundings.timers.max_runtime
    if (!on || max_runtime === 0) return remove(timer)
    const length = max_runtime * 1000
    if (timer && lengthOf(timer) === length) return write(clock.corrected(timer, at))
    // None yet, or another limit than before: what it has been on for counts.
    const spent = timer ? elapsed(timer, at) : length - runtimeLeft(surroundings)
    const started_at = Math.round(at.now - spent)
    return write({ esp_id, gpio, kind: 'max_runtime', started_at, due_at: started_at + length })
  }

  const duration = (
    { esp_id, gpio, at, on, timers }: Surroundings,
    change: 'started' | 'ended' | undefined,
  ): TimerAction[] => {
    const timer = timers.duration
    const key = keyOf({ esp_id, gpio })
    if (!timer) {
      begun.delete(key)
      return []
    }
    if (on) {
      const isFirst = change === 'started' && elapsed(timer, at) <= UNDER_WAY
      const next = isFirst ? anew(timer, at) : clock.corrected(timer, at)
      begun.set(key, next ?? timer)
      return write(next)
    }
    const known = begun.get(key)
    const isOver = (known && isSame(known, timer)) || elapsed(timer, at) > UNDER_WAY
    return isOver ? remove(timer) : write(clock.corrected(timer, at))
  }

  const override = ({ at, timers }: Surroundings): TimerAction[] => {
    const timer = timers.override
    if (!timer) return []
    return clock.left(timer, at) === 0 ? remove(timer) : write(clock.corrected(timer, at))
  }

  return {
    settle: (surroundings, change) => [
      ...maxRuntime(surroundings),
      ...duration(surroundings, change),
      ...override(surroundings),
    ],
    orphans: (rows, states, at) =>
      rows
        .filter((timer) => !states.find(timer.esp_id, timer.gpio))
        .filter((timer) => elapsed(timer, at) > UNDER_WAY && clock.left(timer, at) === 0)
        .flatMap(remove),
  }
}
