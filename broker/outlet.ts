/**
 * What leaves for one client. Aedes delivers through two functions of its client, and these take their place: a message is
 * encoded once for all who hear it, what a client hears in one turn of the loop leaves with one write, and who publishes
 * waits only for a receiver that leaves much unread. Sessions, ids and refusals stay Aedes' own; that its private fields
 * are where this file expects them is pinned by its exact version and by tests.
 */
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import { matchesFilter } from '../routing/contract/topics.js'
import type { Life } from '../routing/tell.js'
import { Answers } from './answers.js'
import type { Packet as Heard } from './decode-packet.js'
import { type Encoded, encodePublish, ofOne, withPacketId } from './encode-publish.js'
import { isTold, type ToldPacket } from './told.js'

type Done = () => void

/** A message on its way, as Aedes has it. */
interface Packet {
  readonly cmd: 'publish'
  readonly brokerId: string | null
  readonly brokerCounter: number
  readonly topic: string
  readonly payload: string | Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly dup: boolean
  messageId?: number
}

/** What Aedes' client keeps to itself. */
interface Receiver {
  readonly id: string
  readonly clean: boolean
  readonly closed: boolean
  readonly connackSent: boolean
  readonly conn: Duplex & { _writableState: { length: number } }
  readonly subscriptions: Readonly<Record<string, { qos: 0 | 1 | 2 }>>
  readonly broker: {
    authorizeForward(client: Client, packet: Packet): Packet | null | undefined
    persistence: {
      outgoingUpdate(client: Client, packet: Packet): Promise<unknown>
      outgoingClearMessageId(client: Client, packet: Packet): Promise<unknown>
    }
  }
  _nextId: number
  duplicates: object
  deliver0(packet: Packet, done: Done): void
  deliverQoS(packet: Packet, done: Done): void
  waitForDrain(done: Done): void
  emit(event: 'error', error: Error): boolean
}

/** Bytes a receiver may leave unread before those who publish to it wait, and before its time to read them runs. */
const UNREAD = 65_536

/** Devices that are told something before the first of them hears it. */
const CROWD = 16

const not = (done: Done): false => {
  done()
  return false
}

const isWild = (filter: string): boolean => filter.startsWith('#') || filter.startsWith('+')

/** The highest QoS a client was granted for a topic; undefined when it has not subscribed to it. [MQTT-3.3.5-1] [MQTT-4.7.2-1] */
function granted({ subscriptions }: Receiver, topic: string): 0 | 1 | 2 | undefined {
  let most: 0 | 1 | 2 | undefined
  for (const filter in subscriptions) {
    const { qos } = subscriptions[filter]!
    if (qos > (most ?? -1) && matchesFilter(filter, topic) && !(topic.startsWith('$') && isWild(filter)))
      most = qos
  }
  return most
}

/** The way out to one client. */
export interface Way {
  /** The client sent this packet. Throws a Violation when it answers something else than is due. */
  take(packet: Heard): void
  /** Sends it now, to be kept nowhere; false when the client does not hear it, or is not there. */
  tell(packet: ToldPacket, life: Life): boolean
}

/**
 * Makes outlets that leave together. `taken`: does something that is kept for this client have this Packet Identifier?
 */
