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
import type { Bounds } from './bounds.js'
import type { Hits } from './hits.js'
import type { Subscriptions } from './subscriptions.js'
import { isTopicName, levelsOf } from './topic-grammar.js'
import { Violation } from './violation.js'

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
  /** Topic of its Will, when it left one. */
  will: string | undefined
  /** Its Keep Alive is kaiser's, because it wanted a longer one or none. */
  kept_alive: boolean
  readonly subscriptions: Subscriptions
  /** Where it is, `address:port`; null inside this process. */
  readonly peer: string | null
  /** It came over TLS. */
  readonly secure: boolean
  /** Common name of the client certificate it proved to own. */
  readonly certificate_cn: string | undefined
  taken_over: boolean
  authenticated(): void
}

export interface HooksOptions {
  receive: Receive
  report: Report
  kaiser_id: string
  allowAnonymous: boolean
  bounds: Bounds
  hit: Hits['hit']
  sessionOf: (client: Client) => Session
  /** A connection was accepted. */
  arrived: (session: Session) => void
  /** kaiser stops: connections that end now are no news. */
  closing: () => boolean
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>
>

const refusal = (message: string, returnCode: number) => Object.assign(new Error(message), { returnCode })

const once = (settle: Settle): Settle => {
  let settled = false
  return (error) => {
    if (settled) return
    settled = true
    settle(error)
  }
}

const IDENTIFIER_REJECTED = 2
const NOT_AUTHORIZED = 5

export function createHooks({
  receive,
  report,
  kaiser_id,
  allowAnonymous,
  bounds,
  hit,
  sessionOf,
  arrived,
  closing,
}: HooksOptions): Hooks {
  const maySay = ({ identity }: Session, topic: string): boolean =>
    identity !== undefined && mayPublish(identity, topic, kaiser_id)
  // Most topics are short; no character takes more than three bytes.
  const tooLong = (topic: string): boolean =>
    topic.length * 3 > bounds.topic_bytes && Buffer.byteLength(topic) > bounds.topic_bytes
  const long = (topic: string): Violation =>
    new Violation('topic_too_long', `a topic or filter of ${Buffer.byteLength(topic)} bytes`)

  return {
    preConnect(client, packet, callback) {
      const session = sessionOf(client)
      // MQTT 3.1 knows no empty id at all (§3.1 Client Identifier).
      session.nameless = !packet.clientId && (!packet.clean || packet.protocolVersion === 3)
      session.will = packet.will?.topic
      // Nobody is silent for ever, also not who asks for no Keep Alive. [MQTT-3.1.2-24]
      const asked = packet.keepalive ?? 0
      session.kept_alive = asked === 0 || asked > bounds.keep_alive
      if (session.kept_alive)
        packet.keepalive = bounds.keep_alive
        // Aedes pauses only when it authenticates, a turn later; what came meanwhile would be a stranger's. It
        // resumes by itself after the CONNACK. [MQTT-3.1.4-5]
      ;(client as unknown as { pause(): void }).pause()
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
      // A Will is published when its client is gone and nobody is left to refuse. [MQTT-3.1.4-2]
      const { will } = session
      if (will !== undefined && (tooLong(will) || levelsOf(will) > bounds.topic_levels)) {
        hit(tooLong(will) ? 'topic_bytes' : 'topic_levels', who, { address: session.address, will: true })
        return callback(refusal('will forbidden', NOT_AUTHORIZED), null)
      }
      if (will !== undefined && !(isTopicName(will) && maySay(session, will))) {
        report('publish_forbidden', who, { topic: will, will: true })
        return callback(refusal('will forbidden', NOT_AUTHORIZED), null)
      }
      session.authenticated()
      arrived(session)
      callback(null, true)
    },

    authorizePublish(client, packet, callback) {
      // A Will whose client is long gone has no session; it is checked when it is accepted.
      if (!client) return callback(null)
      if (closing()) return callback(new Error('closing'))
      const session = sessionOf(client)
      // That this client sent it again is no news to those who hear it for the first time. [MQTT-3.3.1-3]
      packet.dup = false
      if (tooLong(packet.topic)) return callback(long(packet.topic))
      if (!maySay(session, packet.topic)) {
        report('publish_forbidden', session.client_id, { topic: packet.topic })
        return callback(new Error('publish forbidden'))
      }
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      const settle = once(callback as Settle)
      try {
        receive({ topic: packet.topic, payload, qos: packet.qos ?? 0 }, session, settle)
      } catch (error) {
        // A bug in our own house. It was not handled, so it is not acknowledged; and nobody else notices.
        report('internal_error', session.client_id, { err: error, topic: packet.topic })
        settle(new Error('closed: kaiser failed'))
      }
    },

    authorizeSubscribe(client, subscription, callback) {
      const session = sessionOf(client)
      if (tooLong(subscription.topic)) return callback(long(subscription.topic))
      if (!session.identity || !maySubscribe(session.identity, subscription.topic, kaiser_id))
        report('subscribe_forbidden', session.client_id, { filter: subscription.topic })
      else if (session.subscriptions.grant(subscription)) return callback(null, subscription)
      else hit('subscriptions', session.client_id, { filter: subscription.topic })
      // Without a subscription Aedes answers 0x80 for this filter. [MQTT-3.9.3-2]
      callback(null, null)
    },
  }
}
