/**
 * How long an OFF has been wanted of what goes on running. It stands until the actuator was seen off after it; what
 * is switched on after that is another matter. What began while the OFF was on its way counts as before it.
 */
import { desiredOf } from './desired.js'
import { keyOf } from './place.js'
import { current } from './runs.js'
import type { Surroundings } from './surroundings.js'

export interface OffWishes {
  /** ms; undefined while nobody wants it off, or it went off. */
  look(surroundings: Surroundings): number | undefined
  /** Forgets actuators that are gone. */
  sweep(isGone: (key: string) => boolean): void
}

interface OffWish {
  readonly correlation_id: string
  /** On the monotonic clock. */
  readonly since: number
  /** When the run began that it has to end, where that was after it. */
  run: number | undefined
  done: boolean
}

export function createOffWishes(): OffWishes {
  const wishes = new Map<string, OffWish>()

  return {
    look(surroundings) {
      const { state, on, coming, at } = surroundings
      const key = keyOf(surroundings)
      const desired = state && desiredOf(state, at.now)
      if (desired?.value !== 0) {
        wishes.delete(key)
        return undefined
      }
      const { correlation_id, from } = desired
      let wish = wishes.get(key)
      // One that is said again while it is ignored is the same wish.
      if (!wish || (wish.done && wish.correlation_id !== correlation_id)) {
        const since = at.monotonic - Math.max(at.now - from, 0)
        wish = { correlation_id, since, run: undefined, done: false }
        wishes.set(key, wish)
      }
      const run = current(surroundings.runs)
      if (coming === 'off') wish.run = run?.started ?? wish.run
      else if (!on || (run && run.started > wish.since && run.started !== wish.run)) wish.done = true
      return on && !wish.done ? at.monotonic - wish.since : undefined
    },
    sweep(isGone) {
      for (const key of wishes.keys()) if (isGone(key)) wishes.delete(key)
    },
  }
}
