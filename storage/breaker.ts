/**
 * A circuit breaker for storage: after repeated failures it stops trying at once and only probes. It keeps
 * no data; the group asks it before each attempt and tells it how the attempt ended.
 */
import { isBusy } from './errors.js'

/** ok, failing (each attempt is retried soon) or open (only probes). */
export type StorageState = 'ok' | 'failing' | 'open'

const FAILURES_TO_OPEN = 5
const MILLISECONDS_TO_OPEN = 1_000
const PROBE_MS = 1_000

export interface Breaker {
  readonly state: StorageState
  /** How long storage has been failing, ms; 0 when it is fine. */
  readonly failing_for: number
  /** How long to wait before the next attempt, ms. */
  readonly delay: number
  /** May an attempt be made now? */
  allows(): boolean
  fail(error: unknown): void
  succeed(): void
}

/** `announce` is called on each change of state, with the error that caused it. */
export function createBreaker(
  monotonic: () => number,
  announce: (state: StorageState, error: unknown) => void,
): Breaker {
  let state: StorageState = 'ok'
  let failures = 0
  let since = 0
  let next = 0
  let delay = 0

  const become = (changed: StorageState, error: unknown): void => {
    if (state === changed) return
    state = changed
    announce(changed, error)
  }

  return {
    get state() {
      return state
    },
    get failing_for() {
      return failures === 0 ? 0 : monotonic() - since
    },
    get delay() {
      return Math.max(1, next - monotonic())
    },
    allows: () => failures === 0 || monotonic() >= next,
    fail(error) {
      const now = monotonic()
      if (failures === 0) since = now
      failures++
      // Somebody who holds the lock usually lets go within milliseconds; a full disk does not.
      const first = isBusy(error) ? 2 : 50
      const open = failures >= FAILURES_TO_OPEN && now - since >= MILLISECONDS_TO_OPEN
      delay = open ? PROBE_MS : Math.min(first * 2 ** (failures - 1), isBusy(error) ? 100 : 500)
      next = now + delay
      if (open) become('open', error)
      else if (state === 'ok' && (!isBusy(error) || now - since > 250)) become('failing', error)
    },
    succeed() {
      if (failures === 0) return
      failures = 0
      become('ok', undefined)
    },
  }
}
