/** Puts changes of a map off a little and makes them together: what shows it is drawn once for all of them. */

export interface Coalesced<T> {
  /** What will be there. */
  get(key: string): T | undefined
  set(key: string, value: T): void
  /** Makes what was put off at once. */
  settle(): void
  /** Forgets what was put off. */
  drop(): void
}

/** Twice a second is as often as people can read a number. */
const DELAY = 500

export function createCoalesced<T>(map: Map<string, T>): Coalesced<T> {
  const waiting = new Map<string, T>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  const settle = (): void => {
    stop()
    for (const [key, value] of waiting) map.set(key, value)
    waiting.clear()
  }
  return {
    get: (key) => waiting.get(key) ?? map.get(key),
    set(key, value) {
      waiting.set(key, value)
      timer ??= setTimeout(settle, DELAY)
    },
    settle,
    drop() {
      stop()
      waiting.clear()
    },
  }
}
