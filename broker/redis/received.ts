/**
 * QoS 2 messages that came and were not released yet: in the memory of the node the client is connected to, and in
 * Redis for sessions that outlive their connection, so that a message that is sent again to another node is still
 * the same one. [MQTT-4.3.3-2]
 */
import type { Changes } from './changes.js'
import type { Link } from './link.js'
import { fromText, type Named, type Packet, toText } from './packet.js'

export interface Received {
  has(client: Named, messageId: number): boolean
  /** Rejects when it is not there. */
  get(client: Named, messageId: number): Promise<Packet>
  store(client: Named, packet: Packet): Promise<void>
  remove(client: Named, messageId: number): Promise<void>
  /** Reads what Redis has of a session that is taken up here. */
  load(client: Named): Promise<void>
  forget(client: Named): Promise<void>
  /** The client is gone from this node. */
  gone(client: Named): void
}

const keyOf = (id: string): string => `received:${encodeURIComponent(id)}`

export function createReceived(link: Pick<Link, 'attempt' | 'state'>, changes: Changes): Received {
  const here = new Map<string, Map<number, Packet>>()
  const thing = (id: string, messageId: number): string => `received ${id} ${messageId}`

  return {
    has: ({ id }, messageId) => here.get(id)?.has(messageId) ?? false,

    async get(client, messageId) {
      const found = here.get(client.id)?.get(messageId)
      if (found) return { ...found }
      throw new Error('no such packet')
    },

    async store(client, packet) {
      const { id } = client
      const messageId = packet.messageId!
      const kept = { ...packet }
      // mqtt-packet's; no part of the message.
      delete kept.length
      const session = here.get(id) ?? new Map<number, Packet>()
      here.set(id, session)
      session.set(messageId, kept)
      if (client.clean) return
      const text = toText(kept)
      await link.attempt(
        async ({ commands }) => void (await commands.hset(keyOf(id), messageId, text)),
        () =>
          void changes.note(thing(id, messageId), ({ commands }) =>
            commands.hset(keyOf(id), messageId, text),
          ),
      )
    },

    async remove(client, messageId) {
      const { id } = client
      const session = here.get(id)
      session?.delete(messageId)
      if (session?.size === 0) here.delete(id)
      if (client.clean) return
      await link.attempt(
        async ({ commands }) => void (await commands.hdel(keyOf(id), String(messageId))),
        () =>
          void changes.note(thing(id, messageId), ({ commands }) =>
            commands.hdel(keyOf(id), String(messageId)),
          ),
      )
    },

    async load({ id }) {
      const known = await link.attempt(
        async ({ commands }): Promise<Record<string, string> | undefined> => commands.hgetall(keyOf(id)),
        () => undefined,
      )
      if (!known) return
      // It may have gone on elsewhere since it was here.
      here.delete(id)
      const entries = Object.entries(known)
      if (entries.length === 0) return
      here.set(id, new Map(entries.map(([messageId, text]) => [Number(messageId), fromText(text)])))
    },

    async forget({ id }) {
      here.delete(id)
      await link.attempt(
        async ({ commands }) => void (await commands.del(keyOf(id))),
        () => void changes.note(`received ${id}`, ({ commands }) => commands.del(keyOf(id))),
      )
    },

    gone({ id, clean }) {
      // What it left is in Redis; without Redis it is kept until it can be.
      if (clean || link.state === 'up') here.delete(id)
    },
  }
}
