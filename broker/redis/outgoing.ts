/**
 * What waits for lasting sessions, wherever Redis is: in its queues while it is up, put aside while it is lost. Which
 * packet id stands for which message is remembered here, for the clients of this node.
 */
import { isStale } from '../../routing/contract/perishable.js'
import type { Aside } from './aside.js'
import { type CatchingUp, createCatchingUp } from './catching-up.js'
import type { Changes, ForgetLater } from './changes.js'
import type { Line } from './line.js'
import type { Link } from './link.js'
import { essence, keyOf, type Packet } from './packet.js'
import { createQueues, type QueueBounds, type Queues } from './queues.js'
import type { ReceivedRow } from './received.js'

export interface OutgoingOptions {
  link: Pick<Link, 'attempt'>
  bounds: QueueBounds
  aside: Aside
  changes: Changes
  forgetLater: ForgetLater
  /** A command waited longer than it is good for. */
  stale: () => void
  /** ms since 1970 */
  now: () => number
  /** A message did not fit. */
  full: (clientId: string) => void
}

export interface Outgoing {
  /**
   * Resolves when the message is queued for all of them, at the QoS they were granted: in Redis or on this disk.
   * Unless `surely`, a disk that takes its time is not waited for. Rejects when the disk does not take it. A
   * `receipt` is written to Redis with it: both or neither.
   */
  enqueue(
    granted: ReadonlyMap<string, number>,
    packet: Packet,
    surely: boolean,
    receipt?: ReceivedRow,
  ): Promise<void>
  /** Gives a queued PUBLISH its packet id, or replaces it by its PUBREL. */
  update(clientId: string, packet: Packet): Promise<void>
  /** Does a message of its queue have this packet id? */
  taken(clientId: string, messageId: number): boolean
  clear(clientId: string, messageId: number): Promise<Packet | undefined>
  /** What waits, oldest first. What was sent before has its packet id. */
  packets(clientId: string): Promise<Packet[]>
  /** The same for a client that is connected: what comes while it catches up follows. */
  catchUp(clientId: string): AsyncGenerator<Packet>
  /** May a message that was just published be sent to it now, or does its queue see to that? */
  maySend(clientId: string, packet: Packet, granted: () => number): boolean
  /** Everything of a session is forgotten. */
  forget(clientId: string): Promise<void>
  /** Redis forgets its queue. */
  drop(line: Line, clientId: string): Promise<void>
  /** The client is gone; its packet ids mean nothing here any more. */
  gone(clientId: string): void
  /** Carries over what was put aside. Rejects when Redis is lost again. */
  carryOver(line: Line): Promise<void>
  /** What waits for a session and was not sent to it by this node, oldest first. */
  unsent(clientId: string): Promise<Packet[]>
}

