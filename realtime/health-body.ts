/** How kaiser is, in the words of `/health` (rest-contract §13); whoever gathers it and whoever shows it read this. */
import Type, { type Static } from 'typebox'
import { Said } from '../routing/contract/said.js'
import { nullable, Time } from './shapes.js'

const Count = Type.Integer({ minimum: 0 })
const Counts = Type.Record(Type.String(), Count)
const Milliseconds = Type.Number({ minimum: 0, description: 'ms' })
const Percent = Type.Number({ minimum: 0, maximum: 100, description: 'per cent' })

export const HealthStatus = Type.Enum(['healthy', 'degraded', 'unhealthy'])
export const Checks = Type.Object({
  database: Type.Boolean({ description: 'storage takes writes' }),
  mqtt: Type.Boolean({ description: 'devices can connect' }),
  disk_space: Type.Boolean({ description: 'there is enough free space' }),
  redis: Type.Optional(Type.Boolean({ description: 'Redis is there; only with --redis' })),
})

const Quantiles = Type.Object({
  count: Count,
  p50_ms: Milliseconds,
  p99_ms: Milliseconds,
  max_ms: Milliseconds,
})

/** One direction of the wire. */
const Wire = Type.Object({
  packets: Count,
  bytes: Count,
  publishes: Count,
  payload_bytes: Type.Integer({ minimum: 0, description: 'of the publishes' }),
})

/** The sections of the detailed answer. */
export const Sections = {
  subscriber: Type.Object({
    messages_processed: Count,
    messages_failed: Count,
    success_rate: Percent,
    duplicates: Count,
    codes: Counts,
    tolerated: Counts,
    latency: Type.Record(Type.String(), Quantiles),
  }),
  codes: Type.Record(Type.String(), Count, { description: 'refusals and faults since the start' }),
  database: Type.Object({
    connected: Type.Boolean(),
    state: Type.Enum(['ok', 'failing', 'open'], { description: 'of the circuit breaker' }),
    pool_size: Type.Literal(1, { description: 'SQLite has one connection' }),
    pool_available: Count,
    latency_ms: Type.Number({ minimum: 0, description: 'of a commit, median, ms' }),
    database_type: Type.Literal('sqlite'),
    waiting: Type.Integer({ minimum: 0, description: 'messages that wait for a commit or for the disk' }),
    intake_rows: Type.Integer({ minimum: 0, description: 'readings that are not in the history yet' }),
  }),
  mqtt: Type.Object({
    connected: Type.Boolean(),
    broker_host: nullable(Type.String({ description: 'address it listens on' })),
    broker_port: nullable(Type.Integer()),
    subscriptions: nullable(Count),
    messages_received: Count,
    messages_published: Count,
    last_message_at: nullable(Time),
    connections: Count,
    unauthenticated: Count,
    received: Wire,
    sent: Wire,
    dropped: Counts,
    bounds: Type.Record(Type.String(), Type.Number()),
    bound_hits: Type.Record(Type.String(), Count, { description: 'how often each bound was hit' }),
  }),
  redis: nullable(
    Type.Object(
      {
        url: Type.String({ description: 'without its password' }),
        state: Type.Enum(['up', 'lost']),
        since: nullable(Time),
        attempts: Type.Integer({ minimum: 0, description: 'to reach it since it was there' }),
        detail: Type.String({ description: 'why it is lost' }),
        nodes: Type.Integer({ minimum: 0, description: 'other kaisers heard in the last three minutes' }),
        buffered: Type.Integer({ minimum: 0, description: 'messages and changes that wait for it' }),
        missed: Type.Integer({ minimum: 0, description: 'messages other nodes did not get' }),
      },
      { description: 'null without --redis' },
    ),
  ),
  tls: nullable(
    Type.Object({
      subject: Type.String({ description: 'common name of the certificate' }),
      names: Type.Array(Type.String()),
      fingerprint: Type.String({ description: 'SHA-256' }),
      expires_at: Time,
      days_left: Type.Integer({ description: 'negative when it has expired' }),
      reload_failed: nullable(Type.String({ description: 'why a newer certificate is not used' })),
    }),
  ),
  websocket: Type.Object({ active_connections: Count, total_messages_sent: Count }),
  event_loop: Type.Object({
    delay_p50_ms: Milliseconds,
    delay_p99_ms: Milliseconds,
    delay_max_ms: Milliseconds,
  }),
  system: Type.Object({
    cpu_percent: Percent,
    memory_percent: Percent,
    memory_used_mb: Type.Number({ description: 'by kaiser, MiB' }),
    memory_total_mb: Type.Number({ description: 'of the machine, MiB' }),
    disk_percent: Percent,
    disk_free_gb: Type.Number({ description: 'GiB' }),
  }),
}
const WarningDetail = Type.Object({
  ...Said.properties,
  sentence: Type.String({ description: 'as it stands in `warnings`' }),
})
export const Warnings = {
  warnings: Type.Array(Type.String()),
  warning_details: Type.Array(WarningDetail, {
    description: 'the same, each with its code and facts, for pages in other languages',
  }),
}

const Detailed = Type.Object(Sections)
export type Detailed = Static<typeof Detailed>

export interface Health {
  status: Static<typeof HealthStatus>
  version: string
  uptime_seconds: number
  checks: Static<typeof Checks>
  warnings: string[]
  /** The same, each with its code and its facts. */
  warning_details: Static<typeof WarningDetail>[]
  /** Gathered when somebody asks for it. */
  detailed: () => Detailed
}
