/**
 * What waits for sessions: a message, once for all who wait for it, and one entry per session that says how
 * far its delivery has come.
 */
import type { LastingSession } from './lasting-session.js'
import type { Rowed } from './state-store.js'

export interface MessageParts {
  readonly topic: string
  readonly payload: Buffer | string
  readonly received_at: number
  /** Readings and the like, which may make room for others. */
  readonly telemetry: boolean
  /** Aedes' name of the message: broker and count. */
  readonly broker_id: string
  readonly counter: number
}

export class Message implements Rowed {
  readonly table = 'mqtt_messages'
  readonly id: number
  readonly topic: string
  readonly payload: Buffer | string
  readonly received_at: number
  readonly telemetry: boolean
  readonly broker_id: string
  readonly counter: number
  readonly bytes: number
  written = false
  /** Entries that need it. */
  holders = 0
  /** It may go to clients: it is on disk, or nobody waits for that any more. */
  ready = false

  constructor(id: number, parts: MessageParts) {
    this.id = id
    this.topic = parts.topic
    this.payload = parts.payload
    this.received_at = parts.received_at
    this.telemetry = parts.telemetry
    this.broker_id = parts.broker_id
    this.counter = parts.counter
    this.bytes = Buffer.byteLength(parts.topic) + parts.payload.length
  }

  key(): object {
    return { id: this.id }
  }

  row(): object | undefined {
    if (this.holders === 0) return undefined
    const { id, topic, payload, received_at } = this
    return { id, topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, received_at }
  }
}

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
