/**
 * The control packets a client may send, one row each: the flags its first byte must have and how its body is
 * read. Strict: whatever MQTT 3.1.1 says must not be is a Violation, also where Aedes would let it pass. What comes
 * out has the shape of mqtt-packet's packets, which Aedes takes.
 */
import { isTopicFilter, isTopicName } from './topic-grammar.js'
import { stringIn } from './utf8.js'
import { violates } from './violation.js'

/** A decoded control packet; its other fields depend on `cmd`. */
export interface Packet {
  readonly cmd: string
  readonly [field: string]: unknown
}

/** Reads one body from start to end; whatever is missing or left over is malformed. */
class Body {
  readonly #bytes: Buffer
  readonly #end: number
  #at: number

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get rest(): number {
    return this.#end - this.#at
  }

  byte(): number {
    if (this.rest < 1) violates('MQTT-2.2.3', 'the packet ends in the middle of a field')
    return this.#bytes[this.#at++]!
  }

  number(): number {
    return this.byte() * 256 + this.byte()
  }

  /** Length-prefixed bytes. */
  binary(): Buffer {
    const length = this.number()
    if (length > this.rest) violates('MQTT-2.2.3', 'a field is longer than its packet')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  string(): string {
    const length = this.number()
    if (length > this.rest) violates('MQTT-2.2.3', 'a field is longer than its packet')
    const text = stringIn(this.#bytes, this.#at, this.#at + length)
    this.#at += length
    return text ?? violates('MQTT-1.5.3-1', 'a string is no text: ill-formed UTF-8 or a forbidden character')
  }

  identifier(): number {
    const id = this.number()
    if (id === 0) violates('MQTT-2.3.1-1', 'packet identifier 0')
    return id
  }

  remaining(): Buffer {
    return this.#bytes.subarray(this.#at, this.#end)
  }

  over(): void {
    if (this.rest > 0) violates('MQTT-2.2.3', `${this.rest} bytes too many`)
  }
}

const MQTT_3_1_1 = 4
/** Name and level of the protocols spoken here. */
const LEVELS: Readonly<Record<string, number>> = { MQTT: MQTT_3_1_1, MQIsdp: 3 }

function connect(body: Body): Packet {
  const protocolId = body.string()
  if (!Object.hasOwn(LEVELS, protocolId)) violates('MQTT-3.1.2-1', `protocol name "${protocolId}"`)
  const protocolVersion = body.byte()
  // What follows another level is unknown; the answer is CONNACK 1. [MQTT-3.1.2-2]
  if (protocolVersion !== LEVELS[protocolId])
    return { cmd: 'connect', protocolId, protocolVersion: 0, clean: true, keepalive: 0, clientId: '' }
  const flags = body.byte()
  if (flags & 1) violates('MQTT-3.1.2-3', 'the reserved flag of CONNECT is set')
  const willQos = (flags >> 3) & 3
  if (willQos === 3) violates('MQTT-3.1.2-14', 'Will QoS 3')
  if (!(flags & 4) && willQos > 0) violates('MQTT-3.1.2-13', 'a Will QoS without a Will')
  if (!(flags & 4) && flags & 32) violates('MQTT-3.1.2-15', 'Will Retain without a Will')
  if (flags & 64 && !(flags & 128)) violates('MQTT-3.1.2-22', 'a password without a user name')
  const keepalive = body.number()
  const clientId = body.string()
  const will =
    flags & 4
      ? { topic: body.string(), payload: body.binary(), qos: willQos, retain: (flags & 32) !== 0 }
      : undefined
  const username = flags & 128 ? body.string() : undefined
  const password = flags & 64 ? body.binary() : undefined
  body.over()
  const clean = (flags & 2) !== 0
  return {
    cmd: 'connect',
    protocolId,
    protocolVersion,
    clean,
    keepalive,
    clientId,
    ...(will && { will }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
}

function publish(body: Body, flags: number): Packet {
  const qos = (flags >> 1) & 3
  const dup = (flags & 8) !== 0
  if (qos === 3) violates('MQTT-3.3.1-4', 'QoS 3')
  if (dup && qos === 0) violates('MQTT-3.3.1-2', 'DUP with QoS 0')
  const topic = body.string()
  if (!isTopicName(topic)) violates('MQTT-3.3.2-2', `"${topic}" is no topic name`)
  const messageId = qos > 0 ? body.identifier() : undefined
  return { cmd: 'publish', topic, payload: body.remaining(), qos, retain: (flags & 1) !== 0, dup, messageId }
}

const filterOf = (body: Body): string => {
  const filter = body.string()
  if (!isTopicFilter(filter)) violates('MQTT-4.7.1-3', `"${filter}" is no topic filter`)
  return filter
}

function subscribe(body: Body): Packet {
  const messageId = body.identifier()
  const subscriptions: { topic: string; qos: number }[] = []
  if (body.rest === 0) violates('MQTT-3.8.3-3', 'SUBSCRIBE without a filter')
  while (body.rest > 0) {
    const topic = filterOf(body)
    const qos = body.byte()
    if (qos > 2) violates('MQTT-3.8.3-4', `requested QoS byte ${qos}`)
    subscriptions.push({ topic, qos })
  }
  return { cmd: 'subscribe', messageId, subscriptions }
}

function unsubscribe(body: Body): Packet {
  const messageId = body.identifier()
  const unsubscriptions: string[] = []
  if (body.rest === 0) violates('MQTT-3.10.3-2', 'UNSUBSCRIBE without a filter')
  while (body.rest > 0) unsubscriptions.push(filterOf(body))
  return { cmd: 'unsubscribe', messageId, unsubscriptions }
}

const acknowledgement =
  (cmd: string) =>
  (body: Body): Packet => {
    const messageId = body.identifier()
    body.over()
    return { cmd, messageId }
  }

const empty =
  (cmd: string) =>
  (body: Body): Packet => {
    body.over()
    return { cmd }
  }

interface Kind {
  /** What the low half of the first byte must be [MQTT-2.2.2-1] [MQTT-2.2.2-2]; PUBLISH has its own. */
  readonly flags: number | undefined
  readonly read: (body: Body, flags: number) => Packet
}

/** By the high half of the first byte. Only a server sends what is missing. */
const KINDS: readonly (Kind | undefined)[] = Object.assign(new Array<Kind | undefined>(16).fill(undefined), {
  1: { flags: 0, read: connect },
  3: { flags: undefined, read: publish },
  4: { flags: 0, read: acknowledgement('puback') },
  5: { flags: 0, read: acknowledgement('pubrec') },
  6: { flags: 2, read: acknowledgement('pubrel') },
  7: { flags: 0, read: acknowledgement('pubcomp') },
  8: { flags: 2, read: subscribe },
  10: { flags: 2, read: unsubscribe },
  12: { flags: 0, read: empty('pingreq') },
  14: { flags: 0, read: empty('disconnect') },
})

/** Throws a Violation when no packet may begin with this byte. */
export function checkFirst(first: number): void {
  const kind = KINDS[first >> 4]
  if (!kind) return violates('MQTT-2.2.1', `packet type ${first >> 4} from a client`)
  if (kind.flags !== undefined && kind.flags !== (first & 15))
    violates('MQTT-2.2.2-2', `flags ${first & 15} of packet type ${first >> 4}`)
}

/** Decodes a packet whose first byte was checked and whose body is there as a whole. Throws Violation. */
export const decodePacket = (first: number, bytes: Buffer, start: number, end: number): Packet =>
  KINDS[first >> 4]!.read(new Body(bytes, start, end), first & 15)
