/**
 * What Aedes' client still needs of its parser when another one decodes: something to take packets and errors from. The
 * parser itself, with a stream of its own inside, is let go; it is a fifth of what an idle connection holds.
 */
import type { Packet } from './decode-packet.js'

type Take = (this: ParserStandIn, packet: Packet) => void

/** The private side of an Aedes client that has a parser. */
export interface Parsing {
  _parser?: ParserStandIn
  emit(event: 'error', error: unknown): boolean
}

export class ParserStandIn {
  readonly client: Parsing
  /** Packets before the CONNACK; Aedes fills and empties it. */
  _queue: Packet[] | null = []
  #take: Take | undefined

  constructor(client: Parsing, take: Take) {
    this.client = client
    this.#take = take
  }

  emit(event: 'packet', packet: Packet): void
  emit(event: 'error', error: unknown): void
  emit(event: 'packet' | 'error', what: unknown): void {
    if (event === 'packet') this.#take?.(what as Packet)
    else this.client.emit('error', what)
  }

  /** The client is closed: nothing is handled any more. */
  removeAllListeners(): void {
    this.#take = undefined
  }
}

/** Takes the parser's place. Throws a TypeError when it is not where it was. */
export function standIn(client: Parsing): ParserStandIn {
  const parser = client._parser as unknown as { _queue?: unknown; listeners?(event: string): Take[] }
  const [take] = parser?.listeners?.('packet') ?? []
  if (take === undefined || !Array.isArray(parser._queue))
    throw new TypeError('the parser of Aedes has moved')
  client._parser = new ParserStandIn(client, take)
  return client._parser
}
