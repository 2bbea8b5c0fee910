/**
 * The Aedes hooks as plain functions. Dispatch happens in `authorizePublish`, the only hook that runs before
 * the acknowledgement; it also runs for a Will and again for a repeated QoS 2 PUBLISH, never for our own
 * publishes. An exception in a hook would end the process, and an error given to its callback closes the
 * connection [MQTT-3.3.5-2], so neither happens by accident.
 */
import type { AedesOptions, Client } from 'aedes'
import type { CodeName, Report } from '../routing/contract/codes.js'
import type { Gate, Identify, Identity } from '../routing/contract/identities.js'
import { heardOf } from '../routing/contract/secrets.js'
import type { Incoming, Sender, Settle } from '../routing/delivery.js'
import type { Trace } from '../routing/trace.js'
import { mayPublish, maySubscribe, ownerOf } from './access.js'
import type { Bounds } from './bounds.js'
import type { Hits } from './hits.js'
import type { Noting } from './message-log.js'
import type { Session } from './session.js'
import type { Keeping } from './sessions/keeping.js'
import { PRESENT } from './sessions/persistence.js'
import { isTopicName, levelsOf } from './topic-grammar.js'
import { Violation } from './violation.js'

/** Broker → routing: here is a message. `settle` is called once. */
export type Receive = (message: Incoming, sender: Sender, settle: Settle) => unknown

export interface HooksOptions {
  receive: Receive
  report: Report
  identify: Identify
  gate: Gate
  /** A message that nobody must hear is about to be acknowledged. */
  withhold: (packet: object) => void
  kaiser_id: string
  bounds: Bounds
  hit: Hits['hit']
  /** Keeps what came in the log, and says what became of it. */
  log: Pick<Noting, 'came'> & { readonly trace: Pick<Trace, 'became'> }
  sessionOf: (client: Client) => Session
  /** Who else has the client id that somebody connects with; undefined when nobody has. */
  holder: (client_id: string, identity: Identity) => string | undefined
  /** A connection may come in; it does when `enter` is called, which is when no other has its client id. */
  arrived: (client: Client, session: Session, enter: () => void) => void
  /** Says what is to be kept of a message with its own rows, before it is acknowledged. */
  keep?: Keeping['take']
  /** A filter was not granted: a session that had it has it no more. */
  refused?: (client: Client, filter: string) => void
  /** Keeps a message for absent sessions elsewhere; undefined when there is nothing to wait for. */
  precede?: (client: Client, packet: object) => Promise<void> | undefined
  /** May a message be sent to a client now? If not, it comes or came from its queue. */
  maySend?: (client: Client, packet: object) => boolean
  /** kaiser stops: connections that end now are no news. */
  closing: () => boolean
}

type Hooks = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
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
/** What CONNACK says, where it is not 5. [MQTT-3.2.2-4] */
const RETURN_CODES: Readonly<Partial<Record<CodeName, number>>> = {
  bad_credentials: 4,
  login_busy: 3,
  identifier_rejected: IDENTIFIER_REJECTED,
  client_id_too_long: IDENTIFIER_REJECTED,
  client_id_taken: IDENTIFIER_REJECTED,
}
const NO_BYTES = new Uint8Array()
const bytesOf = (payload: string | Buffer): Uint8Array =>
  typeof payload === 'string' ? Buffer.from(payload) : payload

