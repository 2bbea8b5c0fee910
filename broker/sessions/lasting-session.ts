/**
 * A session that outlives its connection (Clean Session 0) [MQTT-3.1.2-4]: whose it is, what it subscribed to,
 * what waits for it and how far its delivery has come, and which Packet Identifiers are taken. Bookkeeping only;
 * queues.ts decides what enters.
 */
import type { Message } from './message.js'
import type { Rowed } from './state-store.js'

/** What delivers to the connection of a session. */
export interface Outlet {
  /** There may be something to send. */
  kick(): void
}

export class Subscription implements Rowed {
  readonly table = 'mqtt_subscriptions'
  readonly session: LastingSession
  readonly filter: string
  qos = 0
  nl: boolean | undefined
  rap: boolean | undefined
  rh: number | undefined
  /** Of MQTT 5, as Aedes may hand it in; not on disk. */
  identifier: number | undefined
  gone = false
  written = false

  constructor(session: LastingSession, filter: string) {
    this.session = session
    this.filter = filter
  }

  key(): object {
    return { client_id: this.session.client_id, filter: this.filter }
  }

  row(): object | undefined {
    if (this.gone) return undefined
    const { qos, nl, rap, rh } = this
    return { ...this.key(), qos, nl: bit(nl), rap: bit(rap), rh: rh ?? null }
  }
}

const bit = (flag: boolean | undefined): number | null => (flag === undefined ? null : Number(flag))

/** How far the delivery of a message to one session has come. */
export class Entry implements Rowed {
  readonly table = 'mqtt_queue'
  readonly id: number
  readonly session: LastingSession
  /** Undefined once the client has it and only PUBREL and PUBCOMP are left. */
  message: Message | undefined
  readonly qos: number
  /** Its Packet Identifier; undefined before it is sent. */
  packet_id: number | undefined
  /** It was on a wire before: the next time is a repetition. [MQTT-3.3.1-1] */
  repeated = false
  /** What it is now is on disk. QoS 2 goes nowhere before. */
  durable = true
  gone = false
  written = false

  constructor(id: number, session: LastingSession, message: Message | undefined, qos: number) {
    this.id = id
    this.session = session
    this.message = message
    this.qos = qos
  }

  get bytes(): number {
    return this.message?.bytes ?? 0
  }

  key(): object {
    return { id: this.id }
  }

  row(): object | undefined {
    if (this.gone) return undefined
    const { id, session, message, qos, packet_id } = this
    return {
      id,
      client_id: session.client_id,
      message_id: message?.id ?? null,
      qos,
      packet_id: packet_id ?? null,
    }
  }
}

const LAST_PACKET_ID = 65_535
/** Packet Identifiers in use before some are given up. */
const MOST_TAKEN = 60_000

export class LastingSession implements Rowed {
  readonly table = 'mqtt_sessions'
  readonly client_id: string
  /** Who opened it: nobody else gets what it holds. */
  readonly owner: string
  readonly subscriptions = new Map<string, Subscription>()
  /** Not sent yet, by id of the entry, in order. */
  readonly waiting = new Map<number, Entry>()
  /** Sent or about to be, by Packet Identifier, in the order of sending. [MQTT-4.6.0-1] */
  readonly sent = new Map<number, Entry>()
  /** Packet Identifiers of messages that are sent without being kept, on this connection. */
  readonly unkept = new Set<number>()
  /** Messages that had to go before they were told while it is connected: it may hear them once, unkept. */
  readonly displaced = new Set<number>()
  bytes = 0
  /** What delivers to it while it is connected. */
  outlet: Outlet | undefined
  /** ms since 1970; null while it is connected. */
  disconnected_at: number | null = null
  gone = false
  written = false
  #lastPacketId = 0

  constructor(client_id: string, owner: string) {
    this.client_id = client_id
    this.owner = owner
  }

  /** Messages it waits for, sent or not. */
  get size(): number {
    return this.waiting.size + this.sent.size
  }

  /** A Packet Identifier that nothing of this session uses. [MQTT-2.3.1-4] */
  nextPacketId(): number {
    // A client that acknowledges nothing of what is not kept: whatever it says of that now means nothing.
    if (this.unkept.size + this.sent.size >= MOST_TAKEN) this.unkept.clear()
    do this.#lastPacketId = this.#lastPacketId >= LAST_PACKET_ID ? 1 : this.#lastPacketId + 1
    while (this.sent.has(this.#lastPacketId) || this.unkept.has(this.#lastPacketId))
    return this.#lastPacketId
  }

  /** It was taken before this start. */
  sawPacketId(packet_id: number): void {
    if (packet_id > this.#lastPacketId) this.#lastPacketId = packet_id
  }

  key(): object {
    return { client_id: this.client_id }
  }

  row(): object | undefined {
    if (this.gone) return undefined
    return { client_id: this.client_id, owner: this.owner, disconnected_at: this.disconnected_at }
  }
}
