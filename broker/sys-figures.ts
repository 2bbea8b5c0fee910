/** Gathers what `$SYS/broker/…` says from those who keep it, when it is about to be said. */
import type { Clients } from './clients.js'
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
