/** Commands whose time is up are over, looked for once a second; and the history forgets what is too old, once an hour. */
import type { Store } from '../../storage/store.js'
import type { Speak } from '../speech.js'
import type { CommandBook } from './book.js'
import { commandFailed } from './command-events.js'

export interface Expiry {
  /** Looks now. */
  look(): void
  /** Deletes history rows that are older than 30 days. Never rejects. */
  sweep(): Promise<void>
  close(): Promise<void>
}

export interface ExpiryOptions {
  store: Store
  book: CommandBook
  speak: Speak
  failed: (error: unknown) => void
  /** ms since 1970 */
  now: () => number
}

const LOOK_EVERY = 1_000
const SWEEP_EVERY = 3_600_000
/** Rows of the history are kept this long, ms. */
const KEPT = 30 * 86_400_000

export function createExpiry({ store, book, speak, failed, now }: ExpiryOptions): Expiry {
  const { actuatorHistory } = store
  const stop = new AbortController()
  let sweeping: Promise<void> = Promise.resolve()

  const look = (): void => {
    const at = now()
    if (actuatorHistory.list().length === 0) return
    speak(() => book.expire(at).map((command) => commandFailed(command, at)))
    actuatorHistory.tidy(at)
  }

  const sweep = (): Promise<void> => {
    sweeping = sweeping
      .then(() => actuatorHistory.sweep(now() - KEPT, stop.signal))
      .then(
        () => {},
        (error) => {
          if (!stop.signal.aborted && store.group.state === 'ok') failed(error)
        },
      )
    return sweeping
  }

  // What was on its way when kaiser stopped is over, or goes on with the rest of its time.
  look()
  const timers = [setInterval(look, LOOK_EVERY).unref(), setInterval(sweep, SWEEP_EVERY).unref()]

  return {
    look,
    sweep,
    close() {
      for (const timer of timers) clearInterval(timer)
      stop.abort()
      return sweeping
    },
  }
}
