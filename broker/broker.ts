/**
 * The MQTT broker: Aedes and its life. Connections arrive as streams, from a socket, a WebSocket or from
 * inside this process; messages leave through `receive`, before they are acknowledged; `publish` says
 * something on MQTT. Everything that knows Aedes is in this room.
 */
import { randomUUID } from 'node:crypto'
import type { EventEmitter } from 'node:events'
import { Aedes, type Client } from 'aedes'
import { createAdmission, type Place } from './admission.js'
import { createAudience, followEmitter } from './audience.js'
import { BOUNDS, type BoundName, type Bounds, boundTable } from './bounds.js'
import { holderAmong } from './client-ids.js'
import { createClients, watcherOf } from './clients.js'
import { createDeviceConnections } from './device-connections.js'
import { createEnds } from './ends.js'
import { createHits } from './hits.js'
import { createHooks, type Receive } from './hooks.js'
import { Intake } from './intake.js'
import { looksLike, wrongDoor } from './looks-like.js'
import type { Memory } from './memory.js'
import { createMessageLog } from './message-log.js'
import type { Broker, BrokerOptions } from './options.js'
import { createOutlets } from './outlet.js'
import { ClientPace } from './pace.js'
import { createPresent } from './present.js'
import { registerOneByOne } from './registration.js'
import { retainedMessages } from './retained-list.js'
import { createSay } from './say.js'
import { createSession, type Session } from './session.js'
import { openOwnMemory } from './sessions/own-memory.js'
import { shortenPublish } from './short-cut.js'
import { storeGranted } from './subscriptions.js'
import { createFigures } from './sys-figures.js'
import { createSysTree } from './sys-tree.js'
import { createTakeovers } from './takeovers.js'
import { Meter, Traffic } from './traffic.js'
import { Violation } from './violation.js'
import { installWriter } from './write-packet.js'

export type { Broker } from './options.js'

