/**
 * Retained messages: one per topic, bounded in number and bytes. An empty payload clears one and is never kept
 * itself. [MQTT-3.3.1-5] [MQTT-3.3.1-10]
 */
import { TopicTree } from '../topic-tree.js'
import { Turns } from '../turns.js'
import type { Rowed, StateStore, StoredRows } from './state-store.js'

export interface RetainedPacket {
  readonly cmd?: string | undefined
  readonly retain?: boolean
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: number
}

export class RetainedMessage implements Rowed {
  readonly table = 'mqtt_retained'
  readonly topic: string
  /** What is kept; undefined when it is cleared. */
  packet: RetainedPacket | undefined
  /** What new subscribers are told: the same, a moment later. */
  shown: RetainedPacket | undefined
  stored_at: number
  /** How often it changed, and which change is shown. */
  changes = 0
  shownChange = 0
  written = false

  constructor(topic: string, packet: RetainedPacket | undefined, stored_at: number) {
    this.topic = topic
    this.packet = packet
    this.stored_at = stored_at
  }

  get bytes(): number {
    return this.packet ? bytesOf(this.packet) : 0
  }

  key(): object {
    return { topic: this.topic }
  }

  row(): object | undefined {
    if (!this.packet) return undefined
    const { topic, payload, qos } = this.packet
    return {
      topic,
      payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
      qos,
      stored_at: this.stored_at,
    }
  }
}

const bytesOf = ({ topic, payload }: RetainedPacket): number => Buffer.byteLength(topic) + payload.length

const nothing = (): void => {}

export interface RetainedOptions {
  store: StateStore
  bounds: { readonly retained_messages: number; readonly retained_bytes: number }
  /** ms since 1970 */
  now: () => number
  /** There was no room for it. */
  lost: (bound: 'retained_messages' | 'retained_bytes', topic: string) => void
}

export class Retained {
  readonly #options: RetainedOptions
  /** A topic that was cleared stays until that is shown. */
  readonly #messages = new Map<string, RetainedMessage>()
  /** The same by levels. */
  readonly #tree = new TopicTree<RetainedMessage>()
  readonly #turns = new Turns()
  bytes = 0
  size = 0

  constructor(options: RetainedOptions) {
    this.#options = options
  }

  has(topic: string): boolean {
    return this.#messages.get(topic)?.packet !== undefined
  }

  /**
   * Keeps the packet, whose payload must be its own memory; or clears. Returns what shows it to new subscribers:
   * once those who are there already hear it, so that nobody hears it twice.
   */
  keep(packet: RetainedPacket): () => void {
    const { store, bounds, now, lost } = this.#options
    const { topic } = packet
    const known = this.#messages.get(topic)
    const isNew = known?.packet === undefined
    const kept = packet.payload.length === 0 ? undefined : packet
    if (!kept && isNew) return nothing
    const added = (kept ? bytesOf(kept) : 0) - (known?.bytes ?? 0)
    if (kept) {
      const bound =
        isNew && this.size >= bounds.retained_messages
          ? 'retained_messages'
          : added > 0 && this.bytes + added > bounds.retained_bytes
            ? 'retained_bytes'
            : undefined
      if (bound) {
        lost(bound, topic)
        return nothing
      }
    }
    this.bytes += added
    this.size += (kept ? 1 : 0) - (isNew ? 0 : 1)
    const message = known ?? new RetainedMessage(topic, kept, now())
    if (!known) this.#add(message)
    message.packet = kept
    message.stored_at = now()
    const change = ++message.changes
    store.note(message)
    return () => this.#show(message, kept, change)
  }

  /**
   * What new subscriptions to the filters are told, each filter for itself [MQTT-3.3.1-6] [MQTT-3.8.4-3]. The event
   * loop goes on meanwhile: a small SUBSCRIBE may lead to everything that is kept.
   */
  async *matching(filters: readonly string[]): AsyncGenerator<RetainedPacket> {
    for (const filter of filters) {
      for (const message of this.#reachedBy(filter)) {
        if (message?.shown) yield message.shown
        const pause = this.#turns.step()
        if (pause) await pause
      }
    }
  }

  #reachedBy(filter: string): Iterable<RetainedMessage | undefined> {
    return /[+#]/.test(filter) ? this.#tree.matching(filter) : [this.#messages.get(filter)]
  }

  load(rows: StoredRows): void {
    for (const { topic, payload, qos, stored_at } of rows.mqtt_retained) {
      const packet = { cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain: true }
      const message = new RetainedMessage(topic, packet, stored_at)
      message.written = true
      message.shown = packet
      this.#add(message)
      this.bytes += message.bytes
      this.size++
    }
  }

  #add(message: RetainedMessage): void {
    this.#messages.set(message.topic, message)
    this.#tree.set(message.topic, message)
  }

  #show(message: RetainedMessage, packet: RetainedPacket | undefined, change: number): void {
    if (change < message.shownChange) return
    message.shownChange = change
    message.shown = packet
    if (packet || message.packet || this.#messages.get(message.topic) !== message) return
    this.#messages.delete(message.topic)
    this.#tree.delete(message.topic)
  }
}
