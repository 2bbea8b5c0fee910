/**
 * Refuses a packet by its announced length, before a byte of it is collected. Aedes has no such limit (five
 * sockets announcing 256 MiB took it to 1 GB), and its parser is a private field: that it is still where this
 * file expects it is pinned by Aedes' exact version and by a test.
 */
import type { Client } from 'aedes'

interface Parser {
  packet: { length: number }
  _parseLength(): boolean
  emit(event: 'error', error: Error): boolean
}

/** A client broke a bound; `code` says which. */
export class BoundExceeded extends Error {
  override name = 'BoundExceeded'
  readonly code: 'packet_too_large' | 'inbound_full'
  constructor(code: BoundExceeded['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Throws a TypeError when Aedes' parser is not where it was. */
export function guardPackets(client: Client, limit: number): void {
  const parser = (client as unknown as { _parser?: Parser })._parser
  if (!parser || typeof parser._parseLength !== 'function')
    throw new TypeError('the parser of Aedes has moved')
  const parseLength = parser._parseLength
  parser._parseLength = function (this: Parser) {
    const known = parseLength.call(this)
    if (known && this.packet.length > limit) {
      this.emit(
        'error',
        new BoundExceeded('packet_too_large', `${this.packet.length} bytes announced; at most ${limit}`),
      )
      return false
    }
    return known
  }
}