export async function createBroker(options: BrokerOptions): Promise<Broker> {
  installWriter()
  const { report, kaiser_id } = options
  const bounds: Bounds = { ...BOUNDS, ...options.bounds }
  const hits = createHits({
    bounds,
    report,
    now: options.now,
    ...(options.boundHit && { news: options.boundHit }),
  })
  const { log = createMessageLog({ bounds, now: options.now }) } = options
  log.rolled = hits.rolled
  const monotonic = options.monotonic ?? options.now
  const admission = createAdmission(bounds)
  const clients = createClients({
    queueOf: (client_id) => memory.queueOf(client_id),
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
  const dropped: Record<string, number> = Object.create(null)
  let closing = false
  let received = 0
  let lastMessageAt: number | null = null

  const sessionOf = (client: Client): Session => sessions.get(client)!

  const receive: Receive = (message, sender, settle) => {
    received++
    lastMessageAt = options.now()
    options.receive(message, sender, settle)
    // By now kaiser knows a device that spoke for the first time.
    if (!message.turned_down && message.by === undefined) devices.spoke(sender, message.topic)
  }

  const takeovers = createTakeovers(report)
  const arrived = (client: Client, session: Session, enter: () => void): void => {
    options.arrived?.(takeovers.arrive(session))
    registration.take(client, () => {
      memory.claim(session.client_id, session.identity!)
      enter()
    })
  }

  const audience = createAudience()
  const openOutlet = createOutlets((client_id, packet_id) => memory.taken(client_id, packet_id))
  const devices = createDeviceConnections(options, (esp_id) =>
    memory.elsewhere?.moved(esp_id, devices.where(esp_id)),
  )
  const full = (bound: BoundName, who: string, fields: object = {}): void => {
    const { code } = boundTable[bound]
    if (code !== null) dropped[code] = (dropped[code] ?? 0) + 1
    hits.hit(bound, who, fields)
  }
  const id = randomUUID()
  const keeping = {
    broker_id: id,
    store: options.store,
    bounds,
    audience,
    sessionExpiry: options.sessionExpiry,
    full,
    report,
    now: options.now,
    monotonic,
  }
  // Its libraries are loaded where they are used: most kaisers are alone.
  const memory: Memory = options.redis
    ? (await import('./redis/shared-memory.js')).openSharedMemory({
        ...keeping,
        ...options.redis,
        movedAway(client_id) {
          const { clients } = aedes as unknown as { clients: Record<string, Client> }
          const session = sessionOf(clients[client_id]!)
          session.taken_over = true
          report('session_taken_over', client_id, { client_id, instead_of: session.peer })
        },
      })
    : openOwnMemory(keeping)
  const hooks = createHooks({
    receive,
    report,
    kaiser_id,
    identify: options.identify,
    gate: options.gate,
    withhold: (packet) => void withheld.add(packet),
    bounds,
    hit: hits.hit,
    log,
    sessionOf,
    holder: holderAmong(takeovers.holder, memory.ownerOf),
    arrived,
    ...memory.hooks,
    closing: () => closing,
  })
  const aedes: Aedes = await Aedes.createBroker({
    id,
    ...hooks,
    authorizeForward(client, packet) {
      const heard = hooks.authorizeForward(client, packet)
      return (heard && memory.forward(client, heard)) as never
    },
    connectTimeout: bounds.connect_timeout,
    drainTimeout: bounds.drain_timeout,
    maxTopicLevels: bounds.topic_levels,
    maxInflightInbound: bounds.incoming_in_flight,
    mq: followEmitter(memory.mq, audience),
    persistence: storeGranted(memory.persistence, (client: Client) => sessions.get(client)?.subscriptions),
  })
  const registration = registerOneByOne(aedes)
  shortenPublish(aedes, {
    withheld: (packet) => withheld.has(packet),
    hears: (topic) => memory.wide || audience.hears(topic),
  })
  memory.serve({
    aedes,
    kaiser_id,
    identityOf: (client) => sessionOf(client).identity,
    handIn: (packet, done) => hooks.authorizePublish(null, packet as never, done as never),
    willGrace: options.willGrace,
    tellHere: (...told) => say.tellHere(...told),
  })

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
      kept: memory.kept,
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
  devices.follow(aedes)
  const say = createSay({
    aedes,
    memory,
    audience,
    devices,
    log,
    closing: () => closing,
    failed: (error, esp_id) => report('internal_error', esp_id, { err: error }),
  })
  const failed = createEnds({ sessionOf: (client) => sessions.get(client), hit: hits.hit, report })
  aedes.on('clientError', failed)
  aedes.on('connectionError', failed)
  ;(aedes as unknown as EventEmitter).on('error', (error: Error) =>
    report('internal_error', 'broker', { err: error }),
  )

  const admit = (address: string | null, isKnown = false): Place | undefined => {
    const place = admission.enter(address, isKnown)
    if (typeof place !== 'string') return place
    hits.hit(place, address ?? 'local', { address })
    return undefined
  }

  return {
    bounds,
    hears: (topic) => audience.hears(topic) || memory.hears(topic),

    admit,

    attach(stream, peer) {
      const place = peer.place ?? admit(peer.address, peer.identity !== undefined)
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
      const way = openOutlet(client)
      devices.open(client, session, way)
      stream.once('close', () => {
        present.leave(client)
        devices.leave(client)
        takeovers.leave(session)
        clients.leave(client)
        memory.leave(client)
        place.release()
      })
      const intake = new Intake(client, {
        packet_bytes: bounds.packet_bytes,
        meter,
        way,
        // Whoever is inside this process is one of us.
        pace: peer.identity ? undefined : new ClientPace(session, bounds, hits, monotonic),
        stranger,
      })
      session.readOn = () => intake.readOn()
    },

    confide(whom, message) {
      const told = present.confide(whom, message)
      if (told > 0) log.said(message.topic, message.payload, 1, false)
      return told
    },
    disconnect: present.disconnect,

    publish: say.publish,
    tell: say.tell,
    present: say.present,
    hearsItself: say.hearsItself,

    counters: () => ({
      connections: admission.connections,
      unauthenticated: admission.unauthenticated,
      subscriptions: audience.size,
      messages_received: received,
      messages_published: say.count,
      last_message_at: lastMessageAt,
      received: { ...traffic.received },
      sent: { ...traffic.sent },
      dropped: { ...dropped },
    }),
    clients: clients.list,
    kick(client_id) {
      const kicked = clients.kick(client_id) || memory.end(client_id)
      if (kicked) report('client_kicked', client_id, { client_id })
      return kicked
    },
    retained: (filter) => retainedMessages((aedes as unknown as { persistence: object }).persistence, filter),
    boundStates: hits.list,
    redis: memory.status,

    async close() {
      closing = true
      clients.close()
      memory.settle()
      sysTree.close()
      await new Promise<void>((resolve) => aedes.close(resolve))
      await memory.close()
    },
  }
}

const fallBehind = (client: Client): void =>
  void client.emit('error', new Violation('unacknowledged_full', 'it does not acknowledge what it is sent'))
