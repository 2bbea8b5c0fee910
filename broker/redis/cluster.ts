/**
 * Several kaisers on one Redis as one broker: the composition of this folder. Aedes gets an emitter and a persistence
 * that work with Redis and without it.
 */
import { isPerishable } from '../../routing/contract/perishable.js'
import { isTold } from '../told.js'
import { Aside } from './aside.js'
import { Changes, type ForgetLater } from './changes.js'
import { createComingBack } from './coming-back.js'
import { createElsewhere } from './elsewhere.js'
import { createClusterEmitter } from './emitter.js'
import { createExpiry } from './expiry.js'
import { createLink } from './link.js'
import { createNodes } from './nodes.js'
import type { Cluster, ClusterOptions } from './options.js'
import { createOutgoing } from './outgoing.js'
import { createOwners } from './owners.js'
import { keyOf, type Packet } from './packet.js'
import { createPersistence } from './persistence.js'
import { Announced, createPrecede } from './precede.js'
import { createReceived } from './received.js'
import { createRetained } from './retained.js'
import { Sessions } from './sessions.js'
import { createSpool } from './spool.js'
import { createSubscriptions } from './subscriptions.js'
import { ThisNode } from './this-node.js'
import { createWills } from './wills.js'

export type { Cluster, ClusterOptions, RedisStatus } from './options.js'

/** What other nodes are to hear later, at most. */
const SPOOL = { messages: 10_000, bytes: 8_388_608 }
/** By then every node that is alive has said so: three heartbeats of Aedes, ms. */
const LONG_ENOUGH = 180_000

