/**
 * What is compared: something that takes readings over MQTT, stores them and pushes them to a dashboard. Kaiser is
 * one process; the peer is Mosquitto and a script, both on the same core.
 */

/** Readings stored until a moment (ms, CLOCK_MONOTONIC). */
export interface Stored {
  stored: number
  at: number
}

/** Someone who may switch things, over HTTP. */
export interface Operator {
  host: string
  port: number
  token: string
}

/** What was counted by SQL after the end. */
export interface Counted {
  /** Readings. */
  rows: number
  /** Commands, by how they ended. */
  commands: Readonly<Record<string, number>>
}

/** A running server under test. */
export interface Subject {
  name: 'kaiser' | 'peer'
  /** Its processes, for CPU time and memory; the first is the one with the event loop. */
  pids: readonly number[]
  mqttPort: number
  dashboard: { port: number; path: string }
  /** Where an operator's requests go, and what he shows there. */
  operator: Operator
  /** How many it has stored until now; only the peer can say. */
  stored?: () => Promise<Stored>
  /** Only kaiser: its own account of itself. */
  health?: () => Promise<Health>
  /** Stops it cleanly and counts its rows. Throws when it does not end by itself. */
  stop(): Promise<Counted>
}

export interface HealthQuantiles {
  p50_ms: number
  p99_ms: number
  max_ms: number
  count: number
}

/** Quantiles by step, as far as kaiser reports them. */
export type Latency = Partial<Record<'handler' | 'db_write' | 'broadcast' | 'sync' | 'ack', HealthQuantiles>>

/** The part of `GET /api/v1/health/detailed` the benches read. */
export interface Health {
  subscriber?: {
    messages_processed?: number
    latency?: Latency
  }
}

/** Options that both have. */
export interface SubjectOptions {
  /** Preloaded shared object and its environment: the slow disk. */
  env?: Record<string, string>
  /** Node flags for the process with the event loop: the loop's watch. */
  nodeArgs?: string[]
  /** Kaiser only: flags of `kaiser start`. */
  flags?: string[]
}
