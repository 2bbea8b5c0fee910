/**
 * Does anybody listen to a topic? Devices repeat the same topics for ever and most of them have no MQTT
 * subscriber, so the answer is remembered per literal topic and Aedes' whole way to the subscribers is spared.
 * It may say yes when nobody listens any more; it never says no to somebody who does.
 */
import { FilterTree } from './filter-tree.js'

export interface Audience {
  hears(topic: string): boolean
  /** Does anybody listen who is connected? */
  listens(topic: string): boolean
  add(filter: string, listener: object): void
  remove(filter: string, listener: object): void
  /** Subscriptions of connected clients and of absent sessions. */
  readonly size: number
}

/** Literal topics remembered. */
const REMEMBERED = 16_384

export function createAudience(): Audience {
  const filters = new FilterTree()
  const heard = new Map<string, boolean>()

  let size = 0

  return {
    get size() {
      return size
    },
    hears(topic) {
      const known = heard.get(topic)
      if (known !== undefined) return known
      if (heard.size >= REMEMBERED) heard.clear()
      const found = filters.matches(topic)
      heard.set(topic, found)
      return found
    },
    // Aedes subscribes connected clients with functions.
    listens: (topic) => filters.listeners(topic).some((listener) => typeof listener === 'function'),
    add(filter, listener) {
      filters.add(filter, listener)
      size++
      heard.clear()
    },
    remove(filter, listener) {
      filters.remove(filter, listener)
      size--
      heard.clear()
    },
  }
}

/** What subscribes connected clients: mqemitter's part that matters here. */
interface Emitter {
  on(topic: string, listener: object, done?: () => void): unknown
  removeListener(topic: string, listener: object, done?: () => void): unknown
}

/** Counts the subscriptions of connected clients in; those of absent ones are added by sessions.ts. */
export function followEmitter<E extends object>(emitter: E, audience: Audience): E {
  const mq = emitter as E & Emitter
  const { on, removeListener } = mq
  mq.on = (topic, listener, done) => {
    audience.add(topic, listener)
    return on.call(mq, topic, listener, done)
  }
  mq.removeListener = (topic, listener, done) => {
    audience.remove(topic, listener)
    return removeListener.call(mq, topic, listener, done)
  }
  return mq
}
