/**
 * Where the broker keeps what outlives a connection: sessions, queues, retained messages and Wills. It has two bodies:
 * this kaiser's own database (sessions/own-memory.ts), and a Redis that several kaisers share (redis/shared-memory.ts).
 */
import type { Aedes, Client } from 'aedes'
import type { Report } from '../routing/contract/codes.js'
import type { Identity } from '../routing/contract/identities.js'
import type { Audience } from './audience.js'
import type { BoundName, Bounds } from './bounds.js'
import type { HooksOptions } from './hooks.js'
import type { RedisStatus } from './redis/cluster.js'
import type { Elsewhere, TellHere } from './redis/elsewhere.js'
import type { StateStore } from './sessions/state-store.js'
import type { Kept } from './sys-topics.js'

export interface MemoryOptions {
  /** Aedes' id of this start. */
  broker_id: string
  store: StateStore
  bounds: Bounds
  audience: Audience
  /** How long the session of an absent client is kept, ms; 0 is for ever. */
  sessionExpiry: number
  /** Something was lost to a bound. */
  full: (bound: BoundName, who: string, fields?: object) => void
  report: Report
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

/** The broker a memory serves, once it is made. */
export interface Served {
  aedes: Aedes
  kaiser_id: string
  identityOf: (client: Client) => Identity | undefined
  /** The hook that hands a message in. */
  handIn: (packet: object, settle: (error?: Error | null) => void) => void
  /** How long clients have to come back before Wills of an earlier start are published, ms. */
  willGrace: number | undefined
  /** Says what another node says to a device. */
  tellHere: TellHere
}

export interface Memory {
  /** What Aedes emits with and persists with. */
  readonly mq: object
  readonly persistence: object
  /** What the hooks ask. */
  readonly hooks: Pick<HooksOptions, 'keep' | 'refused' | 'precede' | 'maySend'>
  /** Every message goes the whole way: who hears it is not all known here. */
  readonly wide: boolean
  /** What a client is sent of a message now; undefined when it comes from its queue. */
  forward(client: Client, packet: object): object | undefined
  /** May anybody hear this topic who is not connected here? */
  hears(topic: string): boolean
  /** Whose lasting session has this client id, as far as that is known here. */
  ownerOf(client_id: string): string | undefined
  /** A client was let in under this id: what somebody else's session of it holds is not for it. */
  claim(client_id: string, identity: Identity): void
  /** Ends the session of a client that is not connected; false when there is none here. */
  end(client_id: string): boolean
  /** null where that is not known here. */
  queueOf(client_id: string): { messages: number; bytes: number } | null
  /** False when no message is retained under this topic, as far as that is known here. */
  mayRetain(topic: string): boolean
  /** Keeps what kaiser says itself; resolves when it is on disk, or when the disk takes its time. */
  keep(packet: object): Promise<void> | undefined
  /** Devices that are connected to other nodes; undefined where there are none. */
  readonly elsewhere: Elsewhere | undefined
  /** Whoever is connected here and subscribes hears it; nobody else, and nothing is kept of it. */
  here(packet: object): void
  /** Has something that is kept for this client this Packet Identifier? */
  taken(client_id: string, packet_id: number): boolean
  kept(): Kept
  status(): RedisStatus | undefined
  serve(served: Served): void
  /** A connection ended. */
  leave(client: Client): void
  /** The broker is about to close. */
  settle(): void
  close(): Promise<void>
}