export function createHooks({
  receive,
  report,
  identify,
  gate,
  withhold,
  kaiser_id,
  bounds,
  hit,
  log,
  sessionOf,
  holder,
  arrived,
  keep,
  refused,
  precede,
  maySend = () => true,
  closing,
}: HooksOptions): Hooks {
  const maySay = ({ identity }: Session, topic: string, payload: Uint8Array): boolean =>
    identity !== undefined && mayPublish(identity, topic, payload, kaiser_id)
  // Most topics are short; no character takes more than three bytes.
  const tooLong = (topic: string): boolean =>
    topic.length * 3 > bounds.topic_bytes && Buffer.byteLength(topic) > bounds.topic_bytes
  const long = (topic: string): Violation =>
    new Violation('topic_too_long', `a topic or filter of ${Buffer.byteLength(topic)} bytes`)

  /** A Will is published when its client is gone and nobody is left to refuse. [MQTT-3.1.4-2] */
  const mayLeave = (session: Session, identity: Identity): boolean => {
    const { will, last_words = NO_BYTES } = session
    if (will === undefined) return true
    if (tooLong(will) || levelsOf(will) > bounds.topic_levels) {
      const { address } = session
      hit(tooLong(will) ? 'topic_bytes' : 'topic_levels', session.client_id, { address, will: true })
      return false
    }
    if (isTopicName(will) && maySay(session, will, last_words) && !gate(will, last_words, identity))
      return true
    report('publish_forbidden', session.client_id, { topic: will, will: true })
    return false
  }

  return {
    preConnect(client, packet, callback) {
      const session = sessionOf(client)
      // MQTT 3.1 knows no empty id at all (§3.1 Client Identifier).
      session.nameless = !packet.clientId && (!packet.clean || packet.protocolVersion === 3)
      session.will = packet.will?.topic
      session.last_words = packet.will && bytesOf(packet.will.payload)
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

    authenticate(client, username, password, callback) {
      const session = sessionOf(client)
      const refuse = (code: CodeName, fields: object = {}): void => {
        const { client_id, address } = session
        report(code, address ?? client_id, { client_id, address, ...fields })
        callback(refusal(code, RETURN_CODES[code] ?? NOT_AUTHORIZED), null)
      }
      const letIn = (identity: Identity): void => {
        const held_by = holder(session.client_id, identity)
        if (held_by !== undefined) return refuse('client_id_taken', { by: ownerOf(identity), held_by })
        session.identity = identity
        if (!mayLeave(session, identity)) return callback(refusal('will forbidden', NOT_AUTHORIZED), null)
        session.authenticated()
        arrived(client, session, () => callback(null, true))
      }
      // It may have gone since its CONNECT was read; then it has no end to come that would free its client id.
      if (client.closed) return
      // [MQTT-3.1.3-8]
      if (session.nameless) return refuse('identifier_rejected')
      // It stands in every row and log line of its client. [MQTT-3.1.3-5]
      if (Buffer.byteLength(session.client_id) > bounds.client_id_bytes) {
        const { address, client_id } = session
        hit('client_id_bytes', address ?? 'local', { address, client_id: `${client_id.slice(0, 32)}…` })
        return callback(refusal('client_id_too_long', IDENTIFIER_REJECTED), null)
      }
      if (session.identity) return letIn(session.identity)
      const { client_id, address, certificate_cn } = session
      identify(
        {
          client_id,
          username: username ?? undefined,
          password: password ?? undefined,
          address,
          certificate_cn,
        },
        (verdict) => {
          // It may have gone while its password was checked; then it never was here.
          if (client.closed || closing()) return
          if (typeof verdict === 'string') refuse(verdict)
          else letIn(verdict)
        },
      )
    },

    authorizePublish(client, packet, callback) {
      if (closing()) return callback(new Error('closing'))
      const session = client ? sessionOf(client) : undefined
      // A Will that a killed kaiser left has no connection; it was checked when it was accepted.
      const sender = session ?? departed(packet)
      // That this client sent it again is no news to those who hear it for the first time. [MQTT-3.3.1-3]
      const { topic, dup } = packet
      packet.dup = false
      if (tooLong(topic)) return callback(long(topic))
      const payload = bytesOf(packet.payload)
      const { client_id } = sender
      const trace = log.came(client_id, packet, payload, dup)
      if (session && !maySay(session, topic, payload)) {
        report('publish_forbidden', client_id, { topic })
        log.trace.became(trace, 'publish_forbidden')
        return callback(new Error('publish forbidden'))
      }
      let settle = once(callback as Settle)
      try {
        const verdict = session?.identity && gate(topic, payload, session.identity)
        if (verdict) withhold(packet)
        const taken = keep?.(client, packet as never, verdict !== undefined)
        if (taken && 'again' in taken) {
          log.trace.became(trace, 'repeated')
          return void taken.again().then(() => settle(), settle)
        }
        const kept = verdict || !client ? undefined : precede?.(client, packet)
        if (session && (kept || (session.inOrder.waiting && packet.qos)))
          settle = session.inOrder.after(kept, settle)
        const turned_down = verdict && 'code' in verdict ? verdict : undefined
        const message = {
          topic,
          payload,
          qos: packet.qos ?? 0,
          retain: packet.retain,
          turned_down,
          by: verdict?.by,
          trace,
        }
        receive(taken ? { ...message, also: taken.also } : message, sender, settle)
      } catch (error) {
        // A bug in our own house. It was not handled, so it is not acknowledged; and nobody else notices.
        report('internal_error', client_id, { err: error, topic })
        log.trace.became(trace, 'internal_error')
        settle(new Error('closed: kaiser failed'))
      }
    },

    authorizeSubscribe(client, subscription, callback) {
      const session = sessionOf(client)
      if (subscription.topic === PRESENT) return callback(null, null)
      if (tooLong(subscription.topic)) return callback(long(subscription.topic))
      if (!session.identity || !maySubscribe(session.identity, subscription.topic, kaiser_id))
        report('subscribe_forbidden', session.client_id, { filter: subscription.topic })
      else if (session.subscriptions.grant(subscription)) return callback(null, subscription)
      else hit('subscriptions', session.client_id, { filter: subscription.topic })
      refused?.(client, subscription.topic)
      // Without a subscription Aedes answers 0x80 for this filter. [MQTT-3.9.3-2]
      callback(null, null)
    },

    authorizeForward(client, packet) {
      // Also what waited in a queue: its session may belong to somebody else now.
      if (!maySend(client, packet)) return undefined as never
      const { topic, payload } = packet
      const heard = heardBy(sessionOf(client).identity, topic, payload as Buffer, kaiser_id)
      if (heard === undefined) return undefined as never
      // Each subscriber has a packet of its own; from a queue it is sent as it is, not as it is returned.
      if (heard !== packet.payload) packet.payload = heard as Buffer
      return packet
    },
  }
}

/** What somebody hears of a message; undefined when nothing. */
export function heardBy(
  identity: Identity | undefined,
  topic: string,
  payload: string | Uint8Array,
  kaiser_id: string,
): string | Uint8Array | undefined {
  if (!identity || !maySubscribe(identity, topic, kaiser_id)) return undefined
  return heardOf(topic, payload, 'esp_id' in identity ? identity.esp_id : undefined)
}

/** Whose Will it is, when its connection is long gone. */
const departed = (packet: object): Sender => ({
  client_id: (packet as { clientId?: string }).clientId ?? '',
  address: null,
  waiting: 0,
  readOn() {},
})
