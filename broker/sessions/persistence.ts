/**
 * Aedes' persistence interface over the sessions (aedes-persistence's README documents it). Promises that guard
 * one of the protocol resolve when the rows are on disk; those whose rows went to disk before Aedes asked
 * (keeping.ts) resolve at once. A connected session is served by delivery.ts, so Aedes is given an empty queue
 * for it.
 */
import { Readable } from 'node:stream'
import { mayWait } from '../access.js'
import { violates } from '../violation.js'
import type { Incoming } from './incoming.js'
import type { Entry, LastingSession, Subscription } from './lasting-session.js'
import type { Queues } from './queues.js'
import type { Retained } from './retained.js'
import type { Granted, Sessions } from './sessions.js'
import { onDisk, onDiskOrHeld, type StateStore } from './state-store.js'
import type { WillPacket, Wills } from './wills.js'

/** What Aedes calls a client here: often only its id. */
export interface ClientName {
  readonly id: string
  readonly clean?: boolean
  close?(): void
  resume?(): void
}

export interface AedesPacket {
  cmd?: string
  topic: string
  payload: Buffer | string
  qos: number
  retain: boolean
  dup?: boolean
  brokerId?: string
  brokerCounter?: number
  messageId?: number | undefined
}

interface AedesName {
  readonly id: string
}

export interface PersistenceOptions {
  store: StateStore
  sessions: Sessions
  queues: Queues
  retained: Retained
  incoming: Incoming
  wills: Wills
  /** The brokerId of packets that keeping.ts has kept already. */
  kept: string
  /** ms since 1970 */
  now: () => number
}

/**
 * A subscription nobody may have. Aedes takes a session for present when it has subscriptions; one without any
 * is restored with this, which is refused without a word. [MQTT-3.2.2-2]
 */
export const PRESENT = '$SYS/session/present'

const NO_SUBSCRIPTIONS: object[] = []

export class SessionPersistence {
  readonly #options: PersistenceOptions
  broker: AedesName = { id: '' }
  #destroyed = false

  constructor(options: PersistenceOptions) {
    this.#options = options
  }

  async setup(broker: AedesName): Promise<void> {
    this.broker = broker
  }

  /** The client may not have this filter, nor keep it when it had it. */
  refused(client: ClientName, filter: string): void {
    const session = client.clean === false ? this.#options.sessions.find(client.id) : undefined
    if (session) this.#options.sessions.unsubscribe(session, filter)
  }

  async storeRetained(packet: AedesPacket): Promise<void> {
    if (packet.brokerId === this.#options.kept) return
    const { payload } = packet
    const own = typeof payload === 'string' ? payload : Buffer.from(payload)
    this.#options.retained.keep({ ...packet, payload: own })()
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter])
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(this.#options.retained.matching(filters))
  }

  async addSubscriptions(client: ClientName, subscriptions: Granted[]): Promise<void> {
    const { sessions, store } = this.#options
    const session = sessions.open(client.id, '')
    for (const subscription of subscriptions) sessions.subscribe(session, subscription)
    await onDiskOrHeld(store)
  }

  async removeSubscriptions(client: ClientName, filters: string[]): Promise<void> {
    const { sessions, store } = this.#options
    const session = sessions.find(client.id)
    if (!session) return
    for (const filter of filters) sessions.unsubscribe(session, filter)
    await onDiskOrHeld(store)
  }

  async subscriptionsByClient(client: ClientName): Promise<object[]> {
    const session = this.#options.sessions.find(client.id)
    if (!session) return NO_SUBSCRIPTIONS
    if (session.subscriptions.size === 0) return [{ topic: PRESENT, qos: 0 }]
    return [...session.subscriptions.values()].map(restored)
  }

  async subscriptionsByTopic(topic: string): Promise<object[]> {
    const { sessions } = this.#options
    if (sessions.filterCount === 0) return NO_SUBSCRIPTIONS
    return sessions.matching(topic).map(({ session, filter, qos, rh, rap, nl }) => ({
      clientId: session.client_id,
      topic: filter,
      qos,
      rh,
      rap,
      nl,
    }))
  }

