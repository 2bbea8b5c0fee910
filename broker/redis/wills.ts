/**
 * Wills for the day a whole node dies: another node publishes them then. One per client id, because a client is in
 * one place; whoever connects anew takes its old one away, and two nodes never publish the same one.
 */

import type { Line } from './line.js'
import type { Link } from './link.js'
import { fromText, type Named, type Packet, toText } from './packet.js'

const KEY = 'wills'
/** How long a node has to publish a Will it took on, s. */
const CLAIM = 120

/** KEYS: wills; client id, node or nothing → the Will, when it was that node's */
const TAKE = `
  local was = redis.call('HGET', KEYS[1], ARGV[1])
  if not was then return nil end
  if ARGV[2] ~= '' and cjson.decode(was).brokerId ~= ARGV[2] then return nil end
  redis.call('HDEL', KEYS[1], ARGV[1])
  return was`

export interface Wills {
  put(clientId: string, will: Packet): Promise<void>
  get(clientId: string): Promise<Packet | null>
  /** Of that node only, when one is named. */
  remove(client: Named & { brokerId?: string }): Promise<Packet | null>
  /** Those of nodes that are not among these, for this node to publish. */
  orphans(nodes: Readonly<Record<string, unknown>> | undefined): Promise<Packet[]>
  /** Makes Redis know exactly these of this node. */
  restore(line: Line, wills: ReadonlyMap<string, Packet>): Promise<void>
}

export function createWills(link: Pick<Link, 'attempt'>, node: () => string): Wills {
  const take = async ({ commands }: Line, clientId: string, from: string): Promise<Packet | null> => {
    const was = (await commands.eval(TAKE, 1, KEY, clientId, from)) as string | null
    return was === null ? null : fromText(was)
  }

  return {
    async put(clientId, will) {
      will.clientId = clientId
      will.brokerId = node()
      const text = toText(will)
      await link.attempt(
        async ({ commands }) => void (await commands.hset(KEY, clientId, text)),
        () => {},
      )
    },

    get: (clientId) =>
      link.attempt(
        async ({ commands }) => {
          const text = await commands.hget(KEY, clientId)
          return text === null ? null : fromText(text)
        },
        () => null,
      ),

    remove: ({ id, brokerId }) =>
      link.attempt(
        (line) => take(line, id, brokerId ?? ''),
        () => null,
      ),

    orphans: (nodes = {}) =>
      link.attempt(
        async ({ commands }) => {
          const all = (await commands.hvals(KEY)).map(fromText)
          const orphans = all.filter(({ brokerId }) => !Object.hasOwn(nodes, brokerId!))
          const mine = await Promise.all(
            orphans.map(({ clientId }) =>
              commands.set(`will:${encodeURIComponent(clientId!)}`, node(), 'EX', CLAIM, 'NX'),
            ),
          )
          return orphans.filter((_, i) => mine[i] === 'OK')
        },
        () => [],
      ),

    async restore(line, wills) {
      const { commands } = line
      const known = (await commands.hvals(KEY)).map(fromText)
      for (const { clientId, brokerId } of known)
        if (brokerId === node() && !wills.has(clientId!)) await take(line, clientId!, node())
      for (const [clientId, will] of wills)
        await commands.hset(KEY, clientId, toText({ ...will, clientId, brokerId: node() }))
    },
  }
}
