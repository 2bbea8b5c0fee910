/** What the broker is told, and what it offers. */
import type { Duplex } from 'node:stream'
import type { Report } from '../routing/contract/codes.js'
import type { Gate, Identify, Identity } from '../routing/contract/identities.js'
import type { Tell } from '../routing/tell.js'
import type { Place } from './admission.js'
import type { Bounds } from './bounds.js'
import type { ClientState } from './clients.js'
import type { BoundState } from './hits.js'
import type { Receive } from './hooks.js'
import type { OtherPorts } from './looks-like.js'
import type { BrokerLog } from './message-log.js'
import type { Peer } from './peer.js'
import type { Present } from './present.js'
import type { LinkState } from './redis/link.js'
import type { RedisStatus } from './redis/options.js'
import type { RetainedMessage } from './retained-list.js'
import type { StateStore } from './sessions/state-store.js'
import type { Arrival } from './takeovers.js'
import type { Counts } from './traffic.js'

export interface BrokerOptions {
  receive: Receive
  report: Report
  kaiser_id: string
  /** Finds out who a client is. */
  identify: Identify
  /** Turns down what devices must not obey. */
  gate: Gate
  /** A client subscribed, or is back with what it subscribed to before. */
  listening?: (identity: Identity) => void
  /**
   * A connection begins to hear the commands of its device: it subscribed, or is back with what it subscribed to
   * before. In a lab also an anonymous one that names the device in a filter, or has spoken for it.
   */
  heard?: (esp_id: string) => void
  /** A connection of a device, by the same measure, subscribed to something. */
  subscribed?: (esp_id: string) => void
  /** A client said who it is. */
  arrived?: (arrival: Arrival) => void
  /** Where those are sent who took the wrong port. */
  otherPorts?: () => OtherPorts
  /** ms since 1970 */
  now: () => number
  /** ms, for what lasts; without it `now` is taken */
  monotonic?: () => number
  bounds?: Partial<Bounds>
  /** Keeps the last messages; without it the broker has one that nobody reads. */
  log?: BrokerLog
  /** Where sessions and retained messages are kept, unless Redis keeps them. */
  store: StateStore
  /** How long the session of an absent client is kept, ms; 0 is for ever. */
  sessionExpiry: number
  /** How long clients have to come back before the Wills of a killed kaiser are published, ms. */
  willGrace?: number | undefined
  /** Other kaisers on the same Redis are the same broker. */
  redis?: {
    url: string
    changed: (state: LinkState, status: RedisStatus) => void
    /** The first and the longest wait between two attempts, ms. */
    backoff?: readonly [first: number, last: number]
  }
  /** Which kaiser this is. */
  version?: string
  /** How often `$SYS/broker/…` is said, s; 0 or nothing is never */
  sysInterval?: number
  /** A bound was hit after a quiet time. */
  boundHit?: (bound: BoundState, who: string) => void
}

export interface BrokerCounters {
  connections: number
  unauthenticated: number
  subscriptions: number
  messages_received: number
  messages_published: number
  last_message_at: number | null
  /** Everything on the wire. */
  received: Counts
  sent: Counts
  dropped: Record<string, number>
}

export interface Broker extends Pick<Present, 'confide' | 'disconnect'> {
  readonly bounds: Bounds
  /** A place for a connection that has to say something else first; undefined when it is refused, which is reported. */
  admit(address: string | null): Place | undefined
  /** Takes over a connection. */
  attach(stream: Duplex, peer: Peer): void
  /** Does anybody subscribe to this topic? */
  hears(topic: string): boolean
  /** Says something to one device while it is there. */
  readonly tell: Tell
  /** Has the device a connection of its own that hears its commands? */
  present(esp_id: string): boolean
  /** Does the device hear this topic on its own connection? Where it has none, does anybody? */
  hearsItself(esp_id: string, topic: string): boolean
  publish(message: { topic: string; payload: string | Buffer; qos: 0 | 1; retain: boolean }): Promise<void>
  counters(): BrokerCounters
  /** How Redis is; undefined without it. */
  redis(): RedisStatus | undefined
  /** Everybody who is connected. */
  clients(): ClientState[]
  /** Closes the connection of a client, or ends its session when it is away; false when there is neither. */
  kick(client_id: string): boolean
  /** Retained messages whose topic matches a filter, or all. */
  retained(filter?: string): Promise<RetainedMessage[]>
  /** What each bound is and how often it was hit. */
  boundStates(): BoundState[]
  close(): Promise<void>
}
