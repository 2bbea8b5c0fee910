/**
 * What the shared memory is made of and what it offers: the words between this folder and the rest of the broker.
 * Nothing happens here.
 */
import type { StateStore } from '../sessions/state-store.js'
import type { Elsewhere } from './elsewhere.js'
import type { ClusterEmitter } from './emitter.js'
import type { LinkState } from './link.js'
import type { Named, Packet } from './packet.js'
import type { Persistence } from './persistence.js'
import type { Precede } from './precede.js'
import type { ClusterClient } from './this-node.js'
import type { RedisPlace } from './url.js'

export interface ClusterOptions {
  place: RedisPlace
  /** Where this node keeps what Redis should have, while it is lost. */
  store: StateStore
  /** Messages on their way to subscribers of this node at the same time. */
  concurrency: number
  bounds: { queued_messages: number; queued_bytes: number; retained_messages: number }
  /** Something did not fit: a queue of a session, or the retained messages. */
  full: (bound: 'queued_messages' | 'retained_messages', who: string) => void
  changed: (state: LinkState, detail: string) => void
  /** Another node has a newer connection of this client; it is closed after this. */
  movedAway: (clientId: string) => void
  failed: (error: Error) => void
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  backoff?: readonly [first: number, last: number]
  /** Most changes that are remembered for Redis while it is lost. */
  mostChanges?: number
  /** How long the session of an absent client is kept, ms; 0 is for ever. */
  sessionExpiry: number
}

export interface RedisStatus {
  /** The URL without its password. */
  url: string
  state: LinkState
  /** ms since 1970 */
  since: number
  /** Attempts since it was there. */
  attempts: number
  detail: string
  /** Other kaisers that were heard in the last three minutes. */
  nodes: number
  /** What waits for Redis: messages and changes. */
  buffered: number
  /** Messages that did not arrive because it was lost: pushed out, out of date, or QoS 0 for other nodes. */
  missed: number
}

export interface Cluster {
  readonly mq: ClusterEmitter['mq']
  readonly persistence: Persistence
  /** Nodes whose subscribers are not known here. */
  readonly others: number
  /** May anybody hear this topic besides the clients connected here? */
  hears(topic: string): boolean
  /** Keeps a message for the absent before it is acknowledged. */
  readonly precede: Precede
  /** May a message be sent to a client now? If not, it comes or came from its queue. */
  maySend(client: Named, packet: Packet): boolean
  /** Says something to the clients of this node only, and keeps nothing of it. */
  here(packet: Packet): void
  /** Devices that are connected to other nodes. */
  readonly elsewhere: Elsewhere
  /** Does a message that is queued for this client have this Packet Identifier? */
  taken(clientId: string, packetId: number): boolean
  /** Somebody was let in under this id: what somebody else's session of it holds is not for them. */
  claim(clientId: string, owner: string): void
  /** A filter was not granted: a session that had it has it no more. */
  refused(client: Named, filter: string): void
  connected(client: ClusterClient): void
  gone(client: Named): void
  status(): RedisStatus
  /** Says goodbye to the others. */
  close(): Promise<void>
}
