/**
 * The time of everything in sim/: mocks, patterns, faults and players ask a clock what time it is and have it wake
 * them. So a day can pass in ten minutes, and a clock that is moved by hand makes a whole run repeatable. Timers
 * never keep a process alive.
 */

/** Something that will happen. `stop` may be called at any time, and again. */
export interface Timer {
  stop(): void
}

export interface Clock {
  /** ms since 1970 */
  now(): number
  /** Once, in so many ms of this clock. */
  after(ms: number, run: () => void): Timer
  /** Again and again, first in so many ms of this clock. */
  every(ms: number, run: () => void): Timer
}

/** What setTimeout can wait; more would fire at once. */
const LONGEST = 2_147_483_647

/** Real time; at speed n it runs n times as fast from here on. */
export function createClock(now: () => number, speed = 1): Clock {
  const began = now()
  const after = (ms: number, run: () => void): Timer => {
    const wait = Math.max(0, ms / speed)
    let rest = wait
    const next = (): NodeJS.Timeout => {
      const part = Math.min(rest, LONGEST)
      rest -= part
      return setTimeout(() => {
        if (rest > 0) timer = next()
        else run()
      }, part).unref()
    }
    let timer = next()
    return { stop: () => clearTimeout(timer) }
  }
  return {
    now: () => (speed === 1 ? now() : began + (now() - began) * speed),
    after,
    every(ms, run) {
      const timer = setInterval(run, Math.max(1, Math.min(ms / speed, LONGEST))).unref()
      return { stop: () => clearInterval(timer) }
    },
  }
}
