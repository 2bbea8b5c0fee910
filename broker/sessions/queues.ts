/**
 * What waits for sessions, bounded: messages and bytes per session, bytes in total. When something new does not
 * fit, the oldest telemetry goes first, then the oldest of the rest that was not sent yet; telemetry never
 * displaces anything but telemetry. Each loss is told.
 */
import { isTelemetry } from '../../routing/contract/topics.js'
import { Entry, type LastingSession } from './lasting-session.js'
import { Message, type MessageParts } from './message.js'
import type { StateStore, StoredRows } from './state-store.js'

export type QueueBound = 'queued_messages' | 'queued_bytes' | 'queued_bytes_total'

export interface QueueBounds {
  /** Per session. */
  readonly queued_messages: number
  readonly queued_bytes: number
  /** Of all sessions together; a message that waits for several counts once. */
  readonly queued_bytes_total: number
}

export interface Queues {
  /** Bytes of all messages that wait. */
  readonly bytes: number
  message(parts: Omit<MessageParts, 'telemetry'>): Message
  /** False when there is no room. */
  enqueue(session: LastingSession, message: Message, qos: number): boolean
  /** Gives the entry a Packet Identifier, the next free one unless told: it is about to be sent. */
  assign(entry: Entry, packet_id?: number): void
  /** PUBREC came: the client has it; PUBREL and PUBCOMP are left. */
  release(entry: Entry): void
  /** It is done with, or has to go. */
  remove(entry: Entry): void
  empty(session: LastingSession): void
}

export interface QueuesOptions {
  store: StateStore
  bounds: QueueBounds
  /** A message for a session is lost to a bound. */
  lost: (bound: QueueBound, session: LastingSession, topic: string) => void
}

export function createQueues({ store, bounds, lost }: QueuesOptions): Queues & {
  load(rows: StoredRows, sessions: ReadonlyMap<string, LastingSession>, broker_id: string): void
} {
  /** Telemetry that was not sent yet, of all sessions, oldest first. */
  const telemetry = new Map<number, Entry>()
  let bytes = 0
  let lastMessage = 0
  let lastEntry = 0

  const hold = (message: Message): void => {
    if (message.holders++ > 0) return
    bytes += message.bytes
    store.note(message)
  }

  const letGo = (entry: Entry): void => {
    const { message, session } = entry
    if (!message) return
    session.bytes -= message.bytes
    entry.message = undefined
    if (--message.holders > 0) return
    bytes -= message.bytes
    store.note(message)
  }

  const remove = (entry: Entry): void => {
    if (entry.gone) return
    const { session } = entry
    telemetry.delete(entry.id)
    session.waiting.delete(entry.id)
    const { packet_id } = entry
    if (packet_id !== undefined && session.sent.get(packet_id) === entry) session.sent.delete(packet_id)
    letGo(entry)
    entry.gone = true
    store.note(entry)
  }

  /** A message leaves or does not enter the queue of a session. */
  const lose = (bound: QueueBound, session: LastingSession, message: Message): void => {
    // Who is connected and has not been told yet hears it all the same, only without the promise.
    if (session.outlet && !message.ready) session.displaced.add(message.counter)
    else lost(bound, session, message.topic)
  }

  /** What makes room in a session, or nothing when the newcomer must stay out. */
  const victim = (session: LastingSession, newcomer: Message): Entry | undefined => {
    let oldest: Entry | undefined
    for (const entry of session.waiting.values()) {
      if (entry.message?.telemetry) return entry
      oldest ??= entry
    }
    return newcomer.telemetry ? undefined : oldest
  }

  /** Which bound the newcomer is over; undefined when it fits. */
  const over = (session: LastingSession, newcomer: Message): QueueBound | undefined => {
    if (session.size >= bounds.queued_messages) return 'queued_messages'
    if (session.bytes + newcomer.bytes > bounds.queued_bytes) return 'queued_bytes'
    const more = newcomer.holders === 0 ? newcomer.bytes : 0
    return bytes + more > bounds.queued_bytes_total ? 'queued_bytes_total' : undefined
  }

  const makeRoom = (session: LastingSession, newcomer: Message): QueueBound | undefined => {
    if (newcomer.bytes > Math.min(bounds.queued_bytes, bounds.queued_bytes_total)) return 'queued_bytes'
    for (let bound = over(session, newcomer); bound; bound = over(session, newcomer)) {
      const [anybodys] = bound === 'queued_bytes_total' ? telemetry.values() : []
      const entry = anybodys ?? victim(session, newcomer)
      if (!entry) return bound
      const { message } = entry
      remove(entry)
      if (message) lose(bound, entry.session, message)
    }
    return undefined
  }

  const wait = (entry: Entry): void => {
    entry.session.waiting.set(entry.id, entry)
    if (entry.message?.telemetry) telemetry.set(entry.id, entry)
  }

  return {
    get bytes() {
      return bytes
    },
    message: (parts) => new Message(++lastMessage, { ...parts, telemetry: isTelemetry(parts.topic) }),
    enqueue(session, message, qos) {
      const bound = makeRoom(session, message)
      if (bound) {
        lose(bound, session, message)
        return false
      }
      hold(message)
      const entry = new Entry(++lastEntry, session, message, qos)
      session.bytes += message.bytes
      wait(entry)
      store.note(entry)
      return true
    },
    assign(entry, packet_id = entry.session.nextPacketId()) {
      const { session } = entry
      entry.packet_id = packet_id
      telemetry.delete(entry.id)
      if (!session.sent.has(packet_id)) {
        session.waiting.delete(entry.id)
        session.sent.set(packet_id, entry)
      }
      entry.durable = entry.qos < 2
      store.note(entry)
    },
    release(entry) {
      letGo(entry)
      entry.durable = false
      store.note(entry)
    },
    remove,
    empty(session) {
      for (const entry of [...session.sent.values(), ...session.waiting.values()]) remove(entry)
    },

    load(rows, sessions, broker_id) {
      const messages = new Map<number, Message>()
      for (const { id, topic, payload, received_at } of rows.mqtt_messages) {
        const parts = { topic, payload: Buffer.from(payload), received_at, telemetry: isTelemetry(topic) }
        const message = new Message(id, { ...parts, broker_id, counter: -id })
        message.written = true
        message.ready = true
        messages.set(id, message)
        lastMessage = Math.max(lastMessage, id)
      }
      for (const { id, client_id, message_id, qos, packet_id } of rows.mqtt_queue) {
        const session = sessions.get(client_id)!
        const message = message_id === null ? undefined : messages.get(message_id)
        const entry = new Entry(id, session, message, qos)
        entry.written = true
        lastEntry = Math.max(lastEntry, id)
        if (message) {
          if (message.holders++ === 0) bytes += message.bytes
          session.bytes += message.bytes
        }
        if (packet_id === null || session.sent.has(packet_id)) {
          if (message) wait(entry)
          else remove(entry)
        } else {
          entry.packet_id = packet_id
          entry.repeated = true
          session.sent.set(packet_id, entry)
          session.sawPacketId(packet_id)
        }
      }
      // A message nobody waits for any more.
      for (const message of messages.values()) if (message.holders === 0) store.note(message)
    },
  }
}
