/**
 * The life of a device's MQTT connections: it connects, subscribes, keeps alive, and comes back for ever, after 1 s
 * at first and 30 s at most, with jitter. A refused subscription is told and tried again. Clean Session, as the
 * firmware has it. [MQTT-3.1.2-6, MQTT-3.1.2-23]
 */
import type { Duplex } from 'node:stream'
import type { Packet } from 'mqtt-packet'
import { LONGEST_WAIT, waitAfter } from './backoff.js'
import type { Timer } from './clock.js'
import type { ConnectionOptions } from './connection-options.js'
import { KeepAlive } from './keep-alive.js'
import { Outbox, type Outgoing } from './outbox.js'
import { Wire } from './wire.js'

export type { ConnectionEvents, ConnectionOptions, Login, Trouble } from './connection-options.js'

/** The firmware's, s. */
export const KEEP_ALIVE = 60
/** From the first byte to the last SUBACK, ms. */
const PATIENCE = 30_000
/** How long the last of it may take to arrive, ms. */
const LAST_WORDS = 2_000
const REFUSED = 0x80
const UNANSWERED = 'nobody answers'

export class Connection {
  readonly #options: ConnectionOptions
  readonly #outbox: Outbox
  #wire: Wire | undefined
  #up = false
  #wanted = false
  #failures = 0
  #subscribing: readonly string[] = []
  #subscribe_id = 0
  /** The next attempt to connect, or the end of patience with the present one. */
  #timer: Timer | undefined
  readonly #keepAlive: KeepAlive
  #again: Timer | undefined
  /** The present attempt was turned down, and that was told. */
  #refused = false
  #closed: (() => void) | undefined
  #hangs = false
  /** Bytes a second that are read; undefined: as they come. */
  #pace: number | undefined
  #pacing: Timer | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.meter)
    const { clock, keep_alive = KEEP_ALIVE } = options
    this.#keepAlive = new KeepAlive({
      keep_alive,
      clock,
      ping: () => this.#send({ cmd: 'pingreq' } as Packet),
      // Who hangs does not notice.
      lost: () => this.#hangs || this.#wire?.cut(new Error(UNANSWERED)),
    })
  }

  get up(): boolean {
    return this.#up
  }

  get counts() {
    return this.#outbox.counts
  }

  get pending(): number {
    return this.#outbox.pending
  }

  /** From here on it connects, until it is closed or cut off. */
  open(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#failures = 0
    this.#dial()
  }

  /** Takes leave: the broker forgets the Will. Resolves when the stream is closed. */
  async close(): Promise<void> {
    this.#wanted = false
    const wire = this.#wire
    this.#rest()
    if (!wire) return
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve
    })
    wire.send({ cmd: 'disconnect' } as Packet)
    wire.end()
    const timer = this.#options.clock.after(LAST_WORDS, () => wire.cut())
    await closed
    timer.stop()
  }

  /** Gone without a word, and with all that was not said yet; `open` starts anew. */
  cut(): void {
    this.#wanted = false
    this.#outbox.clear()
    this.#rest()
    const { up } = this
    const wire = this.#wire
    // A new one may be dialled before the old one is closed.
    this.#wire = undefined
    this.#up = false
    wire?.cut()
    this.#closed?.()
    this.#closed = undefined
    if (up) this.#options.events.down()
  }

  /** The line breaks; it comes back by itself. */
  drop(): void {
    this.#wire?.cut()
  }

  /** Nothing goes through in either direction, and nothing is closed; false: the line breaks. */
  hang(hangs: boolean): void {
    if (this.#hangs === hangs) return
    this.#hangs = hangs
    if (hangs) return this.#wire?.hang()
    this.#failures = 0
    if (this.#wire) return this.drop()
    this.#timer?.stop()
    if (this.#wanted) this.#dial()
  }

  /** What comes in is read at so many bytes a second; undefined: as it comes. */
  read(bytes_per_second: number | undefined): void {
    this.#pacing?.stop()
    this.#pacing = undefined
    this.#pace = bytes_per_second
    if (bytes_per_second === undefined) this.#wire?.resume()
    else {
      this.#wire?.pause()
      this.#pacing = this.#options.clock.every(1_000, () => this.#wire?.take(bytes_per_second))
    }
  }

  /** True when it is said, or will be. */
  publish(message: Outgoing): boolean {
    const taken = this.#outbox.put(message, this.#up)
    if (taken) this.#flush()
    return taken
  }

  #send(packet: Packet): void {
    this.#keepAlive.spoke()
    this.#wire?.send(packet)
  }

  #flush(): void {
    while (this.#up && !this.#wire!.full) {
      const next = this.#outbox.next()
      if (!next) return
      this.#send({ cmd: 'publish', dup: false, ...next } as Packet)
    }
  }

  #dial(): void {
    this.#timer = undefined
    this.#refused = false
    if (this.#hangs) return this.#retry()
    const { buffer, events, client_id, login, will, keep_alive = KEEP_ALIVE, clock } = this.#options
    let stream: Duplex
    try {
      stream = this.#options.connect()
    } catch (error) {
      events.trouble('unreachable', (error as Error).message)
      this.#retry()
      return
    }
    const wire = new Wire(stream, buffer, {
      packet: (packet) => this.#take(packet),
      lost: (bytes) => events.trouble('packet_too_large', `${bytes} bytes`),
      drained: () => this.#flush(),
      closed: (error) => this.#gone(wire, error),
    })
    this.#wire = wire
    if (this.#pace !== undefined) wire.pause()
    this.#timer = clock.after(PATIENCE, () => wire.cut(new Error(UNANSWERED)))
    this.#send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: client_id,
      keepalive: keep_alive,
      will: will(),
      ...login(),
    } as unknown as Packet)
  }

  #take(packet: Packet): void {
    this.#keepAlive.heard()
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode === 0) return this.#subscribe(this.#options.filters)
        this.#refused = true
        this.#options.events.trouble('connection_refused', `CONNACK ${packet.returnCode}`)
        return this.#wire?.cut()
      case 'suback':
        if (packet.messageId === this.#subscribe_id) this.#granted(packet.granted as number[])
        return
      case 'puback':
        this.#outbox.acknowledged(packet.messageId!)
        return this.#flush()
      case 'publish': {
        const { topic, payload, qos, messageId } = packet
        this.#options.events.heard(topic, payload as Buffer, qos)
        // It has been handled. [MQTT-4.3.2-2]
        if (qos > 0) this.#send({ cmd: 'puback', messageId } as Packet)
        return
      }
      default:
    }
  }

  #subscribe(filters: readonly string[]): void {
    this.#subscribing = filters
    this.#subscribe_id = (this.#subscribe_id % 65_535) + 1
    this.#send({
      cmd: 'subscribe',
      messageId: this.#subscribe_id,
      subscriptions: filters.map((topic) => ({ topic, qos: 1 })),
    } as Packet)
  }

  #granted(granted: readonly number[]): void {
    const refused = this.#subscribing.filter((_, n) => (granted[n] ?? REFUSED) >= REFUSED)
    for (const filter of refused) this.#options.events.trouble('subscription_refused', filter)
    if (refused.length > 0)
      this.#again = this.#options.clock.after(LONGEST_WAIT, () => this.#subscribe(refused))
    if (!this.#up) this.#arrived()
  }

  #arrived(): void {
    this.#timer?.stop()
    this.#timer = undefined
    this.#failures = 0
    this.#up = true
    this.#keepAlive.start()
    this.#outbox.again()
    this.#options.events.up()
    this.#flush()
  }

  #rest(): void {
    for (const timer of [this.#timer, this.#again]) timer?.stop()
    this.#timer = this.#again = undefined
    this.#keepAlive.stop()
  }

  #gone(wire: Wire, error: Error | undefined): void {
    if (wire !== this.#wire) return
    this.#wire = undefined
    this.#rest()
    const was = this.#up
    this.#up = false
    this.#closed?.()
    this.#closed = undefined
    if (was) this.#options.events.down()
    if (!this.#wanted) return
    if (error || !(was || this.#refused))
      this.#options.events.trouble('unreachable', error?.message ?? 'closed before it was connected')
    this.#retry()
  }

  #retry(): void {
    const { clock, random } = this.#options
    this.#timer = clock.after(waitAfter(this.#failures++, random), () => this.#dial())
  }
}
