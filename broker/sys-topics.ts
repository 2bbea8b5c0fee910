/**
 * What `$SYS/broker/…` says, by the names Mosquitto gives its topics (mosquitto(8), "Broker Status"), so that the
 * tools that watch Mosquitto watch kaiser. One row per topic; sys-tree.ts publishes them.
 */
import type { Counts } from './traffic.js'

/** What is kept for clients that come back; null where that is not known. */
export interface Kept {
  /** Sessions whose client is away; what is null is not known here. */
  absent: number | null
  /** Sessions that ended because nobody came back. */
  expired: number | null
  queued: { messages: number; bytes: number } | null
  retained: { messages: number; bytes: number } | null
}

/** What the topics are made of; everything is counted since the start. */
export interface Figures extends Kept {
  version: string
  /** s */
  uptime: number
  connected: number
  maximum: number
  received: Counts
  sent: Counts
  /** Messages that a bound made the broker drop. */
  dropped: number
  subscriptions: number
  /** bytes */
  heap: { current: number; maximum: number }
  /** Connections that were accepted, and clients that were let in. */
  sockets: number
  arrivals: number
}

export const SYS = '$SYS/broker/'

const stored = ({ queued, retained }: Figures, what: 'messages' | 'bytes'): number | null =>
  queued && retained && queued[what] + retained[what]

/** Below `$SYS/broker/`; null is not said. */
export const sysTopics: Readonly<Record<string, (figures: Figures) => string | number | null>> = {
  version: ({ version }) => `kaiser version ${version}`,
  uptime: ({ uptime }) => `${Math.floor(uptime)} seconds`,
  'clients/total': ({ connected, absent }) => (absent === null ? null : connected + absent),
  'clients/connected': ({ connected }) => connected,
  'clients/active': ({ connected }) => connected,
  'clients/disconnected': ({ absent }) => absent,
  'clients/inactive': ({ absent }) => absent,
  'clients/maximum': ({ maximum }) => maximum,
  'clients/expired': ({ expired }) => expired,
  'messages/received': ({ received }) => received.packets,
  'messages/sent': ({ sent }) => sent.packets,
  'messages/stored': (figures) => stored(figures, 'messages'),
  'store/messages/count': (figures) => stored(figures, 'messages'),
  'store/messages/bytes': (figures) => stored(figures, 'bytes'),
  'publish/messages/received': ({ received }) => received.publishes,
  'publish/messages/sent': ({ sent }) => sent.publishes,
  'publish/messages/dropped': ({ dropped }) => dropped,
  'publish/bytes/received': ({ received }) => received.payload_bytes,
  'publish/bytes/sent': ({ sent }) => sent.payload_bytes,
  'bytes/received': ({ received }) => received.bytes,
  'bytes/sent': ({ sent }) => sent.bytes,
  'subscriptions/count': ({ subscriptions }) => subscriptions,
  'retained messages/count': ({ retained }) => (retained === null ? null : retained.messages),
  'heap/current': ({ heap }) => heap.current,
  'heap/maximum': ({ heap }) => heap.maximum,
}

/** Below `$SYS/broker/load/`, each over 1, 5 and 15 minutes. */
export const sysLoads: Readonly<Record<string, (figures: Figures) => number>> = {
  'messages/received': ({ received }) => received.packets,
  'messages/sent': ({ sent }) => sent.packets,
  'publish/received': ({ received }) => received.publishes,
  'publish/sent': ({ sent }) => sent.publishes,
  'publish/dropped': ({ dropped }) => dropped,
  'bytes/received': ({ received }) => received.bytes,
  'bytes/sent': ({ sent }) => sent.bytes,
  sockets: ({ sockets }) => sockets,
  connections: ({ arrivals }) => arrivals,
}