export function createOutgoing({
  link,
  bounds,
  aside,
  changes,
  forgetLater,
  full,
  stale,
  now,
}: OutgoingOptions): Outgoing {
  const sent = new Map<string, Map<number, string>>()
  const catchingUp = new Map<string, CatchingUp>()
  const byLine = new WeakMap<Line, Queues>()

  const queuesOf = (line: Line): Queues => {
    const known = byLine.get(line)
    if (known) return known
    const queues = createQueues(line, bounds)
    byLine.set(line, queues)
    return queues
  }
  const lost = (losers: readonly string[]): void => {
    for (const clientId of losers) full(clientId)
  }
  const thing = (clientId: string, key: string): string => `queued ${clientId} ${key}`

  const read = async (clientId: string): Promise<Packet[]> => {
    const found = await link.attempt(
      async (line) => {
        const queued: Packet[] = []
        for await (const packet of queuesOf(line).packets(clientId)) queued.push(packet)
        return queued
      },
      () => aside.packets(clientId),
    )
    return found.map((packet) => ({ ...packet, messageId: packet.messageId }))
  }

  const packets = async (clientId: string): Promise<Packet[]> => {
    const ids = sent.get(clientId) ?? new Map<number, string>()
    sent.set(clientId, ids)
    const found = await read(clientId)
    for (const packet of found) if (packet.messageId !== undefined) ids.set(packet.messageId, keyOf(packet))
    return found
  }

  return {
    async enqueue(granted, packet, surely, receipt) {
      const kept = essence(packet)
      const copies = [...granted].map(
        ([clientId, qos]) => [clientId, { ...kept, qos: Math.min(qos, packet.qos) }] as const,
      )
      await link.attempt(
        async (line) => lost(await queuesOf(line).enqueue(copies, receipt)),
        () => {
          for (const [clientId, copy] of copies) if (!aside.enqueue(clientId, copy)) full(clientId)
          return aside.onDisk(surely)
        },
      )
    },

    async update(clientId, packet) {
      const ids = sent.get(clientId) ?? new Map<number, string>()
      sent.set(clientId, ids)
      const key = packet.brokerId === undefined ? ids.get(packet.messageId!) : keyOf(packet)
      // A PUBREC for something unknown is answered all the same. [MQTT-4.3.3-1]
      if (key === undefined) return
      catchingUp.get(clientId)?.passed(key)
      ids.set(packet.messageId!, key)
      const at = key.lastIndexOf(':')
      packet.brokerId = key.slice(0, at)
      packet.brokerCounter = Number(key.slice(at + 1))
      const { messageId } = packet
      const kept = packet.cmd === 'publish' ? { ...essence(packet), messageId } : { ...packet }
      await link.attempt(
        (line) => queuesOf(line).update(clientId, key, kept),
        () => {
          if (aside.update(clientId, key, kept)) return
          changes.note(thing(clientId, key), (line) => queuesOf(line).update(clientId, key, kept))
        },
      )
    },

    taken: (clientId, messageId) => sent.get(clientId)?.has(messageId) ?? false,

    async clear(clientId, messageId) {
      const ids = sent.get(clientId)
      const key = ids?.get(messageId)
      if (key === undefined) return undefined
      const cleared = await link.attempt(
        (line) => queuesOf(line).dequeue(clientId, key),
        () => {
          const was = aside.dequeue(clientId, key)
          if (!was) changes.note(thing(clientId, key), (line) => queuesOf(line).dequeue(clientId, key))
          return was
        },
      )
      if (ids!.get(messageId) === key) ids!.delete(messageId)
      return cleared && { ...cleared, messageId }
    },

    packets,

    catchUp(clientId) {
      const session = createCatchingUp()
      sent.delete(clientId)
      catchingUp.set(clientId, session)
      return session.packets(() => packets(clientId))
    },

    maySend: (clientId, packet, granted) => catchingUp.get(clientId)?.maySend(packet, granted) ?? true,

    async forget(clientId) {
      sent.delete(clientId)
      aside.clear(clientId)
      await link.attempt(
        (line) => queuesOf(line).clear(clientId),
        () => forgetLater(clientId, `queue ${clientId}`, (line) => queuesOf(line).clear(clientId)),
      )
    },

    drop: (line, clientId) => queuesOf(line).clear(clientId),

    gone(clientId) {
      sent.delete(clientId)
      catchingUp.delete(clientId)
    },

    async carryOver(line) {
      const queues = queuesOf(line)
      const carry = async (clientId: string): Promise<void> => {
        for (const { packet, name: key, put_at } of aside.rows(clientId)) {
          if (!packet) continue
          if (isStale(packet.topic, now() - put_at)) {
            aside.dequeue(clientId, key)
            stale()
            continue
          }
          lost(await queues.enqueue([[clientId, packet]]))
          // Changed or acknowledged while it was carried over: what is true now counts.
          const current = aside.get(clientId, key)
          if (!current) await queues.dequeue(clientId, key)
          else if (current !== packet) await queues.update(clientId, key, current)
          aside.dequeue(clientId, key)
        }
      }
      await Promise.all(aside.ids().map(carry))
    },

    async unsent(clientId) {
      const keys = new Set(sent.get(clientId)?.values())
      const waiting = await read(clientId)
      return waiting.filter((packet) => packet.cmd === 'publish' && !keys.has(keyOf(packet)))
    },
  }
}
