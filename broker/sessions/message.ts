/** What waits for sessions: a message, once for all who wait for it. */
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
