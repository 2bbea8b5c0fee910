/**
 * All sessions that outlive their connections: found by client id, opened and left by connections, ended when
 * they expire, when a clean session takes the client id, or when somebody else claims it. Knows who subscribes
 * to a literal topic, remembered, because every message of QoS 1 asks.
 */
import type { Audience } from '../audience.js'
import type { Bounds } from '../bounds.js'
import { FilterTree } from '../filter-tree.js'
import { LastingSession, type Outlet, Subscription } from './lasting-session.js'
import { Owners, type OwnersBound } from './owners.js'
import type { Queues } from './queues.js'
import type { StateStore, StoredRows } from './state-store.js'

export interface Granted {
  readonly topic: string
  readonly qos: number
  readonly nl?: boolean | undefined
  readonly rap?: boolean | undefined
  readonly rh?: number | undefined
  readonly subscriptionIdentifier?: number | undefined
}

export type SessionsBound = 'sessions' | OwnersBound

export interface SessionsOptions {
  store: StateStore
  queues: Queues
  audience: Pick<Audience, 'add' | 'remove'>
  /** Sessions kept at most, of all and of each owner; the one that has been away longest makes room. */
  bounds: Pick<Bounds, SessionsBound>
  /** How long a session is kept after its connection ended, ms; 0 is for ever. */
  expiry: number
  /** ms since 1970 */
  now: () => number
  /** A session is over, whatever the reason. */
  ended: (session: LastingSession) => void
  /** A session had to make room. */
  full: (session: LastingSession, bound: SessionsBound) => void
}

/** Literal topics remembered. */
const REMEMBERED = 16_384
const NOBODY: ReadonlyMap<LastingSession, number> = new Map()

