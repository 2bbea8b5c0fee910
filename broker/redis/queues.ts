/**
 * What waits for each lasting session, in Redis: a list for the order and a hash for the packets, changed by scripts
 * so that nothing comes between. A message is queued once however often it is said, a full queue says so, and one
 * session's packet ids are nobody else's (aedes-persistence-redis shares one packet among its receivers, ids and
 * all, remembers ids in the process only and has no bound; so this is ours).
 */
import type { Result } from 'ioredis'
import type { Line } from './line.js'
import { bytesOf, fromText, keyOf, type Packet, toText } from './packet.js'

export interface QueueBounds {
  messages: number
  bytes: number
}

/** KEYS: order, packets. The field without a name counts the bytes. */
const SCRIPTS = {
  /** key, packet, bytes, most messages, most bytes → 1 queued, 2 was queued already, 0 full */
  kaiserEnqueue: `
    if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 2 end
    local bytes = tonumber(redis.call('HGET', KEYS[2], '') or '0')
    if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[4]) or bytes + tonumber(ARGV[3]) > tonumber(ARGV[5]) then
      return 0
    end
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. ARGV[2])
    redis.call('HINCRBY', KEYS[2], '', ARGV[3])
    redis.call('RPUSH', KEYS[1], ARGV[1])
    return 1`,
  /** key, packet → 1 when it is queued */
  kaiserUpdate: `
    local was = redis.call('HGET', KEYS[2], ARGV[1])
    if not was then return 0 end
    local bytes = string.match(was, '^%d+')
    redis.call('HSET', KEYS[2], ARGV[1], bytes .. ' ' .. ARGV[2])
    return 1`,
  /** key → the packet */
  kaiserDequeue: `
    local was = redis.call('HGET', KEYS[2], ARGV[1])
    if not was then return nil end
    redis.call('HDEL', KEYS[2], ARGV[1])
    redis.call('LREM', KEYS[1], 1, ARGV[1])
    if redis.call('HINCRBY', KEYS[2], '', '-' .. string.match(was, '^%d+')) <= 0 then
      redis.call('HDEL', KEYS[2], '')
    end
    return was`,
} as const

declare module 'ioredis' {
  interface RedisCommander<Context> {
    kaiserEnqueue(order: string, packets: string, ...args: (string | number)[]): Result<number, Context>
    kaiserUpdate(order: string, packets: string, key: string, packet: string): Result<number, Context>
    kaiserDequeue(order: string, packets: string, key: string): Result<string | null, Context>
  }
}

/** Packets read at a time. */
const PAGE = 100

const keysOf = (clientId: string): [order: string, packets: string] => {
  const id = encodeURIComponent(clientId)
  return [`queue:${id}`, `queued:${id}`]
}

const packetOf = (text: string): Packet => fromText(text.slice(text.indexOf(' ') + 1))

export interface Queues {
  /** False when the queue is full. */
  enqueue(clientId: string, packet: Packet): Promise<boolean>
  /** Replaces a packet that is queued under this key; nothing happens when it is not. */
  update(clientId: string, key: string, packet: object): Promise<void>
  dequeue(clientId: string, key: string): Promise<Packet | undefined>
  /** Oldest first. */
  packets(clientId: string): AsyncGenerator<Packet>
  clear(clientId: string): Promise<void>
}

export function createQueues({ commands }: Line, bounds: QueueBounds): Queues {
  for (const [name, lua] of Object.entries(SCRIPTS)) commands.defineCommand(name, { numberOfKeys: 2, lua })

  return {
    async enqueue(clientId, packet) {
      const { messages, bytes } = bounds
      const args = [keyOf(packet), toText(packet), bytesOf(packet), messages, bytes]
      return (await commands.kaiserEnqueue(...keysOf(clientId), ...args)) !== 0
    },
    async update(clientId, key, packet) {
      await commands.kaiserUpdate(...keysOf(clientId), key, toText(packet))
    },
    async dequeue(clientId, key) {
      const was = await commands.kaiserDequeue(...keysOf(clientId), key)
      return was === null ? undefined : packetOf(was)
    },
    async *packets(clientId) {
      const [order] = keysOf(clientId)
      // The keys are read at once: what is acknowledged meanwhile moves the places of the others.
      const keys = await commands.lrange(order, 0, -1)
      for (let at = 0; at < keys.length; at += PAGE) {
        const texts = await commands.hmget(keysOf(clientId)[1], ...keys.slice(at, at + PAGE))
        for (const text of texts) if (text !== null) yield packetOf(text)
      }
    },
    async clear(clientId) {
      await commands.del(...keysOf(clientId))
    },
  }
}
