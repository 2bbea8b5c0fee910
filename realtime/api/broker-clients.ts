/** `/broker/clients`: who is connected over MQTT, and closing a connection. */
import Type from 'typebox'
import type { Store } from '../../storage/store.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { nullable, PageInfo, PageQuery, paged, Time } from '../shapes.js'
import { byUser } from '../user-audit.js'
import { iso } from '../web.js'

const KINDS = ['anonymous', 'device', 'user', 'pairing', 'system'] as const
const TRANSPORTS = ['tcp', 'tls', 'websocket', 'inside'] as const
const PROTOCOLS = ['MQTT 3.1', 'MQTT 3.1.1'] as const

interface Direction {
  packets: number
  messages: number
  bytes: number
  rate: number
}

/** A client as the broker says it; times are ms since 1970. */
interface ClientState {
  client_id: string
  identity: { kind: (typeof KINDS)[number]; name: string | null }
  address: string | null
  port: number | null
  transport: (typeof TRANSPORTS)[number]
  protocol: (typeof PROTOCOLS)[number]
  clean_session: boolean
  keep_alive: number
  connected_at: number
  last_message_at: number | null
  received: Direction
  sent: Direction
  unacknowledged: number
  queue: { messages: number; bytes: number } | null
  subscriptions: { filter: string; qos: number }[]
  will_topic: string | null
}

export interface BrokerClientsOptions {
  store: Store
  brokerClients: () => readonly ClientState[]
  /** Closes the connection of a client; false when it is not connected. */
  kick: (client_id: string) => boolean
  now: () => number
}

const Count = Type.Integer({ minimum: 0 })
const Direction = Type.Object({
  packets: Type.Integer({ minimum: 0, description: 'control packets of every kind' }),
  messages: Type.Integer({ minimum: 0, description: 'PUBLISH packets' }),
  bytes: Count,
  rate: Type.Number({ minimum: 0, description: 'messages per second over the last minute' }),
})

const ClientBody = Type.Object({
  client_id: Type.String(),
  identity: Type.Object(
    { kind: Type.Enum([...KINDS]), name: nullable(Type.String({ description: 'of the device or user' })) },
    { description: 'what it proved to be' },
  ),
  address: nullable(Type.String({ description: 'null inside kaiser itself' })),
  port: nullable(Type.Integer()),
  transport: Type.Enum([...TRANSPORTS]),
  protocol: Type.Enum([...PROTOCOLS]),
  clean_session: Type.Boolean(),
  keep_alive: Type.Integer({ minimum: 0, description: 's' }),
  connected_at: Time,
  last_message_at: nullable(Time),
  received: Direction,
  sent: Direction,
  unacknowledged: Type.Integer({ minimum: 0, description: 'messages it has not acknowledged yet' }),
  queue: nullable(
    Type.Object(
      { messages: Count, bytes: Count },
      { description: 'what waits for its session; null when it waits in Redis' },
    ),
  ),
  subscriptions: Type.Array(
    Type.Object({ filter: Type.String(), qos: Type.Integer({ minimum: 0, maximum: 2 }) }),
  ),
  will_topic: nullable(Type.String()),
})

const clientBody = ({ connected_at, last_message_at, ...client }: ClientState) => ({
  ...client,
  connected_at: iso(connected_at)!,
  last_message_at: iso(last_message_at),
})

export const brokerClients = ({ store, brokerClients: list, kick, now }: BrokerClientsOptions): Resource => ({
  prefix: '/broker/clients',
  tag: 'Broker',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'admin',
      summary: 'Who is connected over MQTT, latest first',
      query: Type.Object({
        client_id: Type.Optional(Type.String({ description: 'exactly this client id' })),
        address: Type.Optional(Type.String({ description: 'from this network address' })),
        ...PageQuery,
      }),
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(ClientBody),
        pagination: PageInfo,
      }),
      handle({ query: { client_id, address, ...page } }) {
        const found = list()
          .filter((client) => client_id === undefined || client.client_id === client_id)
          .filter((client) => address === undefined || client.address === address)
          .sort((a, b) => b.connected_at - a.connected_at)
        const { data, pagination } = paged(found, page)
        return { success: true as const, data: data.map(clientBody), pagination }
      },
    }),

    route({
      method: 'DELETE',
      path: '/{client_id}',
      role: 'admin',
      summary:
        'Close the connection of a client, or end the lasting session of one that is away: its client id is free then',
      params: Type.Object({ client_id: Type.String() }),
      answer: Type.Object({ success: Type.Literal(true), message: Type.String(), client_id: Type.String() }),
      errors: ['not_found'],
      handle(asked) {
        const { client_id } = asked.params
        if (!kick(client_id))
          throw new Problem('not_found', `Client ${client_id} is not connected and has no session`)
        store.auditLogs.note(byUser(asked, { event_type: 'client_kicked', details: { client_id } }), now())
        return { success: true as const, message: `${client_id} was shown out`, client_id }
      },
    }),
  ],
})