  /** A clean session: nothing of an earlier one is left. [MQTT-3.1.2-6] */
  async cleanSubscriptions(client: ClientName): Promise<void> {
    const { sessions, store } = this.#options
    const session = sessions.find(client.id)
    if (!session) return
    sessions.end(session)
    await onDiskOrHeld(store)
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    const { sessions } = this.#options
    const subscribing = [...sessions.all.values()].filter(({ subscriptions }) => subscriptions.size > 0)
    return { subsCount: sessions.filterCount, clientsCount: subscribing.length }
  }

  getClientList(filter: string): Readable {
    const ids = [...this.#options.sessions.all.values()]
      .filter(({ subscriptions }) => subscriptions.has(filter))
      .map(({ client_id }) => client_id)
    return Readable.from(ids)
  }

  async outgoingEnqueue(subscriber: { clientId: string; qos: number }, packet: AedesPacket): Promise<void> {
    await this.outgoingEnqueueCombi([subscriber], packet)
  }

  async outgoingEnqueueCombi(
    subscribers: { clientId: string; qos: number }[],
    packet: AedesPacket,
  ): Promise<void> {
    const { sessions, queues, kept, now } = this.#options
    if (subscribers.length === 0 || packet.brokerId === kept) return
    const best = new Map<LastingSession, number>()
    for (const { clientId, qos } of subscribers) {
      const session = sessions.open(clientId, '')
      if (!mayWait(packet.topic, session.owner)) continue
      best.set(session, Math.max(Math.min(qos, packet.qos), best.get(session) ?? 0))
    }
    const message = queues.message({
      topic: packet.topic,
      payload: typeof packet.payload === 'string' ? packet.payload : Buffer.from(packet.payload),
      received_at: now(),
      broker_id: packet.brokerId ?? '',
      counter: packet.brokerCounter ?? 0,
    })
    message.ready = true
    for (const [session, qos] of best)
      if (qos > 0 && queues.enqueue(session, message, qos)) session.outlet?.kick()
  }

  async outgoingUpdate(client: ClientName, packet: AedesPacket): Promise<void> {
    const { sessions, queues, store } = this.#options
    const session = sessions.find(client.id)
    if (!session || packet.messageId === undefined) return
    if (packet.cmd !== 'pubrel') {
      // Of a connected session only what is not kept comes here, and that is sent as it is.
      const entry = session.outlet ? undefined : named(session, packet)
      if (entry && entry.packet_id === undefined) queues.assign(entry, packet.messageId)
      return
    }
    const entry = session.sent.get(packet.messageId)
    if (!entry) return
    if (session.outlet) assertDue(entry, 'pubrec')
    if (entry.message) queues.release(entry)
    if (entry.durable) return
    await onDisk(store, () => client.resume?.())
    entry.durable = true
  }

  async outgoingClearMessageId(client: ClientName, packet: AedesPacket): Promise<object | undefined> {
    const session = this.#options.sessions.find(client.id)
    if (!session || packet.messageId === undefined) return undefined
    session.unkept.delete(packet.messageId)
    const entry = session.sent.get(packet.messageId)
    if (!entry) return undefined
    if (session.outlet) assertDue(entry, packet.cmd)
    const cleared = inAedes(entry)
    this.#options.queues.remove(entry)
    session.outlet?.kick()
    return cleared
  }

  outgoingStream(client: ClientName): Readable {
    const session = this.#options.sessions.find(client.id)
    if (!session || session.outlet) return Readable.from([])
    const entries = [...session.sent.values(), ...session.waiting.values()].sort((a, b) => a.id - b.id)
    return Readable.from(entries.map(inAedes))
  }

  async incomingStorePacket(client: ClientName, packet: AedesPacket): Promise<void> {
    const { incoming, store } = this.#options
    const packet_id = packet.messageId ?? 0
    const known = incoming.find(client.id, packet_id)
    const message = known ?? incoming.add(client.id, packet_id, client.clean !== true)
    message.packet = new WeakRef(packet)
    if (!known) await onDisk(store)
    message.taken = true
    message.published = true
  }

  /** Rejects for a message that is new. */
  async incomingGetPacket(client: ClientName, packet: AedesPacket): Promise<object> {
    const message = this.#options.incoming.find(client.id, packet.messageId ?? 0)
    const isNew = !message?.taken
    // Of two that arrive together only one is new; a PUBREL only asks.
    if (message && packet.cmd !== 'pubrel') message.taken = true
    if (!message || isNew) throw new Error('no such packet')
    const { messageId } = packet
    const { dup: _dup, length: _length, ...rest } = (message.packet?.deref() ?? {}) as Record<string, unknown>
    return { cmd: 'publish', ...rest, dup: false, messageId }
  }

  async incomingDelPacket(client: ClientName, packet: AedesPacket): Promise<void> {
    const { incoming, store } = this.#options
    const message = incoming.find(client.id, packet.messageId ?? 0)
    if (!message) throw new Error('no such packet')
    incoming.remove(message)
    if (!message.lasting) return
    try {
      await onDisk(store, () => client.resume?.())
    } catch (error) {
      // Aedes would send PUBCOMP all the same; after a crash the id would then look taken and lose a message.
      client.close?.()
      throw error
    }
  }

  async cleanIncoming(client: ClientName): Promise<void> {
    this.#options.incoming.clear(client.id)
  }

  async putWill(client: ClientName, packet: WillPacket): Promise<void> {
    packet.brokerId = this.broker.id
    packet.clientId = client.id
    this.#options.wills.put(client.id, packet)
    await onDiskOrHeld(this.#options.store)
  }

  async getWill(client: ClientName): Promise<WillPacket | undefined> {
    return this.#options.wills.find(client.id)?.packet
  }

  async delWill(client: ClientName): Promise<WillPacket | undefined> {
    return this.#options.wills.remove(client.id)?.packet
  }

  streamWill(brokers: Readonly<Record<string, unknown>> = {}): Readable {
    const wills = this.#options.wills.all().map(({ packet }) => packet)
    return Readable.from(wills.filter(({ brokerId }) => !brokers[brokerId ?? '']))
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) throw new Error('destroyed called twice!')
    this.#destroyed = true
  }
}

const restored = ({ filter, qos, rh, rap, nl, identifier }: Subscription): object => ({
  topic: filter,
  qos,
  rh,
  rap,
  nl,
  ...(identifier !== undefined && { subscriptionIdentifier: identifier }),
})

/** Throws a Violation when the client's answer is not the one that is due [MQTT-4.3.2-1] [MQTT-4.3.3-1]. */
function assertDue({ qos, message, packet_id }: Entry, answer: string | undefined): void {
  if (answer !== 'puback' && answer !== 'pubrec' && answer !== 'pubcomp') return
  // PUBREC may come again until its PUBREL has arrived.
  const due = qos === 1 ? ['puback'] : message ? ['pubrec'] : ['pubcomp', 'pubrec']
  if (!due.includes(answer))
    violates('MQTT-4.8.0-1', `${answer.toUpperCase()} where ${due[0]!.toUpperCase()} of ${packet_id} is due`)
}

/** The entry of a packet by its name in Aedes. */
function named(session: LastingSession, { brokerId, brokerCounter }: AedesPacket): Entry | undefined {
  for (const entry of [...session.waiting.values(), ...session.sent.values()])
    if (entry.message?.broker_id === brokerId && entry.message?.counter === brokerCounter) return entry
  return undefined
}

/** An entry as Aedes knows packets. */
const inAedes = ({ message, qos, packet_id: messageId, repeated: dup }: Entry): object =>
  message
    ? {
        cmd: 'publish',
        brokerId: message.broker_id,
        brokerCounter: message.counter,
        topic: message.topic,
        payload: message.payload,
        qos,
        retain: false,
        dup,
        messageId,
      }
    : { cmd: 'pubrel', messageId }
