/**
 * Failed logins per network address and user name: three of them, and that address waits a minute for that name.
 * Nobody else waits. Bounded: of more pairs than fit, the one not seen longest is forgotten.
 */
import { createHash } from 'node:crypto'

const FAILURES = 3
export const COOLDOWN_MS = 60_000
const PAIRS = 10_000

interface Pair {
  failures: number
  /** ms, monotonic */
  last: number
  /** No login before, ms, monotonic. */
  until: number
}

export interface Cooldown {
  /** Must it wait? */
  waits(pair: string): boolean
  /** A login failed: is this the failure that makes it wait? */
  failed(pair: string): boolean
  succeeded(pair: string): void
}

/** What the cool-down knows a pair by; of one size, whatever the name is. */
export const pairOf = (address: string, username: string): string =>
  createHash('sha256').update(`${address}\n${username.toLowerCase()}`).digest('base64url')

/** `::ffff:192.0.2.1` and `192.0.2.1` are one address. */
export const plainAddress = (address: string | null): string =>
  address === null ? 'local' : address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

export function createCooldown(monotonic: () => number): Cooldown {
  const pairs = new Map<string, Pair>()
  return {
    waits: (pair) => (pairs.get(pair)?.until ?? 0) > monotonic(),
    failed(pair) {
      const now = monotonic()
      const before = pairs.get(pair)
      const failures = before && now - before.last < COOLDOWN_MS ? before.failures + 1 : 1
      const cools = failures >= FAILURES
      pairs.delete(pair)
      pairs.set(pair, { failures: cools ? 0 : failures, last: now, until: cools ? now + COOLDOWN_MS : 0 })
      if (pairs.size > PAIRS) pairs.delete(pairs.keys().next().value!)
      return cools
    },
    succeeded: (pair) => void pairs.delete(pair),
  }
}
