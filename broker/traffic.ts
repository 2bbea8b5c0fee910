/**
 * What goes in and out of one connection and of all together, in numbers. Counting costs a few additions per packet
 * and keeps nothing of it.
 */
import type { Duplex } from 'node:stream'
import type { Packet } from './decode-packet.js'
import { PacketWalk } from './packet-walk.js'

/** One direction. */
export class Counts {
  /** Control packets of every kind. */
  packets = 0
  bytes = 0
  publishes = 0
  /** Of the publishes. */
  payload_bytes = 0
}

export class Traffic {
  readonly received = new Counts()
  readonly sent = new Counts()
  /** Messages it was sent with QoS 1 or 2 and has not acknowledged. */
  unacknowledged = 0
  /** When it last published, ms since 1970. */
  last_message_at: number | null = null
}

const PUBLISH = 3
const QOS = 6

export interface MeterOptions {
  /** What all connections do together; shared. */
  all: Traffic
  now: () => number
  /** Most messages that may wait for their acknowledgement. */
  unacknowledged: number
}

/** Notes what one connection does, for itself and for all. */
export class Meter {
  readonly traffic = new Traffic()
  readonly #options: MeterOptions
  readonly #walk: PacketWalk

  /** Meters a stream. `behind` is called when more messages than may be wait for their acknowledgement. */
  constructor(stream: Duplex, options: MeterOptions, behind: () => void) {
    const { sent } = this.traffic
    const { all, unacknowledged } = options
    this.#options = options
    this.#walk = new PacketWalk((first, payload) => {
      sent.packets++
      all.sent.packets++
      if (first >> 4 !== PUBLISH) return
      sent.publishes++
      all.sent.publishes++
      sent.payload_bytes += payload
      all.sent.payload_bytes += payload
      if ((first & QOS) !== 0 && ++this.traffic.unacknowledged > unacknowledged) behind()
    })
    const write = stream.write as (...all: unknown[]) => boolean
    stream.write = (chunk: Uint8Array | string, ...rest: unknown[]): boolean => {
      const length = typeof chunk === 'string' ? Buffer.byteLength(chunk) : chunk.length
      sent.bytes += length
      all.sent.bytes += length
      this.#walk.pass(chunk)
      return write.call(stream, chunk, ...rest)
    }
  }

  read(bytes: number): void {
    this.traffic.received.bytes += bytes
    this.#options.all.received.bytes += bytes
  }

  packet({ cmd, payload }: Packet): void {
    const { traffic } = this
    const { received } = traffic
    const { all, now } = this.#options
    received.packets++
    all.received.packets++
    if (cmd === 'publish') {
      const { length } = payload as Uint8Array
      received.publishes++
      all.received.publishes++
      received.payload_bytes += length
      all.received.payload_bytes += length
      traffic.last_message_at = now()
    } else if ((cmd === 'puback' || cmd === 'pubcomp') && traffic.unacknowledged > 0) traffic.unacknowledged--
  }
}
