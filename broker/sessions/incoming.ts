/**
 * QoS 2 messages that came and whose PUBREL did not yet: their Packet Identifiers say that a repetition is one
 * [MQTT-4.3.3-2]. An id is noted with the rows of its message, before Aedes knows of it; Aedes' own store then
 * finds it and goes on. Of the message only the name is kept: nobody asks for more.
 */
import type { Rowed, StateStore, StoredRows } from './state-store.js'

export class IncomingMessage implements Rowed {
  readonly table = 'mqtt_incoming'
  readonly client_id: string
  readonly packet_id: number
  /** Clean sessions end with their connection and leave no row. */
  readonly lasting: boolean
  /** The count by which Aedes knows it; 0 when it is of an earlier start. */
  counter = 0
  /** Aedes has taken it for new. */
  taken = false
  /** Aedes has published it. */
  published = false
  packet: WeakRef<object> | undefined
  gone = false
  written = false

  constructor(client_id: string, packet_id: number, lasting: boolean) {
    this.client_id = client_id
    this.packet_id = packet_id
    this.lasting = lasting
  }

  key(): object {
    return { client_id: this.client_id, packet_id: this.packet_id }
  }

  row(): object | undefined {
    return this.gone ? undefined : this.key()
  }
}

export class Incoming {
  readonly #store: StateStore
  readonly #clients = new Map<string, Map<number, IncomingMessage>>()

  constructor(store: StateStore) {
    this.#store = store
  }

  find(client_id: string, packet_id: number): IncomingMessage | undefined {
    return this.#clients.get(client_id)?.get(packet_id)
  }

  add(client_id: string, packet_id: number, lasting: boolean): IncomingMessage {
    const message = new IncomingMessage(client_id, packet_id, lasting)
    const messages = this.#clients.get(client_id) ?? new Map<number, IncomingMessage>()
    this.#clients.set(client_id, messages)
    messages.set(packet_id, message)
    if (lasting) this.#store.note(message)
    return message
  }

  remove(message: IncomingMessage): void {
    const messages = this.#clients.get(message.client_id)
    if (messages?.get(message.packet_id) !== message) return
    messages.delete(message.packet_id)
    if (messages.size === 0) this.#clients.delete(message.client_id)
    message.gone = true
    if (message.lasting) this.#store.note(message)
  }

  clear(client_id: string): void {
    for (const message of [...(this.#clients.get(client_id)?.values() ?? [])]) this.remove(message)
  }

  load(rows: StoredRows): void {
    for (const { client_id, packet_id } of rows.mqtt_incoming) {
      const message = new IncomingMessage(client_id, packet_id, true)
      // Its rows were on disk with it, and whoever heard it then is gone: only PUBREC is owed.
      message.taken = true
      message.published = true
      message.written = true
      const messages = this.#clients.get(client_id) ?? new Map<number, IncomingMessage>()
      this.#clients.set(client_id, messages)
      messages.set(packet_id, message)
    }
  }
}
