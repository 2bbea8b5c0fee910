/**
 * The MQTT broker: Aedes and its life. Connections arrive as streams, from a socket, a WebSocket or from
 * inside this process; messages leave through `receive`, before they are acknowledged; `publish` says
 * something on MQTT. Everything that knows Aedes is in this room.
 */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { Aedes, type Client, type PublishPacket } from 'aedes'
import mqemitter from 'mqemitter'
import type { CodeName } from '../routing/contract/codes.js'
import type { Gate, Identify, Identity } from '../routing/contract/identities.js'
import { ownerOf } from './access.js'
import { createAdmission, type Place } from './admission.js'
import { createAudience, followEmitter } from './audience.js'
import { BOUNDS, type BoundName, type Bounds, boundTable } from './bounds.js'
import { type ClientState, createClients, watcherOf } from './clients.js'
import { type BoundState, boundOf, createHits } from './hits.js'
import { createHooks, type Receive, type Report } from './hooks.js'
import { Intake } from './intake.js'
import { looksLike, type OtherPorts, wrongDoor } from './looks-like.js'
import { createOutlets } from './outlet.js'
import { ClientPace } from './pace.js'
import type { Peer } from './peer.js'
import { createPresent, type Present } from './present.js'
import type { RedisStatus } from './redis/cluster.js'
import type { LinkState } from './redis/link.js'
import { parseRedisUrl } from './redis/url.js'
import { type RetainedMessage, retainedMessages } from './retained-list.js'
import { createSession, type Session } from './session.js'
import { followSessions, type Live } from './sessions/live.js'
import { createSessionState } from './sessions/session-state.js'
import type { StateStore } from './sessions/state-store.js'
import { storeGranted } from './subscriptions.js'
import { createFigures, keptBy } from './sys-figures.js'
import { createSysTree } from './sys-tree.js'
import { type Arrival, createTakeovers } from './takeovers.js'
import { type Counts, Meter, Traffic } from './traffic.js'
import { Violation } from './violation.js'

export interface BrokerOptions {
  receive: Receive
  report: Report
  kaiser_id: string
  /** Finds out who a client is. */
  identify: Identify
  /** Turns down what devices must not obey. */
  gate: Gate
  /** A client subscribed, or is back with what it subscribed to before. */
  listening?: (identity: Identity) => void
  /** A client said who it is. */
  arrived?: (arrival: Arrival) => void
  /** Where those are sent who took the wrong port. */
  otherPorts?: () => OtherPorts
  /** ms since 1970 */
  now: () => number
  /** ms, for what lasts; without it `now` is taken */
  monotonic?: () => number
  bounds?: Partial<Bounds>
  /** Where sessions and retained messages are kept, unless Redis keeps them. */
  store: StateStore
  /** How long the session of an absent client is kept, ms; 0 is for ever. */
  sessionExpiry: number
  /** How long clients have to come back before the Wills of a killed kaiser are published, ms. */
  willGrace?: number | undefined
  /** Other kaisers on the same Redis are the same broker. */
  redis?: {
    url: string
    changed: (state: LinkState, status: RedisStatus) => void
    /** The first and the longest wait between two attempts, ms. */
    backoff?: readonly [first: number, last: number]
  }
  /** Which kaiser this is. */
  version?: string
  /** How often `$SYS/broker/…` is said, s; 0 or nothing is never */
  sysInterval?: number
  /** A bound was hit after a quiet time. */
  boundHit?: (bound: BoundState, who: string) => void
}

export interface BrokerCounters {
  connections: number
  unauthenticated: number
  subscriptions: number
  messages_received: number
  messages_published: number
  last_message_at: number | null
  /** Everything on the wire. */
  received: Counts
  sent: Counts
  dropped: Record<string, number>
}

