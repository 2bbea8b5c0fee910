/**
 * Several kaisers on one Redis as one broker: the composition of this folder. Aedes gets an emitter and a persistence
 * that work with Redis and without it; what has to be made up for when Redis is back is written here, in its order.
 */
import { randomUUID } from 'node:crypto'
import { Changes } from './aside.js'
import { type ClusterEmitter, createClusterEmitter } from './emitter.js'
import { createExpiry } from './expiry.js'
import type { Line } from './line.js'
import { createLink, type LinkState } from './link.js'
import { createNodes } from './nodes.js'
import { createOutgoing } from './outgoing.js'
import type { Named, Packet, Subscription } from './packet.js'
import { createPersistence, type Persistence } from './persistence.js'
import { createReceived } from './received.js'
import { createRetained } from './retained.js'
import { Sessions } from './sessions.js'
import { createSpool } from './spool.js'
import { openStore } from './store.js'
import { createSubscriptions } from './subscriptions.js'
import type { RedisPlace } from './url.js'
import { createWills } from './wills.js'
import { createWire, type Wire } from './wire.js'

/** A connected client, as far as this looks at it. */
export interface ClusterClient extends Named {
  will?: Packet | null
  deliverQoS(packet: Packet, done: () => void): void
  close(): void
}

/** Aedes, as far as this looks at it. */
interface Node {
  readonly id: string
  counter: number
  readonly clients: Readonly<Record<string, ClusterClient>>
}

export interface ClusterOptions {
  place: RedisPlace
  /** Messages on their way to subscribers of this node at the same time. */
  concurrency: number
  bounds: { queued_messages: number; queued_bytes: number; retained_messages: number }
  /** Something did not fit: a queue of a session, or the retained messages. */
  full: (bound: 'queued_messages' | 'retained_messages', who: string) => void
  changed: (state: LinkState, detail: string) => void
  /** Another node has a newer connection of this client; it is closed after this. */
  movedAway: (clientId: string) => void
  failed: (error: Error) => void
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  backoff?: readonly [first: number, last: number]
  /** How long the session of an absent client is kept, ms; 0 is for ever. */
  sessionExpiry: number
}

export interface RedisStatus {
  /** The URL without its password. */
  url: string
  state: LinkState
  /** ms since 1970 */
  since: number
  /** Attempts since it was there. */
  attempts: number
  detail: string
  /** Other kaisers that were heard in the last three minutes. */
  nodes: number
  /** What waits for Redis: messages and changes. */
  buffered: number
  /** Messages other nodes did not get while it was lost: pushed out, out of date, or QoS 0. */
  missed: number
}

export interface Cluster {
  readonly mq: ClusterEmitter['mq']
  readonly persistence: Persistence
  /** Nodes whose subscribers are not known here. */
  readonly others: number
  /** May anybody hear this topic besides the clients connected here? */
  hears(topic: string): boolean
  /**
   * Queues a message for the lasting sessions that want it. Undefined when nobody does; else it is as safe as an
   * acknowledgement says when the promise is fulfilled.
   */
  precede(client: Named, packet: Packet): Promise<void> | undefined
  connected(client: ClusterClient): void
  gone(client: Named): void
  status(): RedisStatus
  /** Says goodbye to the others. */
  close(): Promise<void>
}

/** What other nodes are to hear later, at most. */
const SPOOL = { messages: 10_000, bytes: 8_388_608 }
/** By then every node that is alive has said so: three heartbeats of Aedes, ms. */
const LONG_ENOUGH = 180_000

const message = (topic: string, payload: string): Packet => ({
  cmd: 'publish',
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  retain: false,
})

