/** Gathers what `$SYS/broker/…` says from those who keep it, when it is about to be said. */
import type { Clients } from './clients.js'
import type { SessionState } from './sessions/session-state.js'
import type { Figures, Kept } from './sys-topics.js'
import type { Traffic } from './traffic.js'

export interface FiguresOptions {
  version: string
  clients: Clients
  traffic: Traffic
  subscriptions: () => number
  dropped: () => Readonly<Record<string, number>>
  /** What is kept for clients that come back. */
  kept: () => Kept
  /** ms */
  monotonic: () => number
}

/** Of the sessions in the database; without any, what others keep is not known here. */
export function keptBy(state: SessionState | undefined, expired: number): Kept {
  if (!state) return { absent: 0, expired, queued: null, retained: null }
  let absent = 0
  let messages = 0
  for (const { outlet, size } of state.sessions.all.values()) {
    if (!outlet) absent++
    messages += size
  }
  const { size, bytes } = state.retained
  return {
    absent,
    expired,
    queued: { messages, bytes: state.queues.bytes },
    retained: { messages: size, bytes },
  }
}

export function createFigures(options: FiguresOptions): () => Figures {
  const { version, clients, traffic, monotonic } = options
  const started = monotonic()
  let maximum = 0

  return () => {
    const current = process.memoryUsage().heapUsed
    maximum = Math.max(maximum, current)
    return {
      version,
      uptime: (monotonic() - started) / 1_000,
      connected: clients.connected,
      maximum: clients.maximum,
      received: traffic.received,
      sent: traffic.sent,
      dropped: Object.values(options.dropped()).reduce((sum, n) => sum + n, 0),
      subscriptions: options.subscriptions(),
      heap: { current, maximum },
      sockets: clients.opened,
      arrivals: clients.entered,
      ...options.kept(),
    }
  }
}
