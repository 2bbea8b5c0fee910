/**
 * Who is connected, as administrators see it. Reads what others keep when somebody asks; per message nothing is
 * done here.
 */
import type { Client } from 'aedes'
import type { Identity } from '../routing/contract/identities.js'
import type { Peer } from './peer.js'
import { Rate } from './rate.js'
import type { Session } from './session.js'
import type { Watcher } from './sys-tree.js'
import type { Counts, Traffic } from './traffic.js'

export type Transport = 'tcp' | 'tls' | 'websocket' | 'inside'

interface Direction {
  packets: number
  messages: number
  bytes: number
  /** Messages per second over the last minute. */
  rate: number
}

/** Messages that wait to be acknowledged or to be sent. */
export interface QueueState {
  messages: number
  bytes: number
}

/** One connected client. */
export interface ClientState {
  client_id: string
  /** What it proved to be; `name` is the device or user, null where there is none. */
  identity: { kind: Identity['kind']; name: string | null }
  /** null inside this process */
  address: string | null
  port: number | null
  transport: Transport
  protocol: 'MQTT 3.1' | 'MQTT 3.1.1'
  clean_session: boolean
  /** s */
  keep_alive: number
  /** ms since 1970 */
  connected_at: number
  last_message_at: number | null
  received: Direction
  sent: Direction
  unacknowledged: number
  /** What waits for its session; empty for a clean one, null where that is not known here. */
  queue: QueueState | null
  subscriptions: { filter: string; qos: number }[]
  will_topic: string | null
}

/** What Aedes' client knows. */
interface Connected {
  readonly id: string | null
  readonly clean: boolean
  readonly version: number | null
  readonly closed: boolean
  readonly subscriptions: Readonly<Record<string, { qos: number }>>
  readonly will: { topic: string } | null
  readonly conn: object
  readonly _keepaliveInterval: number
  close(): void
}

interface Connection {
  readonly client: Connected
  readonly session: Session
  readonly peer: Peer
  readonly traffic: Traffic
  readonly connected_at: number
  readonly received: Rate
  readonly sent: Rate
  entered: boolean
}

export interface Clients {
  /** A connection came. */
  open(client: Client, session: Session, peer: Peer, traffic: Traffic): void
  /** It was let in. */
  enter(client: Client): void
  /** It ended. */
  leave(client: Client): void
  /** Everybody who was let in. */
  list(): ClientState[]
  /** Closes the connection of a client; its Will is published. False when it is not connected. */
  kick(client_id: string): boolean
  readonly connected: number
  /** Connections that came, and clients that were let in, since the start. */
  readonly opened: number
  readonly entered: number
  /** Those who may see `$SYS`, with their filters. */
  watchers(): Watcher[]
  /** The most that were connected at the same time. */
  readonly maximum: number
  close(): void
}

const MINUTE = 60_000

/** A client to whom something is said that nobody else hears. */
export const watcherOf = (client: Client | Connected, filters: readonly string[]): Watcher => ({
  filters,
  send(topic, payload, retain) {
    const packet = { cmd: 'publish' as const, topic, payload, qos: 0 as const, retain, dup: false }
    ;(client as Client).publish(packet, () => {})
  },
})

const nameOf = (identity: Identity | undefined): string | null => {
  const { esp_id, username } = (identity ?? {}) as { esp_id?: string; username?: string }
  return esp_id ?? username ?? null
}

const transportOf = ({ conn }: Connected, { address }: Peer): Transport => {
  if (address === null) return 'inside'
  if ('encrypted' in conn) return 'tls'
  return 'remoteAddress' in conn ? 'tcp' : 'websocket'
}

const directionOf = ({ packets, publishes, bytes }: Counts, rate: Rate, at: number): Direction => ({
  packets,
  messages: publishes,
  bytes,
  rate: Math.round(100 * rate.perSecond(publishes, at)) / 100,
})

/** `now`: ms since 1970; `monotonic`: ms. */
export function createClients({
  queueOf,
  now,
  monotonic,
}: {
  queueOf: (client_id: string) => QueueState | null
  now: () => number
  monotonic: () => number
}): Clients {
  const connections = new Map<Client, Connection>()
  let connected = 0
  let maximum = 0
  let opened = 0
  let entered = 0
  const present = (): Connection[] =>
    [...connections.values()].filter(({ entered, client }) => entered && !client.closed)

  const timer = setInterval(() => {
    const at = monotonic()
    for (const { received, sent, traffic } of connections.values()) {
      received.turn(traffic.received.publishes, at)
      sent.turn(traffic.sent.publishes, at)
    }
  }, MINUTE).unref()

  const stateOf = ({
    client,
    session,
    peer,
    traffic,
    connected_at,
    received,
    sent,
  }: Connection): ClientState => ({
    client_id: session.client_id,
    identity: { kind: session.identity!.kind, name: nameOf(session.identity) },
    address: peer.address,
    port: peer.port ?? null,
    transport: transportOf(client, peer),
    protocol: client.version === 3 ? 'MQTT 3.1' : 'MQTT 3.1.1',
    clean_session: client.clean,
    keep_alive: Math.max(0, Math.floor(client._keepaliveInterval / 1_500)),
    connected_at,
    last_message_at: traffic.last_message_at,
    received: directionOf(traffic.received, received, monotonic()),
    sent: directionOf(traffic.sent, sent, monotonic()),
    unacknowledged: traffic.unacknowledged,
    queue: queueOf(session.client_id),
    subscriptions: Object.entries(client.subscriptions).map(([filter, { qos }]) => ({ filter, qos })),
    will_topic: client.will?.topic ?? null,
  })

  return {
    get connected() {
      return connected
    },
    get opened() {
      return opened
    },
    get entered() {
      return entered
    },
    get maximum() {
      return maximum
    },
    open(client, session, peer, traffic) {
      opened++
      const at = monotonic()
      connections.set(client, {
        client: client as unknown as Connected,
        session,
        peer,
        traffic,
        connected_at: now(),
        received: new Rate(at),
        sent: new Rate(at),
        entered: false,
      })
    },
    enter(client) {
      const connection = connections.get(client)
      if (!connection || connection.entered) return
      connection.entered = true
      entered++
      maximum = Math.max(maximum, ++connected)
    },
    leave(client) {
      if (connections.get(client)?.entered) connected--
      connections.delete(client)
    },
    watchers: () =>
      present()
        .filter(({ session: { identity } }) => identity?.kind === 'user' && identity.role === 'admin')
        .map(({ client }) => watcherOf(client, Object.keys(client.subscriptions))),
    list: () => present().map(stateOf),
    kick(client_id) {
      const found = present().find(({ session }) => session.client_id === client_id)
      found?.client.close()
      return found !== undefined
    },
    close: () => clearInterval(timer),
  }
}
