/** Commands whose time is up are over, looked for once a second; and the history forgets what is too old, once an hour. */

import { type Command, isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { type Every, every as really } from '../every.js'
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
  /** ms */
  monotonic: () => number
  every?: Every | undefined
}

const LOOK_EVERY = 1_000
const SWEEP_EVERY = 3_600_000
/** Rows of the history are kept this long, ms. */
const KEPT = 30 * 86_400_000

export function createExpiry({
  store,
  book,
  speak,
  failed,
  now,
  monotonic,
  every = really,
}: ExpiryOptions): Expiry {
  const { actuatorHistory } = store
  const stop = new AbortController()
  let sweeping: Promise<void> = Promise.resolve()

  /** When each that is on its way is over, by a clock that cannot be put back. */
  let due = new Map<string, number>()
  const follow = (commands: readonly Command[], at: number): void => {
    const next = new Map<string, number>()
    for (const command of commands) {
      if (isFinal(command)) continue
      const { correlation_id, expires_at, timestamp } = command
      const rest =
        expires_at === null ? Number.POSITIVE_INFINITY : Math.min(expires_at - at, expires_at - timestamp)
      next.set(correlation_id, due.get(correlation_id) ?? monotonic() + rest)
    }
    due = next
  }
  const isDue = ({ correlation_id }: Command): boolean =>
    monotonic() >= (due.get(correlation_id) ?? Number.POSITIVE_INFINITY)

  const look = (): void => {
    const at = now()
    const commands = actuatorHistory.list()
    if (commands.length === 0) return
    follow(commands, at)
    speak(() => book.expire(at, isDue).map((command) => commandFailed(command, at)))
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
  const timers = [every(LOOK_EVERY, look), every(SWEEP_EVERY, () => void sweep())]

  return {
    look,
    sweep,
    close() {
      for (const timer of timers) timer.stop()
      stop.abort()
      return sweeping
    },
  }
}
