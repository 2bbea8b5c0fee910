/** What a connection of a mock is made of, and what it tells. */
import type { Duplex } from 'node:stream'
import type { Clock } from './clock.js'
import type { Meter, Outgoing } from './outbox.js'
import type { Random } from './random.js'

export interface Login {
  readonly username: string
  readonly password: string
}

export interface ConnectionOptions {
  readonly client_id: string
  /** A new stream to the broker. */
  readonly connect: () => Duplex
  /** Asked at each connect. */
  readonly login: () => Login | undefined
  readonly will: () => Outgoing
  readonly filters: readonly string[]
  /** s */
  readonly keep_alive?: number
  /** Largest packet it takes, bytes. */
  readonly buffer: number
  readonly meter?: Meter | undefined
  readonly clock: Clock
  readonly random: Random
  readonly events: ConnectionEvents
}

export interface ConnectionEvents {
  /** Connected and subscribed. */
  up(): void
  /** It was up. */
  down(): void
  heard(topic: string, payload: Buffer, qos: number): void
  /** Something did not work, and is tried again. */
  trouble(what: Trouble, detail: string): void
}

export type Trouble = 'unreachable' | 'connection_refused' | 'subscription_refused' | 'packet_too_large'
