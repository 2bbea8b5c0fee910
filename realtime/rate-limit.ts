/**
 * How often somebody may ask: a number of requests per minute for each token that has been good, and for each
 * address where there is none. A minute begins with the first request in it. One small entry per asker, and a
 * bounded number of them, so that a stranger with many names costs nothing.
 */
export interface RateLimit {
  /** Seconds to wait, or 0 when the request may be served; only then it counts. */
  ask(token: string | undefined, address: string): number
  /** The token of a request that was let in is good: it counts for itself, and no longer for its address. */
  trust(token: string, address: string): void
}

const WINDOW_MS = 60_000
/** Askers remembered; beyond, whoever began a minute first begins anew. */
const ASKERS = 10_000

interface Minute {
  began_at: number
  requests: number
}

/** `limit` 0 is none. */
export function createRateLimit(limit: number, monotonic: () => number): RateLimit {
  const minutes = new Map<string, Minute>()

  const begin = (asker: string, now: number): Minute => {
    const minute = { began_at: now, requests: 0 }
    // The map stays in order of beginning: its first entry is the oldest.
    minutes.delete(asker)
    minutes.set(asker, minute)
    if (minutes.size > ASKERS) minutes.delete(minutes.keys().next().value!)
    return minute
  }

  return {
    ask(token, address) {
      if (limit === 0) return 0
      const asker = token !== undefined && minutes.has(token) ? token : address
      const now = monotonic()
      const known = minutes.get(asker)
      const minute = known && now - known.began_at < WINDOW_MS ? known : begin(asker, now)
      if (minute.requests >= limit) return Math.max(1, Math.ceil((minute.began_at + WINDOW_MS - now) / 1000))
      minute.requests++
      return 0
    },
    trust(token, address) {
      if (limit === 0 || minutes.has(token)) return
      begin(token, monotonic()).requests = 1
      const minute = minutes.get(address)
      if (minute && minute.requests > 0) minute.requests--
    },
  }
}
