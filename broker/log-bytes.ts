/**
 * Where the log of messages keeps payloads: copies, one behind the other in blocks, so that a message costs neither an
 * object nor the chunk of a socket that it came in. Whoever keeps a piece keeps its block; the last one that was let
 * go is used again.
 */

const BLOCK = 65_536

/** The longest piece that can be kept, bytes. */
export const LONGEST_PIECE = BLOCK / 4

export class LogBytes {
  #block: Buffer | undefined
  #spare: Buffer | undefined
  /** Where the piece that was kept last begins. */
  start = 0
  #end = 0

  /** The block a piece of so many bytes goes to. */
  #room(length: number): Buffer {
    if (this.#block === undefined || this.#end + length > BLOCK) {
      this.#block = this.#spare ?? Buffer.allocUnsafeSlow(BLOCK)
      this.#spare = undefined
      this.#end = 0
    }
    this.start = this.#end
    return this.#block
  }

  /** Copies the first `length` bytes; returns the block they are in, from `start` on. */
  keep(bytes: Uint8Array, length: number): Buffer {
    const block = this.#room(length)
    block.set(length === bytes.length ? bytes : bytes.subarray(0, length), this.start)
    this.#end = this.start + length
    return block
  }

  /** The same for text: whole characters of it, as far as they go; `written` says how far. */
  keepText(text: string, length: number): Buffer {
    const block = this.#room(length)
    this.#end = this.start + block.write(text, this.start, length, 'utf8')
    return block
  }

  /** Bytes of the piece that was kept last. */
  get written(): number {
    return this.#end - this.start
  }

  /** Where the next piece would go; who keeps no piece keeps this, so that blocks are let go in order. */
  get block(): Buffer | undefined {
    return this.#block
  }

  /** Nobody needs this block any more. */
  release(block: Buffer): void {
    if (block !== this.#block) this.#spare = block
  }
}