export interface Broker extends Pick<Present, 'confide' | 'disconnect'> {
  readonly bounds: Bounds
  /** A place for a connection that has to say something else first; undefined when it is refused, which is reported. */
  admit(address: string | null): Place | undefined
  /** Takes over a connection. */
  attach(stream: Duplex, peer: Peer): void
  /** Does anybody subscribe to this topic? */
  hears(topic: string): boolean
  publish(message: { topic: string; payload: string | Buffer; qos: 0 | 1; retain: boolean }): Promise<void>
  counters(): BrokerCounters
  /** How Redis is; undefined without it. */
  redis(): RedisStatus | undefined
  /** Everybody who is connected. */
  clients(): ClientState[]
  /** Closes the connection of a client; false when it is not connected. */
  kick(client_id: string): boolean
  /** Retained messages whose topic matches a filter, or all. */
  retained(filter?: string): Promise<RetainedMessage[]>
  /** What each bound is and how often it was hit. */
  boundStates(): BoundState[]
  close(): Promise<void>
}

/** Messages that may wait for a slow subscriber at the same time; each connection has a bound of its own. */
const UNLIMITED = 0

/** What a broken connection is called, by what Aedes or the socket says. */
const codeOf = (error: Error & { code?: string }): CodeName | undefined => {
  if (error instanceof Violation) return error.code
  if (error.message === 'topic has too many levels') return 'topic_too_deep'
  if (error.message.startsWith('maxInflightInbound exceeded')) return 'in_flight_full'
  if (error.message === 'connect did not arrive in time') return 'connect_timeout'
  if (error.message === 'keep alive timeout') return 'keepalive_timeout'
  if (error.message === 'drain timeout') return 'drain_timeout'
  // Refusals of ours were reported where they were decided; a connection that just broke is everyday life.
  if ('returnCode' in error || /forbidden|closed|storage|backlog/i.test(error.message) || error.code)
    return undefined
  return 'protocol_violation'
}

