/** The memory of several kaisers that are one broker: a Redis they share. */
import type { Client } from 'aedes'
import { ownerOf } from '../access.js'
import type { Memory, MemoryOptions } from '../memory.js'
import { createCluster, type RedisStatus } from './cluster.js'
import type { LinkState } from './link.js'
import { parseRedisUrl } from './url.js'

export interface SharedMemoryOptions extends MemoryOptions {
  url: string
  changed: (state: LinkState, status: RedisStatus) => void
  /** The first and the longest wait between two attempts, ms. */
  backoff?: readonly [first: number, last: number]
  /** Another node has a newer connection of this client; it is closed after this. */
  movedAway: (client_id: string) => void
}

/** Messages that may wait for a slow subscriber at the same time; each connection has a bound of its own. */
const UNLIMITED = 0

export function openSharedMemory({ url, changed, report, ...options }: SharedMemoryOptions): Memory {
  const cluster = createCluster({
    ...options,
    place: parseRedisUrl(url),
    concurrency: UNLIMITED,
    changed: (state) => changed(state, cluster.status()),
    failed: (error) => report('internal_error', 'redis', { err: error }),
  })
  return {
    mq: cluster.mq,
    persistence: cluster.persistence,
    hooks: {
      precede: (client, packet) => cluster.precede(client, packet as never),
      refused: (client, filter) => cluster.refused(client as never, filter),
      maySend: (client, packet) => cluster.maySend(client as never, packet as never),
    },
    wide: true,
    forward: (_client, packet) => packet,
    hears: (topic) => cluster.hears(topic),
    // It may have ended on another node; Redis is asked when it is claimed.
    ownerOf: () => undefined,
    claim: (client_id, identity) => cluster.claim(client_id, ownerOf(identity)),
    end: () => false,
    // Only Redis knows.
    queueOf: () => null,
    mayRetain: () => true,
    keep: () => undefined,
    elsewhere: cluster.elsewhere,
    here: (packet) => cluster.here(packet as never),
    taken: (client_id, packet_id) => cluster.taken(client_id, packet_id),
    // What others keep is not known here.
    kept: () => ({ absent: null, expired: null, queued: null, retained: null }),
    status: cluster.status,
    serve({ aedes, tellHere }) {
      cluster.elsewhere.serve(tellHere)
      aedes.on('client', (client: Client) => cluster.connected(client as never))
      aedes.on('clientDisconnect', (client: Client) => cluster.gone(client as never))
    },
    leave() {},
    settle() {},
    close: cluster.close,
  }
}
