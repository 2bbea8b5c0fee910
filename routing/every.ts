/**
 * What happens again and again: real time wakes it, or whoever runs kaiser at another time. Timers never keep a process
 * alive.
 */

/** First in so many ms, then each so many. `stop` may be called at any time, and again. */
export type Every = (ms: number, run: () => void) => { stop(): void }

export const every: Every = (ms, run) => {
  const timer = setInterval(run, ms).unref()
  return { stop: () => clearInterval(timer) }
}
