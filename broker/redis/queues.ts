/**
 * What waits for each lasting session, in Redis: a list for the order and a hash for the packets, changed by scripts
 * so that nothing comes between. A message is queued once however often it is said, a full queue makes room, and one
 * session's packet ids are nobody else's (aedes-persistence-redis shares one packet among its receivers, ids and
 * all, remembers ids in the process only and has no bound; so this is ours).
 */
import type { Result } from 'ioredis'
import { isTelemetry } from '../../routing/contract/topics.js'
import type { Line } from './line.js'
import { bytesOf, fromText, keyOf, type Packet, toText } from './packet.js'
import type { ReceivedRow } from './received.js'

export interface QueueBounds {
  messages: number
  bytes: number
}

/**
 * KEYS of a session: order, packets, telemetry. A packet begins with its bytes and a letter: t for telemetry that was
 * not sent yet, s for what was sent, w for the rest; the field without a name counts the bytes, and the third key
 * lists what is t.
 */
const SCRIPTS = {
  /**
   * Queues one message for many sessions, oldest telemetry making room first, then the oldest of the rest that was
   * not sent yet; telemetry displaces telemetry only. KEYS: those of each session, and the receipt's, if any. key,
   * bytes, letter, most messages, most bytes, receipt's field and text, the packet for QoS 0, 1 and 2, and for each
   * session its QoS → how many messages each session lost
   */
  kaiserEnqueue: `
    local key, size, letter = ARGV[1], tonumber(ARGV[2]), ARGV[3]
    local most, mostBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
    local function drop(order, packets, telemetry, name)
      local was = redis.call('HGET', packets, name)
      redis.call('HDEL', packets, name)
      redis.call('LREM', order, 1, name)
      redis.call('LREM', telemetry, 1, name)
      if was then redis.call('HINCRBY', packets, '', '-' .. string.match(was, '^%d+')) end
    end
    local function victim(order, packets, telemetry)
      local oldest = redis.call('LINDEX', telemetry, 0)
      if oldest then return oldest end
      if letter == 't' then return nil end
      for at = 0, redis.call('LLEN', order) - 1 do
        local name = redis.call('LINDEX', order, at)
        local was = redis.call('HGET', packets, name)
        if not was or string.match(was, '^%d+(%a?)') ~= 's' then return name end
      end
      return nil
    end
    local function enqueue(order, packets, telemetry, packet)
      if redis.call('HEXISTS', packets, key) == 1 then return 0 end
      if size > mostBytes then return 1 end
      local lost = 0
      while redis.call('LLEN', order) >= most
        or tonumber(redis.call('HGET', packets, '') or '0') + size > mostBytes do
        local name = victim(order, packets, telemetry)
        lost = lost + 1
        if not name then return lost end
        drop(order, packets, telemetry, name)
      end
      redis.call('HSET', packets, key, ARGV[2] .. letter .. ' ' .. packet)
      redis.call('HINCRBY', packets, '', size)
      redis.call('RPUSH', order, key)
      if letter == 't' then redis.call('RPUSH', telemetry, key) end
      return lost
    end
    local losses = {}
    for n = 1, #ARGV - 10 do
      local at = n * 3 - 2
      losses[n] = enqueue(KEYS[at], KEYS[at + 1], KEYS[at + 2], ARGV[8 + tonumber(ARGV[10 + n])])
    end
    if ARGV[6] ~= '' then redis.call('HSET', KEYS[#KEYS], ARGV[6], ARGV[7]) end
    return losses`,
  /** key, packet → 1 when it is queued; it is about to be sent */
  kaiserUpdate: `
    local was = redis.call('HGET', KEYS[2], ARGV[1])
    if not was then return 0 end
    local bytes, letter = string.match(was, '^(%d+)(%a?)')
    if letter == 't' then redis.call('LREM', KEYS[3], 1, ARGV[1]) end
    redis.call('HSET', KEYS[2], ARGV[1], bytes .. 's ' .. ARGV[2])
    return 1`,
  /** key → the packet */
  kaiserDequeue: `
    local was = redis.call('HGET', KEYS[2], ARGV[1])
    if not was then return nil end
    local bytes, letter = string.match(was, '^(%d+)(%a?)')
    redis.call('HDEL', KEYS[2], ARGV[1])
    redis.call('LREM', KEYS[1], 1, ARGV[1])
    if letter == 't' then redis.call('LREM', KEYS[3], 1, ARGV[1]) end
    if redis.call('HINCRBY', KEYS[2], '', '-' .. bytes) <= 0 then
      redis.call('HDEL', KEYS[2], '')
    end
    return was`,
} as const

declare module 'ioredis' {
  interface RedisCommander<Context> {
    kaiserEnqueue(keys: number, ...args: (string | number)[]): Result<number[], Context>
    kaiserUpdate(...args: [...SessionKeys, key: string, packet: string]): Result<number, Context>
    kaiserDequeue(...args: [...SessionKeys, key: string]): Result<string | null, Context>
  }
}

/** Packets read at a time. */
const PAGE = 100

type SessionKeys = [order: string, packets: string, telemetry: string]

const keysOf = (clientId: string): SessionKeys => {
  const id = encodeURIComponent(clientId)
  return [`queue:${id}`, `queued:${id}`, `telemetry:${id}`]
}

const letterOf = ({ topic, messageId }: Packet): 't' | 's' | 'w' => {
  if (messageId !== undefined) return 's'
  return isTelemetry(topic) ? 't' : 'w'
}

const packetOf = (text: string): Packet => fromText(text.slice(text.indexOf(' ') + 1))

/** A message as one session gets it; only its QoS differs. */
export type Copy = readonly [clientId: string, packet: Packet]

export interface Queues {
  /**
   * Queues a message for all these, at their QoS, and writes the receipt: all of it or nothing. Resolves with who
   * lost a message by it, once for each.
   */
  enqueue(copies: readonly Copy[], receipt?: ReceivedRow): Promise<string[]>
  /** Replaces a packet that is queued under this key; nothing happens when it is not. */
  update(clientId: string, key: string, packet: object): Promise<void>
  dequeue(clientId: string, key: string): Promise<Packet | undefined>
  /** Oldest first. */
  packets(clientId: string): AsyncGenerator<Packet>
  clear(clientId: string): Promise<void>
}

export function createQueues({ commands }: Line, bounds: QueueBounds): Queues {
  for (const [name, lua] of Object.entries(SCRIPTS))
    commands.defineCommand(name, name === 'kaiserEnqueue' ? { lua } : { numberOfKeys: 3, lua })

  return {
    async enqueue(copies, receipt) {
      const [first] = copies
      if (!first) return []
      const [, packet] = first
      const keys = copies.flatMap(([clientId]) => keysOf(clientId))
      if (receipt) keys.push(receipt.key)
      const texts = ['', '', '']
      for (const [, { qos, ...rest }] of copies) texts[qos] ||= toText({ ...rest, qos })
      const losses = await commands.kaiserEnqueue(
        keys.length,
        ...keys,
        ...[keyOf(packet), bytesOf(packet), letterOf(packet), bounds.messages, bounds.bytes],
        ...[receipt?.field ?? '', receipt?.text ?? '', ...texts],
        ...copies.map(([, { qos }]) => qos),
      )
      return copies.flatMap(([clientId], i) => Array<string>(losses[i]!).fill(clientId))
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
