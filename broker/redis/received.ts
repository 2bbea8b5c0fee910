/**
 * QoS 2 messages that came and were not released yet: in the memory of the node the client is connected to, and in
 * Redis for sessions that outlive their connection, so that a message that is sent again to another node is still
 * the same one. [MQTT-4.3.3-2]
 */
import type { Changes, ForgetLater } from './changes.js'
import type { Line } from './line.js'
import type { Link } from './link.js'
import { fromText, type Named, type Packet, toText } from './packet.js'

export interface Received {
  has(client: Named, messageId: number): boolean
  /** Rejects when it is not there. */
  get(client: Named, messageId: number): Promise<Packet>
  store(client: Named, packet: Packet): Promise<void>
  remove(client: Named, messageId: number): Promise<void>
  /** Reads what Redis has of a session that is taken up here, before its client is answered. */
  load(client: Named): Promise<void>
  /** The client that takes it up is here. */
  connected(client: Named): void
  forget(client: Named): Promise<void>
  /** Redis forgets what it has of a session. */
  drop(line: Line, clientId: string): Promise<unknown>
  /** The client is gone from this node. */
  gone(client: Named): void
}

const keyOf = (id: string): string => `received:${encodeURIComponent(id)}`

/** Where Redis keeps one. */
export interface ReceivedRow {
  readonly key: string
  readonly field: string
  readonly text: string
}

export const rowOf = (id: string, packet: Packet): ReceivedRow => ({
  key: keyOf(id),
  field: String(packet.messageId),
  text: toText(packet),
})

export interface ReceivedOptions {
  link: Pick<Link, 'attempt' | 'state'>
  changes: Changes
  forgetLater: ForgetLater
  /** Is a client with this id connected to this node? */
  connected: (id: string) => boolean
}

export function createReceived({ link, changes, forgetLater, connected }: ReceivedOptions): Received {
  const here = new Map<string, Map<number, Packet>>()
  /** Sessions that are being taken up here. */
  const takenUp = new Set<string>()
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
      const { key, field, text } = rowOf(id, kept)
      try {
        await link.attempt(
          async ({ commands }) => void (await commands.hset(key, field, text)),
          () => void changes.note(thing(id, messageId), ({ commands }) => commands.hset(key, field, text)),
        )
      } catch (error) {
        session.delete(messageId)
        throw error
      }
    },

    async remove(client, messageId) {
      const { id } = client
      if (!client.clean)
        await link.attempt(
          async ({ commands }) => void (await commands.hdel(keyOf(id), String(messageId))),
          () =>
            void changes.note(thing(id, messageId), ({ commands }) =>
              commands.hdel(keyOf(id), String(messageId)),
            ),
        )
      const session = here.get(id)
      session?.delete(messageId)
      if (session?.size === 0) here.delete(id)
    },

    async load({ id }) {
      takenUp.add(id)
      // What an older connection of it does is known better here.
      if (connected(id)) return
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
        () => forgetLater(id, `received ${id}`, ({ commands }) => commands.del(keyOf(id))),
      )
    },

    drop: ({ commands }, id) => commands.del(keyOf(id)),

    connected({ id }) {
      takenUp.delete(id)
    },

    gone({ id, clean }) {
      // Another connection goes on with it.
      if (takenUp.has(id)) return
      // What it left is in Redis; without Redis it is kept until it can be.
      if (clean || link.state === 'up') here.delete(id)
    },
  }
}