export function createOutlets(
  taken: (client_id: string, packet_id: number) => boolean,
): (client: Client) => Way {
  /** Aedes' memory of what a client has heard; what is here takes its place. */
  const noDuplicates = Object.create(null) as object
  /** Whose bytes are held back, */
  let leaving: Outlet[] = []
  /** and whose have left, which nobody was told yet. */
  let left: Outlet[] = []
  let message: Packet | undefined
  let encoded: Encoded | undefined

  /** The message before is mostly this one, for the next receiver. */
  const encode = (packet: Packet, qos: 0 | 1 | 2): Encoded => {
    const { topic, payload, retain, brokerCounter } = packet
    if (
      encoded === undefined ||
      message!.brokerCounter !== brokerCounter ||
      message!.payload !== payload ||
      message!.topic !== topic ||
      message!.retain !== retain ||
      message!.qos !== qos
    ) {
      message = { ...packet, qos }
      encoded = encodePublish(message)
    }
    return encoded
  }

  const open = (): void => {
    for (const outlet of leaving) outlet.open()
    left = left.length === 0 ? leaving : left.concat(leaving)
    leaving = []
  }

  const leave = (): void => {
    open()
    // The next message may be long in coming; nobody keeps this one for it.
    message = encoded = undefined
    // Nobody's bytes wait for what is written down about another's.
    const all = left
    left = []
    for (const outlet of all) outlet.opened()
  }

  let hurried = false
  /** What a device is told leaves before the other work of this turn. */
  const hurry = (): void => {
    if (hurried) return
    hurried = true
    process.nextTick(() => {
      hurried = false
      leave()
    })
  }

  class Outlet {
    readonly #client: Receiver
    #isHeldBack = false
    #waiting: Done[] = []
    /** Who wants to know when what was held back has left. */
    #told: Done[] = []
    #brokerId: string | null = null
    #counter = 0
    /** What it has to answer; there is nothing before its first message. */
    #answers: Answers | undefined

    constructor(client: Receiver) {
      this.#client = client
      client.duplicates = noDuplicates
      client.deliver0 = (packet, done) => void this.#deliver(packet, 0, done)
      client.deliverQoS = (packet, done) => void this.#deliver(packet, 2, done)
    }

    /** What was held back in this turn leaves. */
    open(): void {
      this.#isHeldBack = false
      this.#client.conn.uncork()
    }

    /** It has left: who told it knows, and who published it goes on, unless too much of it stays. */
    opened(): void {
      const waiting = this.#waiting
      const told = this.#told
      this.#waiting = []
      this.#told = []
      const { conn } = this.#client
      if (!this.#client.closed) for (const written of told) written()
      const slow = conn._writableState.length > UNREAD && !this.#client.closed
      for (const done of waiting) {
        if (slow) this.#client.waitForDrain(done)
        else done()
      }
    }

    #write(bytes: Buffer, done: Done, written?: Done): void {
      const { conn } = this.#client
      this.#waiting.push(done)
      if (written) {
        this.#told.push(written)
        hurry()
      }
      if (!this.#isHeldBack) {
        // Where many are told, those before need not wait for the last.
        if (written && leaving.length >= CROWD) open()
        this.#isHeldBack = true
        conn.cork()
        if (leaving.push(this) === 1) setImmediate(leave)
      }
      conn.write(bytes)
    }

    tell(packet: ToldPacket, life: Life): boolean {
      const asked = granted(this.#client, packet.topic)
      return asked !== undefined && this.#deliver({ ...packet }, asked === 0 ? 0 : 2, () => {}, life)
    }

    /** True when it is on its way. */
    #deliver(packet: Packet, asked: 0 | 2, done: Done, life?: Life): boolean {
      const client = this.#client
      // Several of its filters match the topic: it hears it once.
      if (packet.brokerId) {
        if (packet.brokerCounter === this.#counter && packet.brokerId === this.#brokerId) return not(done)
        this.#counter = packet.brokerCounter
        this.#brokerId = packet.brokerId
      }
      const forward = client.broker.authorizeForward(client as unknown as Client, packet)
      if (!forward) {
        if (!client.clean && packet.qos > 0) this.#forget(packet)
        return not(done)
      }
      let { qos } = forward
      if (qos > 0 && (asked === 0 || qos > 1 || forward.retain))
        qos = Math.min(qos, granted(client, forward.topic) ?? 0) as 0 | 1 | 2
      // Nothing comes before the CONNACK [MQTT-3.2.0-1]; what was queued for the session follows it.
      if (client.closed || !client.connackSent) return not(done)
      const whole = encode(forward, qos)
      const written = life && (() => life.written())
      if (qos === 0) {
        this.#write(whole.bytes, done, written)
        return true
      }
      const messageId = forward.messageId || this.#nextId()
      const unkept = isTold(packet)
      // Told to this one only: its bytes are its own. Whoever else hears it gets a copy.
      const bytes = life ? ofOne(whole, messageId) : withPacketId(whole, messageId)
      if (client.clean || unkept) {
        this.#answers ??= new Answers()
        this.#answers.expect(messageId, qos, life && (() => life.acknowledged()))
      }
      if (client.clean || unkept || forward.retain) {
        this.#write(bytes, done, written)
        return true
      }
      client.broker.persistence
        .outgoingUpdate(client as unknown as Client, { ...forward, qos, messageId })
        .then(
          () => (client.closed ? done() : this.#write(bytes, done)),
          (error: Error) => {
            client.emit('error', error)
            done()
          },
        )
      return true
    }

    #nextId(): number {
      const client = this.#client
      if (client.clean) {
        this.#answers ??= new Answers()
        return this.#answers.next()
      }
      for (;;) {
        const id = client._nextId
        client._nextId = id >= 65_535 ? 1 : id + 1
        if (!this.#answers?.awaits(id) && !taken(client.id, id)) return id
      }
    }

    /** Throws a Violation when another answer is due. */
    take({ cmd, messageId }: Heard): void {
      if (cmd === 'puback' || cmd === 'pubrec' || cmd === 'pubcomp')
        this.#answers?.take(cmd, messageId as number)
    }

    #forget(packet: Packet): void {
      this.#client.broker.persistence
        .outgoingClearMessageId(this.#client as unknown as Client, packet)
        .catch(() => {})
    }
  }

  return (client) => {
    const receiver = client as unknown as Receiver
    if (typeof receiver.deliver0 !== 'function' || typeof receiver.waitForDrain !== 'function')
      throw new TypeError('the delivery of Aedes has moved')
    return new Outlet(receiver)
  }
}
