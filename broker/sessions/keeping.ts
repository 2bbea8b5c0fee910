/**
 * What has to be kept of a message before it is acknowledged: Aedes acknowledges first and keeps afterwards, so
 * the hook that runs before the acknowledgement keeps it, in the same group commit as the reading's own rows,
 * and gives the packet a name by which Aedes' later attempts are known as done. Where nobody's session waits
 * for a topic this is one look-up.
 */
import { isCredentials } from '../../routing/contract/secrets.js'
import type { Incoming as IncomingPublish } from '../../routing/delivery.js'
import { mayWait } from '../access.js'
import type { Incoming, IncomingMessage } from './incoming.js'
import type { LastingSession } from './lasting-session.js'
import type { AedesPacket, ClientName } from './persistence.js'
import type { Queues } from './queues.js'
import type { Retained } from './retained.js'
import type { Sessions } from './sessions.js'
import { onDisk, onDiskOrHeld, type StateStore } from './state-store.js'

export interface KeepingOptions {
  store: StateStore
  sessions: Sessions
  queues: Queues
  retained: Retained
  incoming: Incoming
  kept: string
  /** ms since 1970 */
  now: () => number
}

/** What is to be done about a packet before it is acknowledged. */
export type Taken =
  /** nothing */
  | undefined
  /** it came before; acknowledge it when this resolves, close when it rejects, and handle it no more */
  | { readonly again: () => Promise<void> }
  /** run this with the rows of the message itself, and what it returns when they are on disk */
  | { readonly also: NonNullable<IncomingPublish['also']> }

export interface Keeping {
  /** A `withheld` packet is kept for nobody; that it came is. */
  take(client: ClientName | null, packet: AedesPacket, withheld: boolean): Taken
  /** For what kaiser itself says; resolves when it is on disk, or when the disk takes its time. */
  keep(packet: AedesPacket): Promise<void> | undefined
}

export function createKeeping(options: KeepingOptions): Keeping {
  const { store, sessions, queues, retained, incoming, kept, now } = options
  let counter = 0

  const name = (packet: AedesPacket, count: number): void => {
    packet.brokerId = kept
    packet.brokerCounter = count
  }

  /** Keeps the packet; returns what lets it out. */
  const keepNow = (packet: AedesPacket, waiting: ReadonlyMap<LastingSession, number>): (() => void) => {
    const { topic, qos } = packet
    // The payload is a view into a network buffer, which must not be kept alive by a few bytes of it.
    const payload = Buffer.from(packet.payload as string)
    const show = packet.retain
      ? retained.keep({ cmd: 'publish', topic, payload, qos, retain: true })
      : undefined
    if (waiting.size === 0) return () => show?.()
    const message = queues.message({
      topic,
      payload,
      received_at: now(),
      broker_id: kept,
      counter: packet.brokerCounter!,
    })
    for (const [session, granted] of waiting) queues.enqueue(session, message, Math.min(qos, granted))
    return () => {
      show?.()
      message.ready = true
      for (const session of waiting.keys()) session.outlet?.kick()
    }
  }

  /** Credentials are written down for nobody but their device. */
  const subscribersOf = (topic: string): ReadonlyMap<LastingSession, number> => {
    const all = sessions.subscribersOf(topic)
    if (all.size === 0 || !isCredentials(topic)) return all
    return new Map([...all].filter(([{ owner }]) => mayWait(topic, owner)))
  }

  const again = (message: IncomingMessage, packet: AedesPacket): Taken => ({
    again() {
      if (message.counter > 0) name(packet, message.counter)
      return message.published ? Promise.resolve() : onDisk(store)
    },
  })

  return {
    take(client, packet, withheld) {
      const { qos, messageId } = packet
      const exactlyOnce = qos === 2 && client !== null && messageId !== undefined
      if (exactlyOnce) {
        const known = incoming.find(client.id, messageId)
        if (known) return again(known, packet)
      }
      const waiting = qos > 0 && !withheld ? subscribersOf(packet.topic) : NOBODY
      const retain = packet.retain && !withheld
      if (!exactlyOnce && !retain && waiting.size === 0) return undefined
      return {
        also() {
          const count = ++counter
          name(packet, count)
          // QoS 0 belongs to no group commit, and goes out at once.
          if (qos === 0) return void keepNow(packet, waiting)()
          let letOut: (() => void) | undefined
          // A crash leaves all of it or nothing: an id without its message would be taken for a repetition.
          store.together(() => {
            if (exactlyOnce) incoming.add(client.id, messageId, client.clean === false).counter = count
            if (retain || waiting.size > 0) letOut = keepNow(packet, waiting)
          })
          return letOut
        },
      }
    },

    keep(packet) {
      const waiting = packet.qos > 0 ? subscribersOf(packet.topic) : NOBODY
      if (!packet.retain && waiting.size === 0) return undefined
      name(packet, ++counter)
      keepNow(packet, waiting)()
      return onDiskOrHeld(store)
    },
  }
}

const NOBODY: ReadonlyMap<LastingSession, number> = new Map()
