/**
 * Bytes of one connection → control packets. Finds where each packet begins and ends, refuses one by its
 * announced length before a byte of it is collected, and holds what has not arrived as a whole in memory that
 * grows with what is there, not with what is announced. decode-packet.ts reads the bodies.
 */
import { checkFirst, decodePacket, type Packet } from './decode-packet.js'
import { Violation, violates } from './violation.js'

const CONNECT = 1
const DISCONNECT = 14

export class Decoder {
  readonly #limit: number
  readonly #take: (packet: Packet) => boolean
  /** Bytes that wait for the rest of their packet. */
  #held: Buffer | undefined
  #length = 0
  /** Bytes of the packet that is incomplete, header and all; 0 while that is not known. */
  #wanted = 0
  #began = false
  #ended = false

  /** `limit`: largest remaining length, bytes. `take` gets each packet and answers whether it takes more. */
  constructor(limit: number, take: (packet: Packet) => boolean) {
    this.#limit = limit
    this.#take = take
  }

  /**
   * Takes bytes. Returns what comes after the packet `take` wanted no more after; it is to be pushed again. Throws
   * Violation; after that, and after a DISCONNECT, all is ignored.
   */
  push(chunk: Buffer): Buffer | undefined {
    if (this.#ended) return undefined
    if (this.#length === 0) return this.#decode(chunk)
    this.#hold(chunk)
    if (this.#length < this.#wanted) return undefined
    const bytes = this.#held!.subarray(0, this.#length)
    this.#held = undefined
    this.#length = 0
    return this.#decode(bytes)
  }

  #decode(bytes: Buffer): Buffer | undefined {
    this.#wanted = 0
    let at = 0
    try {
      while (at < bytes.length) {
        const first = bytes[at]!
        checkFirst(first)
        if (!this.#began && first >> 4 !== CONNECT) violates('MQTT-3.1.0-1', 'the first packet is no CONNECT')
        if (this.#began && first >> 4 === CONNECT) violates('MQTT-3.1.0-2', 'a second CONNECT')
        let length = 0
        let start = at + 1
        for (let shift = 0; ; shift += 7) {
          if (shift > 21) violates('MQTT-2.2.3', 'a remaining length of more than four bytes')
          if (start >= bytes.length) return this.#hold(bytes.subarray(at))
          const byte = bytes[start++]!
          length |= (byte & 127) << shift
          if (byte < 128) break
        }
        if (length > this.#limit)
          throw new Violation('packet_too_large', `${length} bytes announced; at most ${this.#limit}`)
        const end = start + length
        if (end > bytes.length) {
          this.#wanted = end - at
          return this.#hold(bytes.subarray(at))
        }
        const packet = decodePacket(first, bytes, start, end)
        at = end
        this.#began = true
        // Nothing after it counts. [MQTT-3.14.4-2]
        if (first >> 4 === DISCONNECT) this.#ended = true
        const more = this.#take(packet)
        if (this.#ended) return undefined
        if (!more && at < bytes.length) return bytes.subarray(at)
      }
      return undefined
    } catch (error) {
      this.#ended = true
      throw error
    }
  }

  #hold(bytes: Buffer): undefined {
    const length = this.#length + bytes.length
    if (!this.#held || this.#held.length < length) {
      // At least doubled, so that single bytes cost no more than long pieces.
      const grown = Buffer.allocUnsafeSlow(Math.max(length, Math.min(this.#wanted, 2 * length)))
      this.#held?.copy(grown, 0, 0, this.#length)
      this.#held = grown
    }
    bytes.copy(this.#held, this.#length)
    this.#length = length
  }
}
