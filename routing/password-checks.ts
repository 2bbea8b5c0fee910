/**
 * Checks of people's passwords, one at a time: each takes a thread of the pool that also syncs the disk for tens of
 * milliseconds. Whoever floods waits in a lane of their own, and the lanes take turns. Bounded: what finds no place
 * is told so at once.
 */
import { isPassword } from './passwords.js'

/** In one lane, and in all. */
const IN_A_LANE = 8
const IN_ALL = 256

interface Check {
  readonly password: string
  readonly hash: string
  /** Undefined: it was not checked, because too many wait. */
  readonly done: (right: boolean | undefined) => void
}

export interface PasswordChecks {
  /** `lane` is whom it shares its turns with. `done` is called once, later. */
  check(lane: string, password: string, hash: string, done: Check['done']): void
}

export function createPasswordChecks(): PasswordChecks {
  const lanes = new Map<string, Check[]>()
  let waiting = 0
  let busy = false

  const next = (): void => {
    const first = lanes.entries().next().value
    if (!first) {
      busy = false
      return
    }
    busy = true
    const [lane, checks] = first
    const { password, hash, done } = checks.shift()!
    waiting--
    // Its next turn comes after everybody else's.
    lanes.delete(lane)
    if (checks.length > 0) lanes.set(lane, checks)
    isPassword(password, hash)
      .catch(() => undefined)
      .then(done)
      .finally(next)
      .catch(() => {})
  }

  return {
    check(lane, password, hash, done) {
      const checks = lanes.get(lane) ?? []
      if (checks.length >= IN_A_LANE || waiting >= IN_ALL) return done(undefined)
      checks.push({ password, hash, done })
      lanes.set(lane, checks)
      waiting++
      if (!busy) next()
    },
  }
}
