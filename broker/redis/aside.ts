/**
 * What Redis should have and does not while it is lost: messages for lasting sessions and retained messages, bounded,
 * and each with a row in the database of this node, so that an acknowledgement holds also when kaiser is killed
 * before Redis is back. All of it is carried over then, which may be interrupted and begun again at any time.
 */
import {
  onDisk,
  onDiskOrHeld,
  type Rowed,
  type StateStore,
  type StoredRows,
} from '../sessions/state-store.js'
import { bytesOf, fromText, keyOf, ownCopy, type Packet, toText } from './packet.js'
import type { QueueBounds } from './queues.js'

/** Most that is put aside for all sessions together. */
const ALL_MESSAGES = 50_000
const ALL_BYTES = 33_554_432

/** One thing that was put aside; without a packet it is there no more. */
export class AsideRow implements Rowed {
  readonly table = 'mqtt_aside'
  readonly client_id: string
  readonly name: string
  readonly seq: number
  /** ms since 1970 */
  readonly put_at: number
  packet: Packet | undefined
  written = false

  constructor(client_id: string, name: string, seq: number, put_at: number, packet: Packet) {
    this.client_id = client_id
    this.name = name
    this.seq = seq
    this.put_at = put_at
    this.packet = packet
  }

  key(): object {
    return { client_id: this.client_id, name: this.name }
  }

  row(): object | undefined {
    if (!this.packet) return undefined
    const { client_id, name, seq, put_at } = this
    return { client_id, name, seq, put_at, packet: toText(this.packet) }
  }
}

/** No session has this name: retained messages. */
const RETAINED = ''

interface Queue {
  readonly rows: Map<string, AsideRow>
  bytes: number
}

export interface AsideOptions {
  store: StateStore
  bounds: QueueBounds
  /** Most retained messages. */
  retained: number
  /** ms since 1970 */
  now: () => number
}

export class Aside {
  readonly #queues = new Map<string, Queue>()
  readonly #retained = new Map<string, AsideRow>()
  readonly #options: AsideOptions
  #seq = 0
  #messages = 0
  #bytes = 0

  /** Takes up what an earlier start left. */
  constructor(options: AsideOptions) {
    this.#options = options
    const left: StoredRows['mqtt_aside'] = options.store.take().mqtt_aside
    for (const { client_id, name, seq, put_at, packet } of left.sort((a, b) => a.seq - b.seq)) {
      const row = new AsideRow(client_id, name, seq, put_at, fromText(packet))
      row.written = true
      this.#seq = Math.max(this.#seq, seq)
      if (client_id === RETAINED) this.#retained.set(name, row)
      else this.#take(row)
    }
  }

  get size(): number {
    return this.#messages + this.#retained.size
  }

  ids(): string[] {
    return [...this.#queues.keys()]
  }

  rows(clientId: string): AsideRow[] {
    return [...(this.#queues.get(clientId)?.rows.values() ?? [])]
  }

  packets(clientId: string): Packet[] {
    return this.rows(clientId).map(({ packet }) => packet!)
  }

  get(clientId: string, key: string): Packet | undefined {
    return this.#queues.get(clientId)?.rows.get(key)?.packet
  }

  /** False when there is no room. */
  enqueue(clientId: string, packet: Packet): boolean {
    const queue = this.#queues.get(clientId)
    const key = keyOf(packet)
    if (queue?.rows.has(key)) return true
    const bytes = bytesOf(packet)
    const { bounds, store, now } = this.#options
    if (
      (queue?.rows.size ?? 0) >= bounds.messages ||
      (queue?.bytes ?? 0) + bytes > bounds.bytes ||
      this.#messages >= ALL_MESSAGES ||
      this.#bytes + bytes > ALL_BYTES
    )
      return false
    const row = new AsideRow(clientId, key, ++this.#seq, now(), ownCopy(packet))
    this.#take(row)
    store.note(row)
    return true
  }

  /** False when it is not here. */
  update(clientId: string, key: string, packet: Packet): boolean {
    const queue = this.#queues.get(clientId)
    const row = queue?.rows.get(key)
    if (!queue || !row) return false
    const more = bytesOf(packet) - bytesOf(row.packet!)
    row.packet = packet
    queue.bytes += more
    this.#bytes += more
    this.#options.store.note(row)
    return true
  }

  dequeue(clientId: string, key: string): Packet | undefined {
    const queue = this.#queues.get(clientId)
    const row = queue?.rows.get(key)
    if (!queue || !row) return undefined
    const packet = row.packet!
    queue.rows.delete(key)
    queue.bytes -= bytesOf(packet)
    this.#messages--
    this.#bytes -= bytesOf(packet)
    if (queue.rows.size === 0) this.#queues.delete(clientId)
    this.#drop(row)
    return packet
  }

  clear(clientId: string): void {
    for (const { name } of this.rows(clientId)) this.dequeue(clientId, name)
  }

  /** Retained messages and, with an empty payload, ones that were cleared. */
  retained(): Packet[] {
    return [...this.#retained.values()].map(({ packet }) => packet!)
  }

  /** False when there is no room. */
  retain(packet: Packet): boolean {
    const { topic } = packet
    const { retained, store, now } = this.#options
    const known = this.#retained.get(topic)
    if (!known && this.#retained.size >= retained) return false
    if (known) known.packet = ownCopy(packet)
    const row = known ?? new AsideRow(RETAINED, topic, ++this.#seq, now(), ownCopy(packet))
    this.#retained.set(topic, row)
    store.note(row)
    return true
  }

  /** This is in Redis now; what came meanwhile stays. */
  carried(packet: Packet): void {
    const row = this.#retained.get(packet.topic)
    if (row?.packet !== packet) return
    this.#retained.delete(packet.topic)
    this.#drop(row)
  }

  /** Resolves when everything so far is on disk. Unless `surely`, also when the disk takes its time. */
  onDisk(surely: boolean): Promise<void> {
    return surely ? onDisk(this.#options.store) : onDiskOrHeld(this.#options.store)
  }

  #take(row: AsideRow): void {
    const queue = this.#queues.get(row.client_id) ?? { rows: new Map<string, AsideRow>(), bytes: 0 }
    this.#queues.set(row.client_id, queue)
    queue.rows.set(row.name, row)
    queue.bytes += bytesOf(row.packet!)
    this.#messages++
    this.#bytes += bytesOf(row.packet!)
  }

  #drop(row: AsideRow): void {
    row.packet = undefined
    this.#options.store.note(row)
  }
}
