/**
 * Everything the broker remembers for clients that come back, put together: read from the store, given to Aedes
 * as its persistence, to the hooks as what has to be kept before an acknowledgement, and followed from
 * connection to connection. Nothing here decides; each part is a file beside this one.
 */
import type { Report } from '../../routing/contract/codes.js'
import type { Audience } from '../audience.js'
import type { BoundName, Bounds } from '../bounds.js'
import { type Connection, type Hear, SessionDelivery } from './delivery.js'
import { createForward, type Forward } from './forward.js'
import { Incoming } from './incoming.js'
import { createKeeping, type Keeping } from './keeping.js'
import { SessionPersistence } from './persistence.js'
import { createQueues, type Queues } from './queues.js'
import { Retained } from './retained.js'
import { Sessions } from './sessions.js'
import type { StateStore } from './state-store.js'
import { Wills } from './wills.js'

export interface SessionStateOptions {
  store: StateStore
  /** Aedes' id of this start. */
  broker_id: string
  bounds: Bounds
  audience: Audience
  /** How long a session is kept after its connection ended, ms; 0 is for ever. */
  expiry: number
  /** ms since 1970 */
  now: () => number
  /** Something was lost to a bound. */
  full: (bound: BoundName, who: string, fields: object) => void
  report: Report
}

/** A connection of a lasting session, as Aedes and the hooks know it. */
export interface LastingClient extends Connection {
  readonly id: string
}

export interface SessionState {
  readonly persistence: SessionPersistence
  readonly keeping: Keeping
  readonly forward: Forward
  readonly sessions: Sessions
  readonly queues: Queues
  readonly retained: Retained
  readonly wills: Wills
  /** A client was accepted that wants a lasting session; returns what starts and what ends its delivery. */
  follow(client: LastingClient, owner: string, hear: Hear): { start(): void; end(): void }
  /** A client was accepted that wants a clean session: what an earlier connection left meanwhile is gone too. */
  forgo(client_id: string): void
  close(): void
}

const SWEEP_MS = 60_000
/** Messages on their way to a session at a time; the others wait, and may still make room. */
const WINDOW = 100

export function createSessionState(options: SessionStateOptions): SessionState {
  const { store, bounds, audience, expiry, now, full, report } = options
  const kept = `${options.broker_id}/kept`

  const queues = createQueues({
    store,
    bounds,
    lost: (bound, { client_id }, topic) => full(bound, client_id, { client_id, topic }),
  })
  const incoming = new Incoming(store, bounds.incoming_in_flight)
  const wills = new Wills(store)
  const retained = new Retained({ store, bounds, now, lost: (bound, topic) => full(bound, topic, {}) })
  const sessions = new Sessions({
    store,
    queues,
    audience,
    bounds,
    expiry,
    now,
    ended: ({ client_id }) => incoming.clear(client_id),
    // Whoever owns many is one line in the log.
    full: ({ client_id, owner }, bound) =>
      full(bound, bound === 'sessions' ? client_id : owner, { client_id, owner }),
  })

  const rows = store.take()
  sessions.load(rows)
  queues.load(rows, sessions.all, kept)
  incoming.load(rows)
  retained.load(rows)
  wills.load(rows)
  sessions.trim()

  const sweep = (): void => {
    for (const { client_id } of sessions.expire()) report('session_expired', client_id, { client_id })
  }
  const timer = setInterval(sweep, SWEEP_MS).unref()
  sweep()

  return {
    persistence: new SessionPersistence({ store, sessions, queues, retained, incoming, wills, kept, now }),
    keeping: createKeeping({ store, sessions, queues, retained, incoming, kept, now }),
    forward: createForward(sessions, kept),
    sessions,
    queues,
    retained,
    wills,
    follow(client, owner, hear) {
      const session = sessions.open(client.id, owner)
      const window = Math.min(WINDOW, bounds.outgoing_in_flight)
      const { client_id } = session
      const delivery = new SessionDelivery({
        store,
        queues,
        session,
        connection: client,
        window,
        hear,
        stale: (topic) => report('message_stale', client_id, { client_id, topic }),
        now,
      })
      sessions.connected(session, delivery)
      return { start: () => delivery.start(), end: () => sessions.disconnected(session, delivery) }
    },
    forgo(client_id) {
      const session = sessions.find(client_id)
      if (session) sessions.end(session)
    },
    close: () => clearInterval(timer),
  }
}
