/** Limits attempts per key in a sliding window, in bounded memory: the guard of the login. */
export interface Attempts {
  /** Seconds to wait, or 0 when the attempt may be made; it counts as made. */
  attempt(key: string): number
}

const KEYS = 10_000

export function createAttempts(limit: number, windowMs: number, monotonic: () => number): Attempts {
  const made = new Map<string, number[]>()
  return {
    attempt(key) {
      const now = monotonic()
      const recent = (made.get(key) ?? []).filter((at) => now - at < windowMs)
      if (recent.length >= limit) return Math.max(1, Math.ceil((windowMs - (now - recent[0]!)) / 1000))
      recent.push(now)
      made.delete(key)
      made.set(key, recent)
      if (made.size > KEYS) made.delete(made.keys().next().value!)
      return 0
    },
  }
}
