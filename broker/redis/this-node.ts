/** The Aedes of this process and the clients that are connected to it, as far as this folder looks at them. */
import type { Named, Packet } from './packet.js'

/** A connected client. */
export interface ClusterClient extends Named {
  will?: Packet | null
  deliverQoS(packet: Packet, done: () => void): void
  close(): void
}

/** The part of Aedes that is needed here. */
interface Aedes {
  readonly id: string
  counter: number
  readonly clients: Readonly<Record<string, ClusterClient>>
}

export class ThisNode {
  #aedes: Aedes | undefined
  readonly #connectedAt = new WeakMap<ClusterClient, number>()

  /** Aedes exists now. */
  is(aedes: Aedes): void {
    this.#aedes = aedes
  }

  get id(): string {
    return this.#aedes!.id
  }

  /** The number of the next message. */
  count(): number {
    return ++this.#aedes!.counter
  }

  clients(): ClusterClient[] {
    return Object.values(this.#aedes?.clients ?? {})
  }

  /** Those whose sessions outlive their connections. */
  lasting(): ClusterClient[] {
    return this.clients().filter(({ clean }) => !clean)
  }

  client(id: string): ClusterClient | undefined {
    return this.#aedes?.clients[id]
  }

  /** ms, monotonic */
  connected(client: ClusterClient, at: number): void {
    this.#connectedAt.set(client, at)
  }

  connectedAt(client: ClusterClient): number {
    return this.#connectedAt.get(client) ?? 0
  }

  wills(): Map<string, Packet> {
    return new Map(this.clients().flatMap(({ id, will }) => (will ? [[id, will] as const] : [])))
  }
}
