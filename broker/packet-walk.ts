/**
 * Watches packets leave: bytes go by in pieces of any size, and each packet is told once, by its first byte and the
 * length of its payload. Looks at headers only and keeps nothing.
 */
const PUBLISH = 3

const START = 0
const LENGTH = 1
const TOPIC_HIGH = 2
const TOPIC_LOW = 3

export class PacketWalk {
  readonly #told: (first: number, payload: number) => void
  #state = START
  #first = 0
  #shift = 0
  /** Bytes of the packet that are to come, as far as its header says. */
  #left = 0
  #topic = 0

  /** `told` gets each packet; `payload` is 0 for all but PUBLISH. */
  constructor(told: (first: number, payload: number) => void) {
    this.#told = told
  }

  pass(piece: Uint8Array | string): void {
    if (typeof piece === 'string') {
      // Only topics and payloads are written as text: the middle of a packet.
      const length = Buffer.byteLength(piece)
      if (this.#state === START && this.#left >= length) this.#left -= length
      else this.#bytes(Buffer.from(piece))
    } else this.#bytes(piece)
  }

  #bytes(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === START && this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at)
        this.#left -= passed
        at += passed
      } else this.#header(bytes[at++]!)
    }
  }

  #header(byte: number): void {
    switch (this.#state) {
      case START:
        this.#first = byte
        this.#shift = 0
        this.#state = LENGTH
        break
      case LENGTH:
        this.#left |= (byte & 127) << this.#shift
        this.#shift += 7
        if (byte > 127) break
        if (this.#first >> 4 === PUBLISH) this.#state = TOPIC_HIGH
        else this.#tell(0)
        break
      case TOPIC_HIGH:
        this.#topic = byte << 8
        this.#left--
        this.#state = TOPIC_LOW
        break
      default:
        this.#topic |= byte
        this.#left--
        this.#tell(this.#left - this.#topic - (this.#first & 6 ? 2 : 0))
    }
  }

  #tell(payload: number): void {
    this.#state = START
    this.#told(this.#first, payload)
  }
}
