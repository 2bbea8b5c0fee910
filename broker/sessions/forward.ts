/**
 * What a lasting session hears at once, and what not: a message that waits in its queue is sent from there and
 * nowhere else, so that it is not sent twice and nothing overtakes it; and what is sent without waiting takes no
 * Packet Identifier of the queue.
 */
import type { AedesPacket } from './persistence.js'
import type { Sessions } from './sessions.js'

/** The packet to send now, or undefined when that is not for now. */
export type Forward = (client: object, packet: AedesPacket) => AedesPacket | undefined

export const createForward =
  (sessions: Sessions, kept: string): Forward =>
  (client, packet) => {
    const { id, clean } = client as { readonly id: string; readonly clean: boolean }
    if (packet.qos === 0 || clean) return packet
    const session = sessions.find(id)
    // Without a subscription of QoS 1 or 2 it hears it at QoS 0.
    if (!session || !sessions.subscribersOf(packet.topic).has(session)) return packet
    if (packet.brokerId === kept && !session.displaced.delete(packet.brokerCounter!)) return undefined
    packet.messageId = session.nextPacketId()
    session.unkept.add(packet.messageId)
    return packet
  }
