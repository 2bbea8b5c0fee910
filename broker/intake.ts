/**
 * Puts our decoder in the place of Aedes' parser: stricter, bounded, and without its allocations. A client gets a
 * fixed share of a turn of the event loop; what else it sent waits, and meanwhile its socket is not read. The parser
 * is a private field of Aedes: that it is still where this file expects it is pinned by Aedes' exact version and by a
 * test.
 */
import type { Client } from 'aedes'
import type { Packet } from './decode-packet.js'
import { Decoder } from './decoder.js'

/** The private side of an Aedes client that reads. */
interface Reader {
  closed: boolean
  /** Packets that are not handled yet; nothing is read while there are any. */
  _parsingBatch: number
  _nextBatch(): void
  _parser?: {
    parse(chunk: Buffer): void
    emit(event: 'packet', packet: Packet): boolean
    emit(event: 'error', error: unknown): boolean
  }
}

export interface IntakeOptions {
  /** Largest packet, bytes. */
  packet_bytes: number
  /** Called for each packet: how long the next one has to wait, ms; 0 for not at all. */
  pace?: (packet: Packet) => number
}

/** Packets of one client that are handled in one turn of the event loop. */
const TURN = 256

/** Throws a TypeError when Aedes' parser is not where it was. */
export function decodeFor(client: Client, { packet_bytes, pace }: IntakeOptions): void {
  const reader = client as unknown as Reader
  const parser = reader._parser
  if (typeof parser?.parse !== 'function' || typeof reader._parsingBatch !== 'number')
    throw new TypeError('the parser of Aedes has moved')

  let left = TURN
  let wait = 0
  const decoder = new Decoder(packet_bytes, (packet) => {
    wait = pace?.(packet) ?? 0
    parser.emit('packet', packet)
    return wait === 0 && --left > 0
  })

  const goOn = (): void => {
    if (reader.closed) return
    push()
    reader._nextBatch()
  }
  const push = (chunk?: Buffer): void => {
    left = TURN
    wait = 0
    try {
      decoder.push(chunk)
    } catch (error) {
      parser.emit('error', error)
      return
    }
    // Also with nothing left over: who was told to wait reads nothing until then.
    if (!decoder.stalled && wait === 0) return
    reader._parsingBatch++
    if (wait > 0) setTimeout(goOn, wait).unref()
    else setImmediate(goOn)
  }
  parser.parse = push
}
