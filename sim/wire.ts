/**
 * MQTT packets over a stream, as a small device has them: one packet is read at a time, and one that is larger than
 * its buffer is lost without a word. Packets become bytes and bytes packets in mqtt-packet; one parser serves all
 * wires, because each is handed whole packets only.
 */
import type { Duplex } from 'node:stream'
import mqttPacket, { type Packet } from 'mqtt-packet'

const writer = mqttPacket.writeToStream as { cacheNumbers?: boolean }
// What it saves is not worth its 65,536 little buffers.
if (writer.cacheNumbers) writer.cacheNumbers = false

let parsed: Packet | undefined
let failed: Error | undefined
const parser = mqttPacket.parser({ protocolVersion: 4 })
parser.on('packet', (packet: Packet) => {
  parsed = packet
})
parser.on('error', (error: Error) => {
  failed = error
})

/** The packet of these bytes. Throws when they are none. */
function parse(bytes: Buffer): Packet {
  parsed = failed = undefined
  parser.parse(bytes)
  if (parsed && !failed) return parsed
  throw failed ?? new Error('a packet that ends before its end')
}

const NOTHING = Buffer.alloc(0)
/** Fixed header: a type, and a length in one to four bytes. [MQTT-2.2.3] */
const LONGEST_HEADER = 5

export interface WireEvents {
  packet(packet: Packet): void
  /** A packet of so many bytes was too large. */
  lost(bytes: number): void
  /** It may be written on. */
  drained(): void
  /** Once, for whatever reason. */
  closed(error: Error | undefined): void
}

export class Wire {
  readonly #stream: Duplex
  readonly #events: WireEvents
  /** Largest packet it takes, bytes. */
  readonly #buffer: number
  #rest = NOTHING
  /** Bytes of a lost packet that are still to come. */
  #skip = 0
  #error: Error | undefined
  #over = false
  #hangs = false

  constructor(stream: Duplex, buffer: number, events: WireEvents) {
    this.#stream = stream
    this.#buffer = buffer
    this.#events = events
    stream.on('data', (chunk: Buffer) => this.#take(chunk))
    stream.on('drain', () => events.drained())
    stream.once('end', () => stream.destroy())
    stream.on('error', (error: Error) => {
      this.#error ??= error
    })
    stream.once('close', () => {
      this.#over = true
      events.closed(this.#error)
    })
  }

  /** What was sent is not read: more has to wait. */
  get full(): boolean {
    return this.#stream.writableNeedDrain
  }

  send(packet: Packet): void {
    if (!this.#over && !this.#hangs && this.#stream.writable) this.#stream.write(mqttPacket.generate(packet))
  }

  /** Nothing more is said; what was said arrives, unless nobody reads it. */
  end(): void {
    if (this.full) this.cut()
    else this.#stream.end(() => this.#stream.destroy())
  }

  /** Gone at once, as when the power fails. */
  cut(error?: Error): void {
    this.#error ??= error
    this.#stream.destroy()
  }

  /** Reads no more until it is told to, as a device that hangs. */
  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#hangs) this.#stream.resume()
  }

  /** While it is paused: so many bytes, as far as there are some. */
  take(bytes: number): void {
    if (this.#over || this.#hangs || bytes < 1) return
    this.#stream.read(Math.min(bytes, this.#stream.readableLength))
  }

  /** From here on nothing goes through, in either direction. */
  hang(): void {
    this.#hangs = true
    this.#stream.pause()
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = NOTHING
    while (bytes.length > 0 && !this.#over) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, bytes.length)
        this.#skip -= skipped
        bytes = bytes.subarray(skipped)
        continue
      }
      const length = lengthOf(bytes)
      if (length === undefined) {
        if (bytes.length >= LONGEST_HEADER) return this.cut(new Error('a length without an end'))
        break
      }
      if (length > this.#buffer) {
        this.#skip = length
        this.#events.lost(length)
        continue
      }
      if (length > bytes.length) break
      let packet: Packet
      try {
        packet = parse(bytes.subarray(0, length))
      } catch (error) {
        return this.cut(error as Error)
      }
      bytes = bytes.subarray(length)
      this.#events.packet(packet)
    }
    // A copy: what it was cut from may be large.
    if (bytes.length > 0 && !this.#over) this.#rest = Buffer.from(bytes)
  }
}

/** Bytes of the whole packet that begins here; undefined while its length is not all there. */
function lengthOf(bytes: Buffer): number | undefined {
  let length = 0
  for (let at = 1; at < LONGEST_HEADER; at++) {
    const byte = bytes[at]
    if (byte === undefined) return undefined
    length += (byte & 127) * 128 ** (at - 1)
    if (byte < 128) return at + 1 + length
  }
  return undefined
}