export class Sessions {
  readonly #options: SessionsOptions
  readonly #sessions = new Map<string, LastingSession>()
  /** Without a connection, the longest away first. */
  readonly #absent = new Set<LastingSession>()
  readonly #owners: Owners
  /** Subscriptions of QoS 1 and 2: the others wait for nothing. */
  readonly #filters = new FilterTree<Subscription>()
  #filterCount = 0
  readonly #heard = new Map<string, ReadonlyMap<LastingSession, number>>()

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#owners = new Owners(options.bounds)
  }

  find(client_id: string): LastingSession | undefined {
    return this.#sessions.get(client_id)
  }

  get all(): ReadonlyMap<string, LastingSession> {
    return this.#sessions
  }

  /** Subscriptions that messages are kept for. */
  get filterCount(): number {
    return this.#filterCount
  }

  /** Sessions that keep messages of this topic, with the highest QoS each was granted. [MQTT-3.3.5-1] */
  subscribersOf(topic: string): ReadonlyMap<LastingSession, number> {
    if (this.#filterCount === 0) return NOBODY
    const known = this.#heard.get(topic)
    if (known) return known
    if (this.#heard.size >= REMEMBERED) this.#heard.clear()
    let found = NOBODY
    for (const { session, filter, qos } of this.matching(topic)) {
      // [MQTT-4.7.2-1]
      if (topic.startsWith('$') && /^[+#]/.test(filter)) continue
      if (found === NOBODY) found = new Map()
      ;(found as Map<LastingSession, number>).set(session, Math.max(qos, found.get(session) ?? 0))
    }
    this.#heard.set(topic, found)
    return found
  }

  matching(topic: string): Subscription[] {
    return this.#filters.listeners(topic)
  }

  /** Whoever is not its owner must not get what it holds: the session ends. */
  claim(client_id: string, owner: string): void {
    const session = this.find(client_id)
    if (session && session.owner !== owner) this.end(session)
  }

  /** A session, with what it held before. */
  open(client_id: string, owner: string): LastingSession {
    const known = this.find(client_id)
    if (known) return known
    this.#makeRoom(owner, 1)
    const [longest] = this.#absent
    if (longest && this.#sessions.size >= this.#options.bounds.sessions) this.#displace(longest, 'sessions')
    const session = new LastingSession(client_id, owner)
    this.#add(session)
    session.disconnected_at = this.#options.now()
    this.#options.store.note(session)
    return session
  }

  connected(session: LastingSession, outlet: Outlet): void {
    session.outlet = outlet
    session.disconnected_at = null
    this.#absent.delete(session)
    this.#owners.connected(session)
    this.#options.store.note(session)
  }

  /** Its connection ended; unless another one has it by now. */
  disconnected(session: LastingSession, outlet: Outlet): void {
    if (session.outlet !== outlet) return
    session.outlet = undefined
    session.unkept.clear()
    session.displaced.clear()
    if (session.gone) return
    session.disconnected_at = this.#options.now()
    this.#absent.add(session)
    this.#owners.disconnected(session)
    this.#options.store.note(session)
    this.#makeRoom(session.owner, 0)
  }

  subscribe(session: LastingSession, granted: Granted): void {
    const { store, audience } = this.#options
    const { topic: filter, qos, nl, rap, rh } = granted
    const known = session.subscriptions.get(filter)
    if (known && known.qos === qos && known.nl === nl && known.rap === rap && known.rh === rh) return
    const subscription = known ?? new Subscription(session, filter)
    if (subscription.qos > 0) this.#forget(subscription)
    Object.assign(subscription, { qos, nl, rap, rh, identifier: granted.subscriptionIdentifier })
    session.subscriptions.set(filter, subscription)
    if (qos > 0) {
      this.#filters.add(filter, subscription)
      this.#filterCount++
      audience.add(filter, subscription)
      this.#heard.clear()
    }
    store.note(subscription)
  }

  unsubscribe(session: LastingSession, filter: string): void {
    const subscription = session.subscriptions.get(filter)
    if (!subscription) return
    session.subscriptions.delete(filter)
    if (subscription.qos > 0) this.#forget(subscription)
    subscription.gone = true
    this.#options.store.note(subscription)
  }

  /** Nothing of it is left. [MQTT-3.1.2-6] */
  end(session: LastingSession): void {
    for (const filter of [...session.subscriptions.keys()]) this.unsubscribe(session, filter)
    this.#options.queues.empty(session)
    this.#sessions.delete(session.client_id)
    this.#absent.delete(session)
    this.#owners.remove(session)
    session.gone = true
    this.#options.store.note(session)
    this.#options.ended(session)
  }

  /** Ends what is more than each owner may have, as after a start with lower bounds. */
  trim(): void {
    for (const owner of this.#owners.names()) this.#makeRoom(owner, 0)
  }

  /** Ends the sessions that were away for too long; returns them. */
  expire(): LastingSession[] {
    const { expiry, now } = this.#options
    if (expiry === 0) return []
    const before = now() - expiry
    const expired = [...this.#absent].filter(({ disconnected_at }) => (disconnected_at ?? 0) <= before)
    for (const session of expired) this.end(session)
    return expired
  }

  /** What was on disk. A session that was connected then has been away since now. */
  load(rows: StoredRows): void {
    const { store, now } = this.#options
    const rest = (session: LastingSession): number => session.disconnected_at ?? Number.MAX_SAFE_INTEGER
    const sessions = rows.mqtt_sessions.map(({ client_id, owner, disconnected_at }) => {
      const session = new LastingSession(client_id, owner)
      session.written = true
      session.disconnected_at = disconnected_at
      return session
    })
    for (const session of sessions.sort((a, b) => rest(a) - rest(b))) {
      this.#add(session)
      if (session.disconnected_at !== null) continue
      session.disconnected_at = now()
      store.note(session)
    }
    for (const { client_id, filter, qos, nl, rap, rh } of rows.mqtt_subscriptions) {
      const session = this.find(client_id)!
      const flag = (bit: number | null): boolean | undefined => (bit === null ? undefined : bit === 1)
      this.subscribe(session, { topic: filter, qos, nl: flag(nl), rap: flag(rap), rh: rh ?? undefined })
      session.subscriptions.get(filter)!.written = true
    }
  }

  #add(session: LastingSession): void {
    this.#sessions.set(session.client_id, session)
    this.#absent.add(session)
    this.#owners.add(session)
  }

  /** For `more` sessions of this owner, of its own. */
  #makeRoom(owner: string, more: number): void {
    for (;;) {
      const excess = this.#owners.tooMuch(owner, more)
      if (!excess) return
      this.#displace(excess.session, excess.bound)
    }
  }

  #displace(session: LastingSession, bound: SessionsBound): void {
    this.end(session)
    this.#options.full(session, bound)
  }

  #forget(subscription: Subscription): void {
    this.#filters.remove(subscription.filter, subscription)
    this.#filterCount--
    this.#options.audience.remove(subscription.filter, subscription)
    this.#heard.clear()
  }
}