export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { report, kaiser_id } = options
  const bounds: Bounds = { ...BOUNDS, ...options.bounds }
  const hits = createHits({
    bounds,
    report,
    now: options.now,
    ...(options.boundHit && { news: options.boundHit }),
  })
  const monotonic = options.monotonic ?? options.now
  const admission = createAdmission(bounds)
  const clients = createClients({
    queueOf(client_id) {
      const { size = 0, bytes = 0 } = state?.sessions.find(client_id) ?? {}
      return { messages: size, bytes }
    },
    now: options.now,
    monotonic,
  })
  const traffic = new Traffic()
  const metering = { all: traffic, now: options.now, unacknowledged: bounds.outgoing_in_flight }
  const stranger = (firstBytes: Buffer): Violation | undefined => {
    const who = looksLike(firstBytes)
    return who && new Violation('protocol_violation', wrongDoor(who, options.otherPorts?.()))
  }
  const sessions = new WeakMap<Client, Session>()
  const present = createPresent(report, options.now)
  const withheld = new WeakSet<object>()
  const broken = new WeakSet<Client>()
  const dropped: Record<string, number> = Object.create(null)
  let closing = false
  let expired = 0
  let received = 0
  let published = 0
  let lastMessageAt: number | null = null

  const sessionOf = (client: Client): Session => sessions.get(client)!

  const receive: Receive = (message, sender, settle) => {
    received++
    lastMessageAt = options.now()
    options.receive(message, sender, settle)
  }

  const takeovers = createTakeovers()
  const arrived = (session: Session): void => {
    state?.sessions.claim(session.client_id, ownerOf(session.identity))
    const arrival = takeovers.arrive(session)
    if (arrival.instead_of !== undefined)
      report('session_taken_over', arrival.client_id, {
        client_id: arrival.client_id,
        address: arrival.peer,
        instead_of: arrival.instead_of,
      })
    options.arrived?.(arrival)
  }

  const audience = createAudience()
  const openOutlet = createOutlets()
  const full = (bound: BoundName, who: string, fields: object = {}): void => {
    const { code } = boundTable[bound]
    dropped[code] = (dropped[code] ?? 0) + 1
    hits.hit(bound, who, fields)
  }
  const id = randomUUID()
  // Its libraries are loaded where they are used: most kaisers are alone.
  const cluster =
    options.redis &&
    (await import('./redis/cluster.js')).createCluster({
      place: parseRedisUrl(options.redis.url),
      store: options.store,
      concurrency: UNLIMITED,
      bounds,
      full,
      changed: (state) => options.redis!.changed(state, cluster!.status()),
      movedAway(clientId) {
        const { clients } = aedes as unknown as { clients: Record<string, Client> }
        const session = sessionOf(clients[clientId]!)
        session.taken_over = true
        report('session_taken_over', clientId, { client_id: clientId, instead_of: session.peer })
      },
      failed: (error) => report('internal_error', 'redis', { err: error }),
      now: options.now,
      monotonic,
      sessionExpiry: options.sessionExpiry,
      ...(options.redis.backoff && { backoff: options.redis.backoff }),
    })
  const state = cluster
    ? undefined
    : createSessionState({
        store: options.store,
        broker_id: id,
        bounds,
        audience,
        expiry: options.sessionExpiry,
        now: options.now,
        full,
        report(code, who, fields) {
          if (code === 'session_expired') expired++
          report(code, who, fields)
        },
      })
  const hooks = createHooks({
    receive,
    report,
    kaiser_id,
    identify: options.identify,
    gate: options.gate,
    withhold: (packet) => void withheld.add(packet),
    bounds,
    hit: hits.hit,
    sessionOf,
    arrived,
    ...(state && {
      keep: state.keeping.take,
      refused: (client, filter) => state.persistence.refused(client, filter),
    }),
    ...(cluster && {
      precede: (client, packet) => cluster.precede(client, packet as never),
      maySend: (client, packet) => cluster.maySend(client as never, packet as never),
    }),
    closing: () => closing,
  })
  const aedes: Aedes = await Aedes.createBroker({
    id,
    ...hooks,
    ...(state && {
      authorizeForward(client, packet) {
        const heard = hooks.authorizeForward(client, packet)
        return (heard && state.forward(client, heard as never)) as never
      },
    }),
    connectTimeout: bounds.connect_timeout,
    drainTimeout: bounds.drain_timeout,
    maxTopicLevels: bounds.topic_levels,
    maxInflightInbound: bounds.incoming_in_flight,
    mq: followEmitter(cluster?.mq ?? mqemitter({ concurrency: UNLIMITED, matchEmptyLevels: true }), audience),
    persistence: storeGranted(
      cluster?.persistence ?? state!.persistence,
      (client: Client) => sessions.get(client)?.subscriptions,
    ),
  })
  // Aedes goes its whole way for every message; where nobody listens, or may, there is nothing at its end.
  const toSubscribers = aedes.publish
  aedes.publish = function (this: Aedes, packet: PublishPacket, client?: unknown, done?: () => void) {
    if (withheld.has(packet)) return done?.()
    if (typeof client === 'object' && client && !packet.retain && !cluster && !audience.hears(packet.topic))
      return done?.()
    const { brokerId, brokerCounter } = packet as { brokerId?: string; brokerCounter?: number }
    // A Will of a node that died has its name and no number; this node says it, as its own.
    const mine = brokerId && !brokerCounter ? { ...packet, brokerId: aedes.id } : packet
    return (toSubscribers as (...all: unknown[]) => void).call(this, mine, client, done)
  } as typeof aedes.publish

  const live: Live | undefined =
    state &&
    followSessions({
      aedes,
      state,
      kaiser_id,
      identityOf: (client) => sessionOf(client).identity,
      handIn: (packet, done) => hooks.authorizePublish(null, packet as never, done as never),
      report,
      grace: options.willGrace,
    })
  if (cluster) {
    aedes.on('client', (client) => cluster.connected(client as never))
    aedes.on('clientDisconnect', (client) => cluster.gone(client as never))
  }

  // Aedes tells each write that a broken connection still owed; the first one says why it broke.
  const failed = (client: Client, error: Error): void => {
    if (broken.has(client)) return
    broken.add(client)
    const session = sessions.get(client)
    const ended = codeOf(error)
    const code = ended === 'keepalive_timeout' && session?.kept_alive ? 'keepalive_ceiling' : ended
    if (!code) return
    const bound = boundOf(code)
    const who = session?.client_id ?? ''
    const fields = { address: session?.address, detail: error.message }
    if (bound) hits.hit(bound, who, fields)
    else report(code, who, fields)
  }
  // What a session remembered was granted again, and is stored already.
  aedes.on('clientReady', (client) => {
    sessions.get(client)?.subscriptions.unstored()
    clients.enter(client)
  })
  const sysTree = createSysTree({
    interval: options.sysInterval ?? 0,
    figures: createFigures({
      version: options.version ?? '',
      clients,
      traffic,
      kept: () => keptBy(state, expired),
      subscriptions: () => audience.size,
      dropped: () => dropped,
      monotonic,
    }),
    watchers: clients.watchers,
    monotonic,
  })
  aedes.on('subscribe', (granted, client) =>
    sysTree.greet(
      watcherOf(
        client,
        granted.filter(({ qos }) => (qos as number) < 128).map(({ topic }) => topic),
      ),
    ),
  )
  aedes.on('unsubscribe', (filters, client) => sessions.get(client)?.subscriptions.forget(filters))
  const listening = (client: Client): void => {
    const identity = sessions.get(client)?.identity
    if (identity) options.listening?.(identity)
  }
  aedes.on('subscribe', (_subscriptions, client) => listening(client))
  aedes.on('clientReady', listening)
  aedes.on('clientError', failed)
  aedes.on('connectionError', failed)
  ;(aedes as unknown as EventEmitter).on('error', (error: Error) =>
    report('internal_error', 'broker', { err: error }),
  )

  const admit = (address: string | null): Place | undefined => {
    const place = admission.enter(address)
    if (typeof place !== 'string') return place
    hits.hit(place, address ?? 'local', { address })
    return undefined
  }

  return {
    bounds,
    hears: (topic) => audience.hears(topic) || (cluster?.hears(topic) ?? false),

    admit,

    attach(stream, peer) {
      const place = peer.place ?? admit(peer.address)
      if (!place) {
        stream.destroy()
        return
      }
      const client = aedes.handle(stream as never, undefined as never)
      const session = createSession(client, peer, place, bounds)
      sessions.set(client, session)
      const meter = new Meter(stream, metering, () =>
        setImmediate(() => !client.closed && fallBehind(client)),
      )
      present.enter(client, session)
      clients.open(client, session, peer, meter.traffic)
      stream.once('close', () => {
        present.leave(client)
        takeovers.leave(session)
        clients.leave(client)
        live?.leave(client)
        place.release()
      })
      const intake = new Intake(client, {
        packet_bytes: bounds.packet_bytes,
        meter,
        way: openOutlet(client),
        // Whoever is inside this process is one of us.
        pace: peer.identity ? undefined : new ClientPace(session, bounds, hits, monotonic),
        stranger,
      })
      session.readOn = () => intake.readOn()
    },

    confide: present.confide,
    disconnect: present.disconnect,

    async publish(message) {
      // Where nothing is retained there is nothing to clear, and nobody needs to hear of it. [MQTT-3.3.1-10]
      const clears = message.retain && message.payload.length === 0
      if (clears && state && !state.retained.has(message.topic)) return
      published++
      const packet = { cmd: 'publish', dup: false, ...message } as const
      const kept = state?.keeping.keep(packet)
      await new Promise<void>((resolve, reject) =>
        aedes.publish(packet, (error?: Error | null) => (error ? reject(error) : resolve())),
      )
      await kept
    },

    counters: () => ({
      connections: admission.connections,
      unauthenticated: admission.unauthenticated,
      subscriptions: audience.size,
      messages_received: received,
      messages_published: published,
      last_message_at: lastMessageAt,
      received: { ...traffic.received },
      sent: { ...traffic.sent },
      dropped: { ...dropped },
    }),
    clients: clients.list,
    kick(client_id) {
      const kicked = clients.kick(client_id)
      if (kicked) report('client_kicked', client_id, { client_id })
      return kicked
    },
    retained: (filter) => retainedMessages((aedes as unknown as { persistence: object }).persistence, filter),
    boundStates: hits.list,
    redis: () => cluster?.status(),

    async close() {
      closing = true
      clients.close()
      live?.close()
      sysTree.close()
      await new Promise<void>((resolve) => aedes.close(resolve))
      await cluster?.close()
    },
  }
}

const fallBehind = (client: Client): void =>
  void client.emit('error', new Violation('unacknowledged_full', 'it does not acknowledge what it is sent'))