export function createCluster(options: ClusterOptions): Cluster {
  const { bounds, full, monotonic } = options
  const sessions = new Sessions()
  const changes = new Changes()
  const spool = createSpool(SPOOL, monotonic)
  const connectedAt = new WeakMap<ClusterClient, number>()
  /** QoS 2 messages that wait for their turn: sent again, they are the same. */
  const announced = new WeakMap<Named, Map<number, number>>()
  /** Sessions taken up without knowing what Redis has for them. */
  const unknown = new Set<string>()
  let node: Node | undefined
  let wire: Wire | undefined
  let epoch: string | undefined
  let unsent = 0
  let upSince = Number.POSITIVE_INFINITY

  const clients = (): ClusterClient[] => Object.values(node?.clients ?? {})
  const lasting = (): ClusterClient[] => clients().filter(({ clean }) => !clean)
  const queueBounds = { messages: bounds.queued_messages, bytes: bounds.queued_bytes }

  const link = createLink({
    place: options.place,
    resume,
    drain,
    rest: () =>
      subscriptions.waiting > 0 ||
      retained.waiting > 0 ||
      outgoing.aside > 0 ||
      changes.size > 0 ||
      spool.size > 0,
    changed(state, detail) {
      if (state === 'up') upSince = monotonic()
      options.changed(state, detail)
      if (state === 'up') void catchUp().catch(options.failed)
    },
    now: options.now,
    ...(options.backoff && { backoff: options.backoff }),
  })

  // Whoever misses it lost Redis too, and reads everything again.
  const tell = (word: string, payload: string): void => void wire?.tell(word, payload).catch(() => {})
  const subscriptions = createSubscriptions({
    link,
    sessions,
    tell: (clientId, wanted) => tell('session', JSON.stringify({ clientId, wanted })),
  })
  const outgoing = createOutgoing({
    link,
    bounds: queueBounds,
    changes,
    full: (clientId) => full('queued_messages', clientId),
  })
  const received = createReceived(link, changes)
  const retained = createRetained({
    link,
    bound: bounds.retained_messages,
    full: (topic) => full('retained_messages', topic),
  })
  const wills = createWills(link, () => node!.id)
  const { mq, here } = createClusterEmitter({
    concurrency: options.concurrency,
    link,
    wire: () => wire!,
    spool,
    unsent: () => {
      if (nodes.others > 0) unsent++
    },
  })

  const giveWay = (clientId: string): void => {
    const client = node?.clients[clientId]
    if (!client) return
    options.movedAway(clientId)
    client.close()
  }
  const nodes = createNodes({
    monotonic,
    clients: () => clients().map((client) => [client.id, connectedAt.get(client) ?? 0] as const),
    tell,
    giveWay,
    // Aedes asks its own list of nodes whether one is alive.
    met: (id) => here(message(`$SYS/${id}/heartbeat`, id)),
  })

  const persistence = createPersistence({
    sessions,
    subscriptions,
    outgoing,
    received: {
      ...received,
      store(client, packet) {
        announced.get(client)?.delete(packet.messageId!)
        return received.store(client, packet)
      },
    },
    retained,
    wills: {
      ...wills,
      // Who is alive is known when each has had the time to say so. Whoever is here has its Will with it.
      async orphans(alive) {
        if (monotonic() - upSince < LONG_ENOUGH) return []
        const orphans = await wills.orphans(alive)
        const dead = orphans.filter(({ clientId }) => !node!.clients[clientId!])
        for (const { clientId, brokerId } of orphans)
          if (node!.clients[clientId!]) await wills.remove({ id: clientId!, brokerId: brokerId! })
        return dead
      },
    },
    taken(client) {
      if (!client.clean) expiry.seen(client.id)
      if (link.state === 'lost' && !client.clean) unknown.add(client.id)
    },
    async named(aedes) {
      node = aedes as Node
      await link.start()
    },
    close: () => link.close(),
  })
  const expiry = createExpiry({
    expiry: options.sessionExpiry,
    all: () => sessions.ids(),
    here: () => lasting().map((client) => client.id),
    attempt: (work) => link.attempt(work, () => {}),
    async end(clientId) {
      await persistence.cleanSubscriptions({ id: clientId })
      await received.forget({ id: clientId })
    },
    failed: options.failed,
    now: options.now,
  })

  /** Makes a new line ready: what it knows is read, and what only this node knows is not forgotten. */
  async function resume(line: Line): Promise<void> {
    const id = node!.id
    await openStore(line, id)
    const before = epoch
    await line.commands.set('epoch', randomUUID(), 'NX')
    epoch = (await line.commands.get('epoch')) ?? undefined
    wire = createWire(line, {
      id,
      db: options.place.db,
      heard(from, packet) {
        nodes.heard(from)
        const moved = /^\$SYS\/[^/]+\/new\/clients$/.test(packet.topic) ? String(packet.payload) : undefined
        if (moved !== undefined && node!.clients[moved]) options.movedAway(moved)
        here(packet)
      },
      told(from, word, payload) {
        if (nodes.told(from, word, payload)) return
        nodes.heard(from)
        if (word !== 'session') return
        const { clientId, wanted } = JSON.parse(payload) as { clientId: string; wanted: Subscription[] }
        subscriptions.heard(clientId, wanted)
      },
      junk: options.failed,
    })
    await wire.open()
    // Another epoch: Redis came back without what it knew.
    const mine =
      before !== undefined && before !== epoch ? sessions.ids() : lasting().map((client) => client.id)
    await subscriptions.load(line, mine)
    await wills.restore(
      line,
      new Map(clients().flatMap(({ id: clientId, will }) => (will ? [[clientId, will] as const] : []))),
    )
    await changes.carryOut(line)
  }

  /** Carries over what waits; asked again until nothing does. */
  async function drain(line: Line): Promise<void> {
    await subscriptions.carryOver(line)
    await retained.carryOver(line)
    await outgoing.carryOver(line)
    await changes.carryOut(line)
    while (spool.size > 0) {
      const page = spool.take()
      await Promise.all(page.packets.map((packet) => wire!.send(packet))).catch((error) => {
        page.giveBack()
        throw error
      })
    }
  }

  /** Tells the others who is here, and gives the sessions that came meanwhile what Redis kept for them. */
  async function catchUp(): Promise<void> {
    nodes.hello()
    await expiry.round()
    for (const clientId of unknown) {
      const client = node!.clients[clientId]
      if (client && !client.clean)
        for (const packet of await outgoing.unsent(clientId))
          await new Promise<void>((done) => client.deliverQoS(packet, done))
      unknown.delete(clientId)
    }
  }

  return {
    mq,
    persistence,
    get others() {
      return nodes.others
    },
    hears: (topic) => nodes.others > 0 || sessions.match(topic).length > 0,
    precede(client, packet) {
      if (packet.qos === 0) return undefined
      const again = packet.qos === 2 && received.has(client, packet.messageId!)
      const subscribers = again ? [] : sessions.match(packet.topic)
      if (subscribers.length === 0) return undefined
      packet.brokerId = node!.id
      packet.brokerCounter = counterOf(client, packet)
      return persistence.precede(subscribers, packet)
    },
    connected: (client) => void connectedAt.set(client, monotonic()),
    gone(client) {
      if (!client.clean) expiry.seen(client.id)
      outgoing.gone(client.id)
      received.gone(client)
    },
    status: () => ({
      url: options.place.shown,
      state: link.state,
      since: link.since,
      attempts: link.attempts,
      detail: link.detail,
      nodes: nodes.others,
      buffered: spool.size + retained.waiting + outgoing.aside + subscriptions.waiting + changes.size,
      missed: spool.dropped + unsent,
    }),
    async close() {
      expiry.close()
      await link
        .attempt(
          () => wire!.tell('bye', ''),
          () => {},
        )
        .catch(() => {})
      link.close()
    },
  }

  /** A QoS 2 message keeps its number when it is sent again before it was stored. */
  function counterOf(client: Named, { qos, messageId }: Packet): number {
    if (qos !== 2) return ++node!.counter
    const waiting = announced.get(client) ?? new Map<number, number>()
    announced.set(client, waiting)
    const counter = waiting.get(messageId!) ?? ++node!.counter
    waiting.set(messageId!, counter)
    return counter
  }
}
