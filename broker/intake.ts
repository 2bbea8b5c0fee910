/**
 * How a client is read: our decoder in the place of Aedes' parser, and our reading in the place of Aedes' own. A
 * client gets a fixed share of a turn of the event loop; who is too fast, or has too much that is not settled, is
 * not read for a while, and TCP tells it. What is not read stays in its stream, so that nothing is lost when it
 * leaves. The fields are private in Aedes: that they are still where this file expects them is pinned by its exact
 * version and by a test.
 */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Packet } from './decode-packet.js'
import { Decoder } from './decoder.js'
import { type ParserStandIn, type Parsing, standIn } from './parser-stand-in.js'

/** The private side of an Aedes client that reads. */
interface Reader extends Parsing {
  readonly conn: Duplex & { _readableState: { length: number } }
  closed: boolean
  _paused?: boolean
  /** Packets that are not handled yet. */
  _parsingBatch: number
  _nextBatch(error?: Error | null): void
  resume(): void
  emit(event: 'error', error: unknown): boolean
}

/** How fast a client may be. */
export interface Pace {
  /** Called for each packet: how long the next one has to wait, ms; 0 for not at all. */
  wait(packet: Packet): number
  /** Too much of this client is not settled; it is asked again when something is. */
  readonly full: boolean
}

export interface IntakeOptions {
  /** Largest packet, bytes. */
  packet_bytes: number
  /** None for whoever may be as fast as it likes. */
  pace?: Pace | undefined
  /** Hears of every packet, and of the bytes that were read. */
  meter?: { read(bytes: number): void; packet(packet: Packet): void }
  /** Hears of every packet too, and throws when it does not answer what was sent. */
  way?: { take(packet: Packet): void }
  /** What to say of a connection that does not begin as MQTT, when there is something better to say. */
  stranger?: (firstBytes: Buffer) => Error | undefined
}

/** Packets of one client that are handled in one turn of the event loop. */
const TURN = 256
/** Bytes that are read while packets before them are not handled. */
const WINDOW = 65_536

/** How one client is read. */
export class Intake {
  readonly #reader: Reader
  readonly #options: IntakeOptions
  readonly #parser: ParserStandIn
  readonly #decoder: Decoder
  #left = TURN
  #wait = 0
  #unhandled = 0
  #resting = false
  #busy = false
  #opening = true

  /** Throws a TypeError when Aedes' reading is not where it was. */
  constructor(client: Client, options: IntakeOptions) {
    const reader = client as unknown as Reader
    const { conn, _nextBatch: aedesReads } = reader
    this.#reader = reader
    this.#options = options
    this.#parser = standIn(reader)
    if (
      typeof reader._parsingBatch !== 'number' ||
      typeof aedesReads !== 'function' ||
      !conn.listeners('readable').includes(aedesReads)
    )
      throw new TypeError('the reading of Aedes has moved')
    this.#decoder = new Decoder(options.packet_bytes, (packet) => this.#handle(packet))

    conn.removeListener('readable', aedesReads)
    conn.on('readable', () => this.#go())
    // Aedes counts the first reading as a packet.
    reader._parsingBatch = 0
    reader._nextBatch = (error) => {
      if (error) reader.emit('error', error)
      else this.readOn()
    }
    reader.resume = () => {
      reader._paused = false
      this.#go()
    }
  }

  /** A packet that is not settled may stay so; what came after it is read. */
  readOn(): void {
    if (this.#reader._parsingBatch > 0) this.#reader._parsingBatch--
    this.#go()
  }

  /** True when the next packet may follow at once. */
  #handle(packet: Packet): boolean {
    const { meter, way, pace } = this.#options
    meter?.packet(packet)
    way?.take(packet)
    this.#wait = pace?.wait(packet) ?? 0
    this.#parser.emit('packet', packet)
    return this.#wait === 0 && --this.#left > 0 && !this.#reader._paused
  }

  #mayRead(): boolean {
    const { closed, _paused, _parsingBatch } = this.#reader
    if (this.#resting || closed || _paused) return false
    if (_parsingBatch === 0) this.#unhandled = 0
    return this.#unhandled < WINDOW && !this.#options.pace?.full
  }

  /** Also with nothing there, or a stream would never end. */
  #next(): Buffer | null {
    const { conn } = this.#reader
    return conn.read(conn._readableState.length > WINDOW ? WINDOW : undefined) as Buffer | null
  }

  #take(chunk: Buffer): void {
    const { meter, stranger } = this.#options
    try {
      const rest = this.#decoder.push(chunk)
      const taken = chunk.length - (rest?.length ?? 0)
      this.#unhandled += taken
      meter?.read(taken)
      if (rest && !this.#reader.closed) this.#reader.conn.unshift(rest)
    } catch (error) {
      this.#parser.emit('error', (this.#opening && stranger?.(chunk)) || error)
    }
    this.#opening = false
    if (this.#wait === 0 && this.#left > 0) return
    this.#resting = true
    if (this.#wait > 0) setTimeout(() => this.#rested(), this.#wait).unref()
    else setImmediate(() => this.#rested())
  }

  #rested(): void {
    this.#resting = false
    this.#left = TURN
    this.#wait = 0
    this.#go()
  }

  #go(): void {
    if (this.#busy) return
    this.#busy = true
    while (this.#mayRead()) {
      const chunk = this.#next()
      if (chunk === null) break
      this.#take(chunk)
    }
    this.#busy = false
  }
}
