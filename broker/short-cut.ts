/**
 * Spares Aedes its way to the subscribers: it goes all of it for every message, and where nobody listens, or may,
 * there is nothing at its end. What kaiser says itself always goes the whole way.
 */
import type { Aedes, PublishPacket } from 'aedes'

export interface ShortCutOptions {
  /** Nobody may hear this message. */
  withheld: (packet: object) => boolean
  /** May anybody hear this topic? */
  hears: (topic: string) => boolean
}

export function shortenPublish(aedes: Aedes, { withheld, hears }: ShortCutOptions): void {
  const toSubscribers = aedes.publish as (...all: unknown[]) => void
  aedes.publish = function (this: Aedes, packet: PublishPacket, client?: unknown, done?: () => void) {
    if (withheld(packet)) return done?.()
    if (typeof client === 'object' && client && !packet.retain && !hears(packet.topic)) return done?.()
    const { brokerId, brokerCounter } = packet as { brokerId?: string; brokerCounter?: number }
    // A Will of a node that died has its name and no number; this node says it, as its own.
    const mine = brokerId && !brokerCounter ? { ...packet, brokerId: aedes.id } : packet
    toSubscribers.call(this, mine, client, done)
  } as typeof aedes.publish
}
