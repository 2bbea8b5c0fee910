/**
 * Sessions that nobody took up for long end, whichever node they were last seen on; else Redis would keep them, and
 * what is queued for them, for ever. Each node says now and then whom it sees, and one of them ends the others.
 */
import type { Line } from './line.js'

/** How often a node says whom it sees and looks for whom nobody sees, ms. */
const ROUND = 3_600_000
const KEY = 'seen'
const AT_ONCE = 200

export interface ExpiryOptions {
  /** How long an absent session is kept, ms; 0 for ever. */
  expiry: number
  /** All sessions, and those of them that are connected here. */
  all: () => readonly string[]
  here: () => readonly string[]
  attempt: (work: (line: Line) => Promise<void>) => Promise<void>
  /** A session is over. */
  end: (clientId: string) => Promise<void>
  failed: (error: Error) => void
  /** ms since 1970 */
  now: () => number
}

export interface Expiry {
  /** These sessions are, or were just now, connected here. */
  seen(...clientIds: string[]): void
  /** Says whom this node sees, and ends sessions that nobody saw for too long. */
  round(): Promise<void>
  close(): void
}

export function createExpiry({ expiry, all, here, attempt, end, failed, now }: ExpiryOptions): Expiry {
  const note = async ({ commands }: Line, ids: readonly string[], ...how: 'NX'[]): Promise<void> => {
    for (let at = 0; at < ids.length; at += AT_ONCE)
      await commands.zadd(KEY, ...(how as []), ...ids.slice(at, at + AT_ONCE).flatMap((id) => [now(), id]))
  }

  const round = (): Promise<void> =>
    attempt(async (line) => {
      // What was there before anybody looked has just been seen.
      await note(line, all(), 'NX')
      await note(line, here())
      if (expiry === 0) return
      const { commands } = line
      for (;;) {
        const old = await commands.zrangebyscore(KEY, '-inf', now() - expiry, 'LIMIT', 0, AT_ONCE)
        // Only one node takes it out.
        for (const clientId of old) if ((await commands.zrem(KEY, clientId)) === 1) await end(clientId)
        if (old.length < AT_ONCE) return
      }
    })

  const timer = setInterval(() => void round().catch(failed), ROUND).unref()

  return {
    seen(...clientIds) {
      void attempt((line) => note(line, clientIds)).catch(failed)
    },
    round,
    close: () => clearInterval(timer),
  }
}
