/**
 * Aedes' persistence over Redis that also works without it. It is the parts of this folder under the names Aedes
 * calls them by; aedes-persistence documents each.
 */
import { Readable } from 'node:stream'
import type { Outgoing } from './outgoing.js'
import type { Owners } from './owners.js'
import { keyOf, type Named, type Packet, type Subscription } from './packet.js'
import type { Received, ReceivedRow } from './received.js'
import type { Retained } from './retained.js'
import type { Sessions } from './sessions.js'
import type { Subscriptions } from './subscriptions.js'
import type { Wills } from './wills.js'

export interface PersistenceParts {
  sessions: Sessions
  subscriptions: Subscriptions
  owners: Owners
  outgoing: Outgoing
  received: Received
  retained: Retained
  wills: Wills
  /** Aedes gave itself a name. */
  named: (node: { id: string }) => Promise<void>
  /** A session is taken up here. */
  taken: (client: Named) => void
  close: () => void
}

/** More messages are never between their queueing and Aedes' own. */
const PRECEDED = 100_000

/** A session that gets a message; the highest QoS of its filters that match counts. [MQTT-3.3.5-1] */
interface Granted {
  clientId: string
  qos?: number
}
const mostOf = (subscribers: readonly Granted[]): Map<string, number> => {
  const most = new Map<string, number>()
  for (const { clientId, qos = 2 } of subscribers) most.set(clientId, Math.max(qos, most.get(clientId) ?? 0))
  return most
}

/** A connection that breaks before its message is published leaves one behind. */
const remember = (keys: Set<string>, key: string): void => {
  keys.add(key)
  if (keys.size > PRECEDED) keys.delete(keys.values().next().value!)
}

export interface Persistence extends ReturnType<typeof createPersistence> {}

export function createPersistence(parts: PersistenceParts) {
  const { sessions, subscriptions, owners, outgoing, received, retained, wills } = parts
  /** Messages that were queued before they were acknowledged; Aedes queues them once more. */
  const preceded = new Set<string>()
  /** The same for retained messages. */
  const kept = new Set<string>()
  const stream = (find: () => Promise<Iterable<unknown>>): Readable =>
    Readable.from(
      (async function* () {
        yield* await find()
      })(),
    )

  return {
    async setup(node: { id: string }): Promise<void> {
      await parts.named(node)
    },

    async storeRetained(packet: Packet): Promise<void> {
      if (!kept.delete(keyOf(packet))) await retained.store(packet, false)
    },
    createRetainedStreamCombi: (filters: string[]) => stream(() => retained.find(filters)),
    createRetainedStream: (filter: string) => stream(() => retained.find([filter])),

    async addSubscriptions(client: Named, wanted: Subscription[]): Promise<Named> {
      await subscriptions.add(client, wanted)
      return client
    },
    async removeSubscriptions(client: Named, filters: string[]): Promise<Named> {
      await subscriptions.remove(client, filters)
      return client
    },
    async cleanSubscriptions(client: Named): Promise<Named> {
      await Promise.all([subscriptions.clear(client), outgoing.forget(client.id), owners.forget(client.id)])
      return client
    },
    /** Aedes asks this for a client that takes up its session, and reads its packets before it reads its queue. */
    async subscriptionsByClient(client: Named): Promise<Subscription[]> {
      await owners.settle(client.id)
      await received.load(client)
      return subscriptions.of(client)
    },
    subscriptionsByTopic: async (topic: string) => sessions.match(topic),
    countOffline: async () => sessions.counts,
    getClientList: (filter: string) =>
      stream(async () =>
        sessions.ids().filter((id) => sessions.of(id).some(({ topic }) => topic === filter)),
      ),

    /** Keeps a message for the absent and those to come before it is acknowledged. */
    async precede(
      subscribers: readonly Granted[],
      packet: Packet,
      receipt: ReceivedRow | undefined,
    ): Promise<void> {
      await Promise.all([
        packet.retain && retained.store(packet, true),
        subscribers.length > 0 && outgoing.enqueue(mostOf(subscribers), packet, true, receipt),
      ])
      const key = keyOf(packet)
      remember(preceded, key)
      if (packet.retain) remember(kept, key)
    },
    async outgoingEnqueueCombi(subscribers: readonly Granted[], packet: Packet): Promise<void> {
      if (preceded.delete(keyOf(packet)) || subscribers.length === 0) return
      await outgoing.enqueue(mostOf(subscribers), packet, false)
    },
    outgoingEnqueue(subscriber: Granted, packet: Packet): Promise<void> {
      return this.outgoingEnqueueCombi([subscriber], packet)
    },
    outgoingUpdate: (client: Named, packet: Packet) => outgoing.update(client.id, packet),
    outgoingClearMessageId: (client: Named, { messageId }: { messageId: number }) =>
      outgoing.clear(client.id, messageId),
    outgoingStream(client: Named): Readable {
      if (client.clean !== false) return stream(() => outgoing.packets(client.id))
      parts.taken(client)
      const packets = outgoing.catchUp(client.id)
      return Readable.from(
        (async function* () {
          // What has an id was sent before. [MQTT-3.3.1-1]
          for await (const packet of packets)
            yield packet.cmd === 'publish' && packet.messageId ? { ...packet, dup: true } : packet
        })(),
      )
    },

    incomingStorePacket: (client: Named, packet: Packet) => received.store(client, packet),
    incomingGetPacket: (client: Named, { messageId }: { messageId: number }) =>
      received.get(client, messageId),
    async incomingDelPacket(client: Named, { messageId }: { messageId: number }): Promise<void> {
      try {
        await received.remove(client, messageId)
      } catch (error) {
        // Aedes would say PUBCOMP all the same, and the next message with this id would be taken for a repetition.
        client.emit?.('error', error)
        throw error
      }
    },
    cleanIncoming: (client: Named) => received.forget(client),

    async putWill(client: Named, will: Packet): Promise<Named> {
      await wills.put(client.id, will)
      return client
    },
    getWill: (client: Named) => wills.get(client.id),
    delWill: (client: Named & { brokerId?: string }) => wills.remove(client),
    streamWill: (nodes?: Readonly<Record<string, unknown>>) => stream(() => wills.orphans(nodes)),

    async destroy(): Promise<void> {
      parts.close()
    },
  }
}
