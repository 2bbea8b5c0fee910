/**
 * The Aedes hooks as plain functions. Dispatch happens in `authorizePublish`, the only hook that runs before
 * the acknowledgement; it also runs for a Will and again for a repeated QoS 2 PUBLISH, never for our own
 * publishes. An exception in a hook would end the process, and an error given to its callback closes the
 * connection [MQTT-3.3.5-2], so neither happens by accident.
 */
import type { AedesOptions, Client } from 'aedes'
import type { CodeName } from '../routing/contract/codes.js'
import type { Incoming, Sender, Settle } from '../routing/delivery.js'
import { type Identity, mayPublish, maySubscribe } from './access.js'

/** Broker → routing: here is a message. `settle` is called once. */
export type Receive = (message: Incoming, sender: Sender, settle: Settle) => unknown

/** Counts and logs a refusal or fault of a connection. */
export type Report = (code: CodeName, who: string, fields: object) => void

/** One connection, from accept to close. */
export interface Session extends Sender {
  /** Who it is: given for connections inside this process, found out by CONNECT for others. */
  identity: Identity | undefined
  /** It asked for a session that lasts without giving an id. */
  nameless: boolean
  authenticated(): void
}

export interface HooksOptions {
  receive: Receive
  report: Report
  kaiser_id: string
  allowAnonymous: boolean
  sessionOf: (client: Client) => Session
  /** kaiser stops: connections that end now are no news. */
  closing: () => boolean
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>

const refusal = (message: string, returnCode: number) => Object.assign(new Error(message), { returnCode })

const IDENTIFIER_REJECTED = 2
const NOT_AUTHORIZED = 5

export function createHooks({
  receive,
  report,
  kaiser_id,
  allowAnonymous,
  sessionOf,
  closing,
}: HooksOptions): Hooks {
  return {
    preConnect(client, packet, callback) {
      sessionOf(client).nameless = !packet.clientId && packet.clean === false
      callback(null, true)
    },

    authenticate(client, _username, _password, callback) {
      const session = sessionOf(client)
      const who = session.client_id
      // [MQTT-3.1.3-8]
      if (session.nameless) {
        report('identifier_rejected', who, { address: session.address })
        return callback(refusal('identifier rejected', IDENTIFIER_REJECTED), null)
      }
      if (!session.identity && allowAnonymous) session.identity = { kind: 'anonymous' }
      if (!session.identity) {
        report('not_authorized', session.address ?? who, { client_id: who, address: session.address })
        return callback(refusal('not authorized', NOT_AUTHORIZED), null)
      }
      session.authenticated()
      callback(null, true)
    },

    authorizePublish(client, packet, callback) {
      // A Will whose client is long gone has no session; it is checked when it is accepted.
      if (!client) return callback(null)
      if (closing()) return callback(new Error('closing'))
      const session = sessionOf(client)
      if (!session.identity || !mayPublish(session.identity, packet.topic, kaiser_id)) {
        report('publish_forbidden', session.client_id, { topic: packet.topic })
        return callback(new Error('publish forbidden'))
      }
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      receive({ topic: packet.topic, payload, qos: packet.qos ?? 0 }, session, callback as Settle)
    },

    authorizeSubscribe(client, subscription, callback) {
      const session = sessionOf(client)
      if (session.identity && maySubscribe(session.identity, subscription.topic, kaiser_id))
        return callback(null, subscription)
      report('subscribe_forbidden', session.client_id, { filter: subscription.topic })
      // Without a subscription Aedes answers 0x80 for this filter. [MQTT-3.9.3-2]
      callback(null, null)
    },
  }
}
