/** The parts of two libraries without declarations of their own that this folder uses. */
declare module 'mqemitter-redis' {
  import type { EventEmitter } from 'node:events'
  import type { Redis } from 'ioredis'

  interface Message {
    topic: string
    [field: string]: unknown
  }
  export default class MQEmitterRedis {
    constructor(options: { pubConn: Redis; subConn: Redis; matchEmptyLevels?: boolean })
    readonly state: EventEmitter
    on(topic: string, listener: (message: Message, done: () => void) => void, done?: () => void): this
    emit(message: Message, done: (error?: Error | null) => void): void
  }
}

declare module 'aedes-persistence-redis/asyncPersistence.js' {
  import type { Redis } from 'ioredis'

  interface Packet {
    topic: string
    [field: string]: unknown
  }
  interface Subscription {
    topic: string
    qos: number
    [field: string]: unknown
  }
  interface Node {
    id: string
    publish(packet: Packet, done: (error?: Error | null) => void): void
    subscribe(
      filter: string,
      listener: (packet: Packet, done: () => void) => void,
      done: (error?: Error) => void,
    ): void
    unsubscribe(filter: string, listener: unknown, done: (error?: Error) => void): void
  }
  export default class AsyncRedisPersistence {
    constructor(options: { conn: Redis })
    setup(node: Node): Promise<void>
    storeRetained(packet: Packet): Promise<void>
    createRetainedStreamCombi(filters: string[]): AsyncIterable<Packet>
    addSubscriptions(client: { id: string }, subscriptions: Subscription[]): Promise<unknown>
    removeSubscriptions(client: { id: string }, filters: string[]): Promise<unknown>
    subscriptionsByClient(client: { id: string }): Promise<Subscription[]>
    putWill(client: { id: string }, packet: Packet): Promise<void>
    getWill(client: { id: string }): Promise<Packet | null>
    delWill(client: { id: string; brokerId?: string }): Promise<Packet | null>
    streamWill(nodes?: Record<string, unknown>): AsyncIterable<Packet>
  }
}
