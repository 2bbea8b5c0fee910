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

  readonly #forget: (message: IncomingMessage) => void

  constructor(
    client_id: string,
    packet_id: number,
    lasting: boolean,
    forget: (message: IncomingMessage) => void,
  ) {
    this.client_id = client_id
    this.packet_id = packet_id
    this.lasting = lasting
    this.#forget = forget
  }

  /** Its message was not taken after all: the next one with this id is new. */
  withdrawn(): void {
    this.#forget(this)
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
  readonly #most: number
  readonly #clients = new Map<string, Map<number, IncomingMessage>>()

  /** `most`: ids of one client; beyond it the oldest is forgotten, also one that its client left on an old connection. */
  constructor(store: StateStore, most: number) {
    this.#store = store
    this.#most = most
  }

  find(client_id: string, packet_id: number): IncomingMessage | undefined {
    return this.#clients.get(client_id)?.get(packet_id)
  }

  add(client_id: string, packet_id: number, lasting: boolean): IncomingMessage {
    const message = new IncomingMessage(client_id, packet_id, lasting, this.#forget)
    const messages = this.#clients.get(client_id) ?? new Map<number, IncomingMessage>()
    this.#clients.set(client_id, messages)
    if (messages.size >= this.#most) this.remove(messages.values().next().value!)
    messages.set(packet_id, message)
    // Removing the last one takes the client out.
    this.#clients.set(client_id, messages)
    if (lasting) this.#store.note(message)
    return message
  }

  remove(message: IncomingMessage): void {
    if (this.#forget(message) && message.lasting) this.#store.note(message)
  }

  readonly #forget = (message: IncomingMessage): boolean => {
    const messages = this.#clients.get(message.client_id)
    if (messages?.get(message.packet_id) !== message) return false
    messages.delete(message.packet_id)
    if (messages.size === 0) this.#clients.delete(message.client_id)
    message.gone = true
    return true
  }

  clear(client_id: string): void {
    for (const message of [...(this.#clients.get(client_id)?.values() ?? [])]) this.remove(message)
  }

  load(rows: StoredRows): void {
    for (const { client_id, packet_id } of rows.mqtt_incoming) {
      const message = new IncomingMessage(client_id, packet_id, true, this.#forget)
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
