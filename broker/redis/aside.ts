/**
 * What is put aside while Redis is lost: messages for lasting sessions, in memory and bounded, and what is to be
 * done to what Redis has already (acknowledged meanwhile, released meanwhile). All of it is carried over when
 * Redis is back, which may be interrupted and begun again at any time.
 */
import type { Line } from './line.js'
import { bytesOf, keyOf, ownCopy, type Packet } from './packet.js'
import type { QueueBounds } from './queues.js'

/** Most that is put aside for all sessions together. */
const ALL_MESSAGES = 50_000
const ALL_BYTES = 33_554_432
/** Changes remembered. */
const CHANGES = 50_000

interface Queue {
  readonly packets: Map<string, Packet>
  bytes: number
}

export class Aside {
  readonly #queues = new Map<string, Queue>()
  readonly #bounds: QueueBounds
  #messages = 0
  #bytes = 0

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#messages
  }

  ids(): string[] {
    return [...this.#queues.keys()]
  }

  /** False when there is no room. */
  enqueue(clientId: string, packet: Packet): boolean {
    const queue = this.#queues.get(clientId) ?? { packets: new Map<string, Packet>(), bytes: 0 }
    const key = keyOf(packet)
    if (queue.packets.has(key)) return true
    const bytes = bytesOf(packet)
    if (
      queue.packets.size >= this.#bounds.messages ||
      queue.bytes + bytes > this.#bounds.bytes ||
      this.#messages >= ALL_MESSAGES ||
      this.#bytes + bytes > ALL_BYTES
    )
      return false
    this.#queues.set(clientId, queue)
    queue.packets.set(key, ownCopy(packet))
    queue.bytes += bytes
    this.#messages++
    this.#bytes += bytes
    return true
  }

  get(clientId: string, key: string): Packet | undefined {
    return this.#queues.get(clientId)?.packets.get(key)
  }

  /** False when it is not here. */
  update(clientId: string, key: string, packet: Packet): boolean {
    const queue = this.#queues.get(clientId)
    const was = queue?.packets.get(key)
    if (!queue || !was) return false
    const more = bytesOf(packet) - bytesOf(was)
    queue.packets.set(key, packet)
    queue.bytes += more
    this.#bytes += more
    return true
  }

  dequeue(clientId: string, key: string): Packet | undefined {
    const queue = this.#queues.get(clientId)
    const was = queue?.packets.get(key)
    if (!queue || !was) return undefined
    queue.packets.delete(key)
    queue.bytes -= bytesOf(was)
    this.#messages--
    this.#bytes -= bytesOf(was)
    if (queue.packets.size === 0) this.#queues.delete(clientId)
    return was
  }

  packets(clientId: string): Packet[] {
    return [...(this.#queues.get(clientId)?.packets.values() ?? [])]
  }

  clear(clientId: string): void {
    for (const packet of this.packets(clientId)) this.dequeue(clientId, keyOf(packet))
  }
}

type Change = (line: Line) => Promise<unknown>

/** What is to be done when Redis is back; the latest word about a thing counts. */
export class Changes {
  readonly #changes = new Map<string, Change>()

  get size(): number {
    return this.#changes.size
  }

  /** False when there is no room. */
  note(thing: string, change: Change): boolean {
    this.#changes.delete(thing)
    if (this.#changes.size >= CHANGES) return false
    this.#changes.set(thing, change)
    return true
  }

  /** Does them in order; those that were not done are kept when it rejects. */
  async carryOut(line: Line): Promise<void> {
    for (const [thing, change] of this.#changes) {
      await change(line)
      // Another word about it may have come meanwhile.
      if (this.#changes.get(thing) === change) this.#changes.delete(thing)
    }
  }
}
