/**
 * Sends to a connected session what waits for it: what was sent before comes first, marked DUP [MQTT-4.4.0-1]
 * [MQTT-3.3.1-1], then the rest in order [MQTT-4.6.0-6], no more than the window at a time. A QoS 2 message
 * goes out when its Packet Identifier is on disk, so that no crash makes two of it. One line per connection,
 * so that what is queued and what happens now never overtake each other. What devices obey is not sent, nor sent
 * again, when it has waited for longer than it is good for.
 */
import type { Duplex } from 'node:stream'
import { isStale } from '../../routing/contract/perishable.js'
import type { Entry, LastingSession, Outlet } from './lasting-session.js'
import type { Queues } from './queues.js'
import type { StateStore } from './state-store.js'
import { publishBytes, pubrelBytes } from './wire.js'

/** The part of Aedes' client that is needed here. */
export interface Connection {
  readonly closed: boolean
  readonly conn: Duplex
  /** Calls back when the socket takes more; with an error when it takes too long. */
  waitForDrain(done: (error?: Error | null) => void): void
}

/** What somebody hears of a message. */
export type Hear = (topic: string, payload: string | Buffer) => string | Uint8Array | undefined

export interface DeliveryOptions {
  store: StateStore
  queues: Queues
  session: LastingSession
  connection: Connection
  /** Messages that may be sent and not yet acknowledged. */
  window: number
  /** What this client may hear of a message; undefined when nothing: then it is dropped. */
  hear: Hear
  /** A message is dropped: it waited for longer than it is good for. */
  stale: (topic: string) => void
  /** ms since 1970 */
  now: () => number
}

export class SessionDelivery implements Outlet {
  readonly #options: DeliveryOptions
  /** Has its Packet Identifier, not on the wire of this connection yet. */
  #line: Entry[] = []
  #started = false
  #blocked = false
  /** The disk takes its time: QoS 1 goes past what waits for it. */
  #overtake = false

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  get #over(): boolean {
    const { connection, session } = this.#options
    return !this.#started || connection.closed || session.outlet !== this
  }

  /** After CONNACK. */
  start(): void {
    this.#started = true
    this.#line = [...this.#options.session.sent.values()]
    this.#settle(this.#line.filter(({ durable }) => !durable))
    this.kick()
  }

  kick(): void {
    if (this.#over || this.#blocked) return
    const { session, queues, window, hear } = this.#options
    this.#line = this.#line.filter((entry) => !this.#drops(entry))
    const fresh: Entry[] = []
    for (const entry of session.waiting.values()) {
      if (session.sent.size >= window) break
      if (!entry.message?.ready || this.#drops(entry)) continue
      if (hear(entry.message.topic, entry.message.payload) === undefined) {
        queues.remove(entry)
        continue
      }
      queues.assign(entry)
      this.#line.push(entry)
      if (!entry.durable) fresh.push(entry)
    }
    this.#settle(fresh)
    this.#send()
  }

  /** Too late for it: also when it was sent before and not acknowledged. */
  #drops(entry: Entry): boolean {
    const { queues, stale, now } = this.#options
    const { message } = entry
    if (!message || !isStale(message.topic, now() - message.received_at)) return false
    queues.remove(entry)
    stale(message.topic)
    return true
  }

  #settle(entries: readonly Entry[]): void {
    if (entries.length === 0) return
    this.#options.store.settle({
      durable: () => {
        for (const entry of entries) entry.durable = true
        this.#overtake = false
        // Another connection may have taken over meanwhile.
        this.#options.session.outlet?.kick()
      },
      held: () => {
        this.#overtake = true
        this.kick()
      },
      // Nobody is told when they are on disk after all: ask once more.
      expired: () => this.#settle(entries),
    })
  }

  #send(): void {
    const { connection } = this.#options
    const rest: Entry[] = []
    for (let i = 0; i < this.#line.length; i++) {
      const entry = this.#line[i]!
      if (entry.gone) continue
      if (this.#blocked || (rest.length > 0 && !this.#overtake) || !entry.durable) {
        rest.push(entry)
        continue
      }
      if (!connection.conn.write(this.#bytesOf(entry))) this.#wait()
      entry.repeated = true
    }
    this.#line = rest
  }

  #bytesOf({ message, packet_id = 0, qos, repeated }: Entry): Buffer {
    if (!message) return pubrelBytes(packet_id)
    const { topic, payload } = message
    const heard = (this.#options.hear(topic, payload) ?? '') as Buffer
    return publishBytes(topic, heard, qos, packet_id, repeated)
  }

  #wait(): void {
    this.#blocked = true
    this.#options.connection.waitForDrain((error) => {
      if (error) return
      this.#blocked = false
      this.kick()
    })
  }
}
