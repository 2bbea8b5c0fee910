/**
 * How much is left of a timer. Its row has a due time by the wall clock, so that it outlives a restart; from the
 * moment the row is first seen here the monotonic clock decides. What is left is never more than the whole length:
 * a clock that jumps, or jumped while nobody ran, cannot lengthen a run.
 */
import type { ActuatorTimer } from '../../storage/actuator-timers.js'
import { type At, clamp } from './place.js'

export interface TimerClock {
  /** ms, from 0 (due) to the whole length. */
  left(timer: ActuatorTimer, at: At): number
  /** The row as it has to be after the wall clock jumped; undefined while it is right. */
  corrected(timer: ActuatorTimer, at: At): ActuatorTimer | undefined
}

/** The wall clock may be slewed by this much before rows are written again, ms. */
export const TOLERANCE = 2_000

/** Its whole length, ms. */
export const lengthOf = ({ due_at, started_at }: Pick<ActuatorTimer, 'due_at' | 'started_at'>): number =>
  Math.max(due_at - started_at, 0)

export function createTimerClock(): TimerClock {
  /** When each row is due on the monotonic clock. Rows are records: a change is another one. */
  const due = new WeakMap<ActuatorTimer, number>()

  const left: TimerClock['left'] = (timer, at) => {
    const length = lengthOf(timer)
    let when = due.get(timer)
    if (when === undefined) {
      when = at.monotonic + clamp(timer.due_at - at.now, 0, length)
      due.set(timer, when)
    }
    return clamp(when - at.monotonic, 0, length)
  }

  return {
    left,
    corrected(timer, at) {
      const rest = left(timer, at)
      if (rest === 0 && timer.due_at <= at.now) return undefined
      const due_at = Math.round(at.now + rest)
      if (Math.abs(timer.due_at - due_at) <= TOLERANCE) return undefined
      return { ...timer, due_at, started_at: due_at - lengthOf(timer) }
    },
  }
}
