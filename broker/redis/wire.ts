/**
 * What the nodes say to one another, over mqemitter-redis: the messages of their clients, and a few words about
 * themselves. Everything goes through one subscription per node, so that no topic is ever taken for a pattern of
 * Redis; a node does not listen to itself, and what is no message of ours is counted and dropped.
 */
import MQEmitterRedis from 'mqemitter-redis'
import type { Line } from './line.js'
import type { Packet } from './packet.js'

export interface WireOptions {
  /** This node. */
  id: string
  /** Nodes with another database number are other kaisers. */
  db: number
  /** A client of another node published this. */
  heard: (node: string, packet: Packet) => void
  /** Another node says something about itself. */
  told: (node: string, word: string, payload: string) => void
  junk: (error: Error) => void
}

export interface Wire {
  /** Starts to listen. Resolves when Redis has said that it listens. */
  open(): Promise<void>
  /** Publishes for the other nodes. Rejects when Redis did not take it. */
  send(packet: Packet): Promise<void>
  tell(word: string, payload: string): Promise<void>
}

type Listener = (pattern: string, channel: Buffer | string, message: Buffer) => void

/** What clients say and what nodes say goes by different ways: no topic of a client is ever a word of a node. */
const MESSAGES = 'm/'
const WORDS = 'w/'

export function createWire(line: Line, options: WireOptions): Wire {
  const { id, db, junk } = options
  const prefix = `kaiser/${db}/`
  const own = `${prefix}${id}/`
  const emitter = new MQEmitterRedis({
    pubConn: line.commands,
    subConn: line.listener,
    matchEmptyLevels: true,
  })
  emitter.state.on('error', () => {})

  // It decodes whatever comes, and an exception in it would end the process.
  const decoders = line.listener.listeners('pmessageBuffer') as Listener[]
  line.listener.removeAllListeners('pmessageBuffer')
  line.listener.on('pmessageBuffer', (pattern: string, channel: Buffer | string, message: Buffer) => {
    if (String(channel).startsWith(own)) return
    try {
      for (const decode of decoders) decode(pattern, channel, message)
    } catch (error) {
      junk(error as Error)
    }
  })

  const hear = (message: { topic: string }): void => {
    const at = message.topic.indexOf('/', prefix.length)
    const node = message.topic.slice(prefix.length, at)
    const way = message.topic.slice(at + 1, at + 1 + WORDS.length)
    const topic = message.topic.slice(at + 1 + WORDS.length)
    const packet = { ...message, topic } as Packet
    if (way === WORDS) return options.told(node, topic, String(packet.payload))
    if (typeof packet.payload === 'string') packet.payload = Buffer.from(packet.payload)
    if (
      way !== MESSAGES ||
      packet.cmd !== 'publish' ||
      ![0, 1, 2].includes(packet.qos) ||
      packet.payload?.length === undefined
    )
      throw new TypeError('not a message')
    // What msgpack has no word for came as null.
    if (packet.messageId === null) packet.messageId = undefined
    options.heard(node, packet)
  }

  const emit = (message: { topic: string; [field: string]: unknown }): Promise<void> =>
    new Promise((resolve, reject) =>
      emitter.emit({ ...message, topic: `${own}${message.topic}` }, (error) =>
        error ? reject(error) : resolve(),
      ),
    )

  return {
    async open() {
      emitter.on(`${prefix}+/#`, (message, done) => {
        try {
          hear(message)
        } catch (error) {
          junk(error as Error)
        }
        done()
      })
      // The emitter does not say whether it worked; the same subscription once more does.
      await line.listener.psubscribe(`${prefix}**`)
    },
    send: (packet) => emit({ ...packet, topic: `${MESSAGES}${packet.topic}` }),
    tell: (word, payload) => emit({ cmd: 'publish', topic: `${WORDS}${word}`, payload, qos: 0 }),
  }
}
