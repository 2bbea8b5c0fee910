/**
 * Every bound of the broker, in one table: nobody outside may make kaiser use more than this. The flags of
 * `kaiser start`, the counters, GET /broker/bounds and the list in broker/README.md are this table; a bound that is not
 * here does not exist.
 */
import type { CodeName } from '../routing/contract/codes.js'

/** What a bound is counted in; messages and connections are just counted. */
export type Unit = 'count' | 'bytes' | 'ms' | 's' | '1/s'

export interface Bound<F extends string = string> {
  /** Its flag, without the dashes. */
  readonly flag: F
  readonly default: number
  readonly unit: Unit
  /** What its flag may say. */
  readonly least: number
  readonly most: number
  /** What a hit is reported as; null where nobody is refused anything: the oldest makes room. */
  readonly code: CodeName | null
  readonly summary: string
}

const bound = <const F extends string>(
  flag: F,
  fallback: number,
  unit: Unit,
  [least, most]: readonly [number, number],
  code: CodeName | null,
  summary: string,
): Bound<F> => ({ flag, default: fallback, unit, least, most, code, summary })

/** The largest length MQTT can announce [§2.2.3]. */
const MOST_BYTES = 268_435_455
const HOUR_MS = 3_600_000
const MANY = 1_000_000

export const boundTable = {
  packet_bytes: bound(
    'max-packet-bytes',
    65_536,
    'bytes',
    [1_024, MOST_BYTES],
    'packet_too_large',
    'largest packet, by its announced length',
  ),
  topic_levels: bound(
    'max-topic-levels',
    16,
    'count',
    [8, 100],
    'topic_too_deep',
    'levels of a topic or filter',
  ),
  topic_bytes: bound(
    'max-topic-bytes',
    1_024,
    'bytes',
    [128, 65_535],
    'topic_too_long',
    'length of a topic or filter',
  ),
  client_id_bytes: bound(
    'max-client-id-bytes',
    256,
    'bytes',
    [23, 65_535],
    'client_id_too_long',
    'length of a client id',
  ),
  subscriptions: bound(
    'max-subscriptions',
    200,
    'count',
    [1, 100_000],
    'subscriptions_full',
    'subscriptions per client',
  ),
  incoming_in_flight: bound(
    'max-incoming-in-flight',
    1_000,
    'count',
    [1, 65_535],
    'in_flight_full',
    'messages of a client that are not settled: QoS 2 without PUBREL, or waiting for the disk',
  ),
  outgoing_in_flight: bound(
    'max-outgoing-in-flight',
    20_000,
    'count',
    [1, 60_000],
    'unacknowledged_full',
    'messages to a connected client that it has not acknowledged',
  ),
  message_rate: bound(
    'max-message-rate',
    2_000,
    '1/s',
    [0, MANY],
    'rate_exceeded',
    'packets per second read from a client, 0 = no limit; a faster one is slowed',
  ),
  message_burst: bound(
    'max-message-burst',
    5_000,
    'count',
    [1, MANY],
    'rate_exceeded',
    'packets a client may be ahead of its rate',
  ),
  queued_messages: bound(
    'max-queued-messages',
    1_000,
    'count',
    [1, MANY],
    'queue_full',
    'messages queued for one session',
  ),
  queued_bytes: bound(
    'max-queued-bytes',
    1_048_576,
    'bytes',
    [1_024, MOST_BYTES],
    'queue_full',
    'bytes queued for one session',
  ),
  queued_bytes_total: bound(
    'max-queued-bytes-total',
    67_108_864,
    'bytes',
    [1_024, 2 ** 31 - 1],
    'queue_full',
    'bytes queued for all sessions together',
  ),
  sessions: bound(
    'max-sessions',
    20_000,
    'count',
    [1, MANY],
    'sessions_full',
    'sessions that outlive their connections; the one that is away longest makes room',
  ),
  sessions_per_identity: bound(
    'max-sessions-per-identity',
    20,
    'count',
    [1, MANY],
    'sessions_full',
    'sessions of one person or device; its own that is away longest makes room',
  ),
  anonymous_sessions: bound(
    'max-anonymous-sessions',
    1_000,
    'count',
    [1, MANY],
    'sessions_full',
    'sessions of all who come without credentials: they are one identity',
  ),
  retained_messages: bound(
    'max-retained-messages',
    10_000,
    'count',
    [0, MANY],
    'retained_full',
    'retained messages',
  ),
  retained_bytes: bound(
    'max-retained-bytes',
    16_777_216,
    'bytes',
    [1_024, MOST_BYTES],
    'retained_full',
    'bytes of all retained messages together',
  ),
  connections: bound(
    'max-connections',
    5_000,
    'count',
    [1, MANY],
    'connections_full',
    'MQTT connections in total',
  ),
  connections_per_address: bound(
    'max-connections-per-address',
    200,
    'count',
    [1, MANY],
    'address_full',
    'MQTT connections per network address, this machine exempt',
  ),
  unauthenticated: bound(
    'max-unauthenticated',
    500,
    'count',
    [1, MANY],
    'unauthenticated_full',
    'MQTT connections that have not said who they are',
  ),
  connect_timeout: bound(
    'connect-timeout',
    10_000,
    'ms',
    [100, HOUR_MS],
    'connect_timeout',
    'from the connection to a whole CONNECT',
  ),
  keep_alive: bound(
    'max-keep-alive',
    600,
    's',
    [1, 65_535],
    'keepalive_ceiling',
    'longest Keep Alive, also for clients that want none',
  ),
  drain_timeout: bound(
    'drain-timeout',
    2_000,
    'ms',
    [100, HOUR_MS],
    'drain_timeout',
    'how long a subscriber may not read what it asked for',
  ),
  inbound_bytes: bound(
    'max-inbound-bytes',
    1_048_576,
    'bytes',
    [65_536, MOST_BYTES],
    'inbound_full',
    'bytes of an MQTT WebSocket that the broker has not read yet',
  ),
  logged_messages: bound(
    'max-logged-messages',
    5_000,
    'count',
    [0, MANY],
    null,
    'messages in the MQTT log, 0 = no log; the oldest makes room',
  ),
  logged_bytes: bound(
    'max-logged-bytes',
    8_388_608,
    'bytes',
    [65_536, MOST_BYTES],
    null,
    'bytes of the MQTT log; the oldest message makes room',
  ),
} as const satisfies Readonly<Record<string, Bound>>

export type BoundName = keyof typeof boundTable
export type BoundFlag = (typeof boundTable)[BoundName]['flag']
export type Bounds = Record<BoundName, number>

export const boundNames = Object.keys(boundTable) as BoundName[]

const valuesBy = (value: (name: BoundName) => number): Bounds =>
  Object.fromEntries(boundNames.map((name) => [name, value(name)])) as Bounds

/** The defaults. */
export const BOUNDS: Bounds = Object.freeze(valuesBy((name) => boundTable[name].default))

/** The bounds as the flags say. */
export const boundsOf = (flags: Readonly<Record<BoundFlag, number>>): Bounds =>
  valuesBy((name) => flags[boundTable[name].flag])