const NEW_CLIENT = /^\$SYS\/[^/]+\/new\/clients$/

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
  const changes = new Changes(options.mostChanges)
  const queueBounds = { messages: bounds.queued_messages, bytes: bounds.queued_bytes }
  const aside = new Aside({
    store: options.store,
    bounds: queueBounds,
    retained: bounds.retained_messages,
    now: options.now,
  })
  const spool = createSpool(SPOOL, monotonic)
  const announced = new Announced()
  // What an earlier start left is also heard by those whom it would have reached; not what is out of date by now.
  for (const packet of new Map(
    aside.ids().flatMap((id) => aside.packets(id).map((one) => [keyOf(one), one])),
  ).values())
    if (packet.cmd === 'publish' && !isPerishable(packet.topic)) spool.push(packet)
  const node = new ThisNode()
  let unsent = 0
  let upSince = Number.POSITIVE_INFINITY

  const link = createLink({
    place: options.place,
    resume: (line) => comingBack.resume(line),
    drain: (line) => comingBack.drain(line),
    rest: () => comingBack.waiting > 0,
    changed(state, detail) {
      if (state === 'up') upSince = monotonic()
      // What its old line still brings was said before.
      else elsewhere.renew()
      options.changed(state, detail)
      if (state === 'up') void comingBack.catchUp().catch(options.failed)
    },
    now: options.now,
    ...(options.backoff && { backoff: options.backoff }),
  })

  // Whoever misses it lost Redis too, and reads everything again.
  const tell = (word: string, payload: string): void =>
    void comingBack.wire?.tell(word, payload).catch(() => {})
  const subscriptions = createSubscriptions({
    link,
    sessions,
    tell: (clientId, wanted) => tell('session', JSON.stringify({ clientId, wanted })),
  })
  const forgetLater: ForgetLater = (clientId, thing, change) => {
    if (owners.has(clientId) || sessions.of(clientId).length > 0) changes.note(thing, change)
    else if (upSince === Number.POSITIVE_INFINITY) changes.perhaps(thing, change)
  }
  const outgoing = createOutgoing({
    link,
    bounds: queueBounds,
    aside,
    changes,
    forgetLater,
    full: (clientId) => full('queued_messages', clientId),
    stale: () => {
      unsent++
    },
    now: options.now,
  })
  const received = createReceived({
    link,
    changes,
    forgetLater,
    connected: (id) => node.client(id) !== undefined,
  })
  const retained = createRetained({
    link,
    aside,
    bound: bounds.retained_messages,
    full: (topic) => full('retained_messages', topic),
  })
  const owners = createOwners({
    link,
    changes,
    async end(clientId) {
      await subscriptions.clear({ id: clientId })
      await outgoing.forget(clientId)
      await received.forget({ id: clientId })
    },
    async drop(line, clientId) {
      await outgoing.drop(line, clientId)
      await received.drop(line, clientId)
    },
  })
  const wills = createWills(link, () => node.id)
  const { mq, here } = createClusterEmitter({
    concurrency: options.concurrency,
    link,
    wire: () => comingBack.wire!,
    spool,
    unsent: () => {
      if (nodes.others > 0) unsent++
    },
  })

  const giveWay = (clientId: string): void => {
    const client = node.client(clientId)
    if (!client) return
    options.movedAway(clientId)
    client.close()
  }
  const elsewhere = createElsewhere({
    me: () => node.id,
    up: () => link.state === 'up',
    isThere: (id) => nodes.has(id),
    others: () => nodes.others,
    say: tell,
  })
  const nodes = createNodes({
    monotonic,
    clients: () => node.clients().map((client) => [client.id, node.connectedAt(client)] as const),
    tell,
    also: elsewhere.sayAll,
    giveWay,
    // Aedes asks its own list of nodes whether one is alive.
    met: (id) => here(message(`$SYS/${id}/heartbeat`, id)),
  })

  const persistence = createPersistence({
    sessions,
    subscriptions,
    owners,
    outgoing,
    received: {
      ...received,
      // Its receipt may be read before it was handled; the connection it came on handles it all the same.
      async get(client, messageId) {
        if (announced.waits(client, messageId)) throw new Error('no such packet')
        return received.get(client, messageId)
      },
      store(client, packet) {
        announced.stored(client, packet.messageId!)
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
        const dead = orphans.filter(({ clientId }) => !node.client(clientId!))
        for (const { clientId, brokerId } of orphans)
          if (node.client(clientId!)) await wills.remove({ id: clientId!, brokerId: brokerId! })
        return dead
      },
    },
    taken(client) {
      expiry.seen(client.id)
      if (link.state === 'lost') comingBack.takenUp(client.id)
    },
    async named(aedes) {
      node.is(aedes as never)
      await link.start()
    },
    close: () => link.close(),
  })
  const expiry = createExpiry({
    expiry: options.sessionExpiry,
    all: () => sessions.ids(),
    here: () => node.lasting().map(({ id }) => id),
    attempt: (work) => link.attempt(work, () => {}),
    async end(clientId) {
      await persistence.cleanSubscriptions({ id: clientId })
      await received.forget({ id: clientId })
    },
    failed: options.failed,
    now: options.now,
  })

  const comingBack = createComingBack({
    db: options.place.db,
    node,
    sessions,
    aside,
    changes,
    spool,
    subscriptions,
    owners,
    retained,
    outgoing,
    wills,
    nodes,
    expiry,
    elsewhere,
    heard(packet) {
      const moved = NEW_CLIENT.test(packet.topic) ? String(packet.payload) : undefined
      // Aedes closes it when it hears this.
      if (moved !== undefined && node.client(moved)) options.movedAway(moved)
      here(packet)
    },
    failed: options.failed,
  })

  return {
    mq,
    persistence,
    get others() {
      return nodes.others
    },
    hears: (topic) => nodes.others > 0 || sessions.match(topic).length > 0,
    precede: createPrecede({ node, sessions, received, announced, persistence }),
    maySend: (client, packet) =>
      client.clean !== false ||
      packet.qos === 0 ||
      isTold(packet) ||
      outgoing.maySend(client.id, packet, () => sessions.granted(client.id, packet.topic)),
    here: (packet) => here(packet),
    elsewhere,
    taken: outgoing.taken,
    claim: (clientId, owner) => owners.claim(clientId, owner),
    refused(client, filter) {
      if (client.clean === false && sessions.of(client.id).some(({ topic }) => topic === filter))
        void subscriptions.remove(client, [filter]).catch(options.failed)
    },
    connected(client) {
      node.connected(client, monotonic())
      received.connected(client)
    },
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
      buffered: comingBack.waiting,
      missed: spool.dropped + unsent,
    }),
    async close() {
      expiry.close()
      await link
        .attempt(
          () => comingBack.wire!.tell('bye', ''),
          () => {},
        )
        .catch(() => {})
      link.close()
    },
  }
}
