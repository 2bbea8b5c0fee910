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
import { type Parsing, standIn } from './parser-stand-in.js'

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

export interface IntakeOptions {
  /** Largest packet, bytes. */
  packet_bytes: number
  /** Called for each packet: how long the next one has to wait, ms; 0 for not at all. */
  pace?: (packet: Packet) => number
  /** Called with the number of bytes that were read. */
  read?: (bytes: number) => void
  /** Too much of this client is not settled; it is asked again when something is. */
  full?: () => boolean
  /** What to say of a connection that does not begin as MQTT, when there is something better to say. */
  stranger?: (firstBytes: Buffer) => Error | undefined
}

export interface Intake {
  /** A packet that is not settled may stay so; what came after it is read. */
  readOn(): void
}

/** Packets of one client that are handled in one turn of the event loop. */
const TURN = 256
/** Bytes that are read while packets before them are not handled. */
const WINDOW = 65_536

/** Throws a TypeError when Aedes' reading is not where it was. */
export function decodeFor(
  client: Client,
  { packet_bytes, pace, read, full, stranger }: IntakeOptions,
): Intake {
  const reader = client as unknown as Reader
  const { conn, _nextBatch: aedesReads } = reader
  const parser = standIn(reader)
  if (
    typeof reader._parsingBatch !== 'number' ||
    typeof aedesReads !== 'function' ||
    !conn.listeners('readable').includes(aedesReads)
  )
    throw new TypeError('the reading of Aedes has moved')

  let left = TURN
  let wait = 0
  let unhandled = 0
  let resting = false
  let busy = false
  let opening = true
  const decoder = new Decoder(packet_bytes, (packet) => {
    wait = pace?.(packet) ?? 0
    parser.emit('packet', packet)
    return wait === 0 && --left > 0 && !reader._paused
  })

  const mayRead = (): boolean => {
    if (resting || reader.closed || reader._paused) return false
    if (reader._parsingBatch === 0) unhandled = 0
    return unhandled < WINDOW && !full?.()
  }
  /** Also with nothing there, or a stream would never end. */
  const next = (): Buffer | null =>
    conn.read(conn._readableState.length > WINDOW ? WINDOW : undefined) as Buffer | null

  const take = (chunk: Buffer): void => {
    try {
      const rest = decoder.push(chunk)
      unhandled += chunk.length - (rest?.length ?? 0)
      read?.(chunk.length - (rest?.length ?? 0))
      if (rest && !reader.closed) conn.unshift(rest)
    } catch (error) {
      parser.emit('error', (opening && stranger?.(chunk)) || error)
    }
    opening = false
    if (wait === 0 && left > 0) return
    resting = true
    if (wait > 0) setTimeout(rested, wait).unref()
    else setImmediate(rested)
  }
  const rested = (): void => {
    resting = false
    left = TURN
    wait = 0
    go()
  }
  const go = (): void => {
    if (busy) return
    busy = true
    while (mayRead()) {
      const chunk = next()
      if (chunk === null) break
      take(chunk)
    }
    busy = false
  }
  const settle = (): void => {
    if (reader._parsingBatch > 0) reader._parsingBatch--
    go()
  }

  conn.removeListener('readable', aedesReads)
  conn.on('readable', go)
  // Aedes counts the first reading as a packet.
  reader._parsingBatch = 0
  reader._nextBatch = (error) => {
    if (error) reader.emit('error', error)
    else settle()
  }
  reader.resume = () => {
    reader._paused = false
    go()
  }
  return { readOn: settle }
}
