/**
 * `/esp/devices/{esp_id}/arrival`: how far a device has come that somebody is connecting just now. What it says once
 * it is in, the device, its findings and its rejects tell; this is about getting in.
 */
import Type from 'typebox'
import { type CodeName, codes } from '../../routing/contract/codes.js'
import type { RefusedLogins } from '../../routing/refused-logins.js'
import type { Store } from '../../storage/store.js'
import { StatusName, statusOf } from '../device-body.js'
import { DeviceParams } from '../device-registry.js'
import { type Resource, route } from '../route.js'
import { nullable, Time } from '../shapes.js'
import { iso } from '../web.js'
import type { BrokerClientsOptions } from './broker-clients.js'

const RefusedLogin = Type.Object({
  code: Type.String(),
  sentence: Type.String({ description: 'what the code means' }),
  esp_id: nullable(Type.String({ description: 'whom it wanted to be' })),
  address: Type.String(),
  count: Type.Integer({ minimum: 1 }),
  first_at: Time,
  last_at: Time,
})

export interface DeviceArrivalOptions {
  store: Store
  kaiser_id: string
  refusedLogins: RefusedLogins
  brokerClients: BrokerClientsOptions['brokerClients']
  /** MQTT clients need credentials. */
  mqttAuth: boolean
  /** Of MQTT over TCP, and over TLS; null where it is not served. */
  mqttPort: () => number | null
  mqttsPort: () => number | null
  /** Of this machine, as others reach it. */
  addresses: () => readonly string[]
}

export function deviceArrival(options: DeviceArrivalOptions): Resource {
  const { store, kaiser_id, refusedLogins, brokerClients, mqttAuth, mqttPort, mqttsPort, addresses } = options

  const connectionOf = (esp_id: string) => {
    const client = brokerClients()
      .filter(({ identity, client_id }) => identity.name === esp_id || (!mqttAuth && client_id === esp_id))
      .sort((a, b) => b.connected_at - a.connected_at)[0]
    if (!client) return null
    const { client_id, identity, address, transport, subscriptions, will_topic, connected_at } = client
    return {
      client_id,
      kind: identity.kind,
      address,
      transport,
      subscriptions: subscriptions.map(({ filter }) => filter),
      will_topic,
      connected_at: iso(connected_at)!,
    }
  }

  const refused = ({
    code,
    esp_id,
    address,
    count,
    first_at,
    last_at,
  }: ReturnType<RefusedLogins['of']>[0]) => ({
    code,
    sentence: codes[code satisfies CodeName].sentence,
    esp_id,
    address,
    count,
    first_at: iso(first_at)!,
    last_at: iso(last_at)!,
  })

  return {
    prefix: '/esp/devices/{esp_id}/arrival',
    tag: 'Devices',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'operator',
        summary: 'How far a device has come that is being connected: where to, whether it is in, why not',
        description: 'It need not be registered yet.',
        params: Type.Object(DeviceParams),
        answer: Type.Object({
          success: Type.Literal(true),
          device_id: Type.String(),
          kaiser_id: Type.String(),
          addresses: Type.Array(Type.String(), { description: 'of this machine, as devices reach it' }),
          mqtt_port: nullable(Type.Integer()),
          mqtts_port: nullable(Type.Integer()),
          mqtt_auth_enabled: Type.Boolean(),
          status: nullable(StatusName),
          connection: nullable(
            Type.Object({
              client_id: Type.String(),
              kind: Type.String({ description: 'what it proved to be: device, pairing, anonymous' }),
              address: nullable(Type.String()),
              transport: Type.String(),
              subscriptions: Type.Array(Type.String()),
              will_topic: nullable(Type.String()),
              connected_at: Time,
            }),
          ),
          refused_logins: Type.Array(RefusedLogin, { description: 'of this device, latest first' }),
          strangers: Type.Array(RefusedLogin, {
            description:
              'of nobody kaiser knows, within ten minutes: one of them may be this device with a slip in its name',
          }),
        }),
        handle({ params: { esp_id } }) {
          const device = store.devices.find(esp_id)
          return {
            success: true as const,
            device_id: esp_id,
            kaiser_id,
            addresses: [...addresses()],
            mqtt_port: mqttPort(),
            mqtts_port: mqttsPort(),
            mqtt_auth_enabled: mqttAuth,
            status: device ? statusOf(device) : null,
            connection: connectionOf(esp_id),
            refused_logins: refusedLogins.of(esp_id).slice(0, 5).map(refused),
            strangers: refusedLogins
              .strangers()
              .filter((login) => login.esp_id !== esp_id)
              .slice(0, 5)
              .map(refused),
          }
        },
      }),
    ],
  }
}
