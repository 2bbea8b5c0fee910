/**
 * aedes-persistence-redis on a line: it keeps retained messages and the subscriptions of lasting sessions, in the
 * layout every Aedes knows. Its own idea of who subscribes is not used, because it would not notice what it missed;
 * it gets a node to talk to that only hears itself.
 */
import AsyncRedisPersistence from 'aedes-persistence-redis/asyncPersistence.js'
import type { Line } from './line.js'

type Listener = (packet: { topic: string; [field: string]: unknown }, done: () => void) => void

const stores = new WeakMap<Line, AsyncRedisPersistence>()

/** The store of a line; `openStore` has to come first. */
export const storeOf = (line: Line): AsyncRedisPersistence => {
  const store = stores.get(line)
  if (!store) throw new TypeError('the store is not open')
  return store
}

/** Makes the store of a line. Rejects when Redis fails. */
export async function openStore(line: Line, id: string): Promise<void> {
  const store = new AsyncRedisPersistence({ conn: line.commands })
  let listener: Listener = (_packet, done) => done()
  await store.setup({
    id,
    publish(packet, done) {
      listener(packet, () => {})
      done()
    },
    subscribe(_filter, listen, done) {
      listener = listen
      done()
    },
    unsubscribe: (_filter, _listener, done) => done(),
  })
  stores.set(line, store)
}
