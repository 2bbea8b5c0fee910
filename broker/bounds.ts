/** Every bound of the broker, in one place. Nobody outside may make kaiser use more than this. */
export interface Bounds {
  /** Largest packet, by its announced length, bytes. */
  packet_bytes: number
  /** Levels of a topic or filter. */
  topic_levels: number
  /** From the first byte to a CONNECT, ms. */
  connect_timeout: number
  /** How long a subscriber may not read what it asked for, ms. */
  drain_timeout: number
  /** Connections in total, per network address (loopback exempt), and not yet authenticated. */
  connections: number
  connections_per_address: number
  unauthenticated: number
  /** Messages and bytes queued for one absent session. */
  queued_messages: number
  queued_bytes: number
  /** Retained messages. */
  retained_messages: number
  /** Bytes received on an MQTT WebSocket and not yet read by the broker. */
  inbound_bytes: number
}

export const BOUNDS: Bounds = {
  packet_bytes: 65_536,
  topic_levels: 16,
  connect_timeout: 10_000,
  drain_timeout: 2_000,
  connections: 5_000,
  connections_per_address: 200,
  unauthenticated: 500,
  queued_messages: 1_000,
  queued_bytes: 1_048_576,
  retained_messages: 10_000,
  inbound_bytes: 1_048_576,
}
