/**
 * Aedes' memory persistence with bounds: what waits for an absent session is limited in count and bytes, and
 * so are retained messages. What does not fit is dropped, newest first, and counted. `retained` is kept as the topics
 * that have a retained message.
 */
import type { BoundName, Bounds } from './bounds.js'

interface Packet {
  cmd?: string
  messageId?: number
  topic?: string
  payload?: { length: number } | string
}
interface Subscriber {
  clientId: string
}

/** The part of the persistence interface that needs a bound; aedes-persistence documents the rest. */
interface Persistence {
  storeRetained(packet: Packet): Promise<void>
  outgoingEnqueue(subscriber: Subscriber, packet: Packet): Promise<void>
  outgoingEnqueueCombi(subscribers: Subscriber[], packet: Packet): Promise<void>
  outgoingUpdate(client: { id: string }, packet: Packet): Promise<void>
  outgoingClearMessageId(client: { id: string }, packet: Packet): Promise<Packet | undefined>
}

const bytesOf = (packet: Packet): number => (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0)

/** What waits for one session. `sent`: bytes by message id, because a PUBREL takes its PUBLISH's place. */
export interface Queue {
  messages: number
  bytes: number
  readonly sent: Map<number, number>
}

export function boundPersistence<P extends object>(
  unbounded: P,
  bounds: Bounds,
  full: (bound: BoundName, who: string) => void,
  retained: Set<string> = new Set(),
  queues: Map<string, Queue> = new Map(),
): P {
  const memory = unbounded as P & Persistence
  const { storeRetained, outgoingEnqueueCombi, outgoingUpdate, outgoingClearMessageId } = memory

  const fits = ({ clientId }: Subscriber, bytes: number): boolean => {
    const queue = queues.get(clientId) ?? { messages: 0, bytes: 0, sent: new Map() }
    if (queue.messages >= bounds.queued_messages) {
      full('queued_messages', clientId)
      return false
    }
    if (queue.bytes + bytes > bounds.queued_bytes) {
      full('queued_bytes', clientId)
      return false
    }
    queue.messages++
    queue.bytes += bytes
    queues.set(clientId, queue)
    return true
  }

  memory.outgoingEnqueueCombi = async (subscribers, packet) => {
    const bytes = bytesOf(packet)
    const room = subscribers.filter((subscriber) => fits(subscriber, bytes))
    if (room.length > 0) await outgoingEnqueueCombi.call(memory, room, packet)
  }
  memory.outgoingEnqueue = (subscriber, packet) => memory.outgoingEnqueueCombi([subscriber], packet)
  memory.outgoingUpdate = async (client, packet) => {
    try {
      await outgoingUpdate.call(memory, client, packet)
    } catch {
      // What did not fit is unknown here. Its receiver is connected all the same: it hears it, and only loses
      // the promise that it is sent again.
      return
    }
    if (packet.cmd === 'publish' && packet.messageId !== undefined)
      queues.get(client.id)?.sent.set(packet.messageId, bytesOf(packet))
  }
  memory.outgoingClearMessageId = async (client, packet) => {
    const cleared = await outgoingClearMessageId.call(memory, client, packet)
    const queue = queues.get(client.id)
    if (!cleared || !queue) return cleared
    queue.messages--
    const id = cleared.messageId ?? -1
    queue.bytes -= queue.sent.get(id) ?? bytesOf(cleared)
    queue.sent.delete(id)
    if (queue.messages <= 0) queues.delete(client.id)
    return cleared
  }
  memory.storeRetained = async (packet) => {
    const topic = packet.topic ?? ''
    if (bytesOf(packet) === topic.length) retained.delete(topic)
    else if (!retained.has(topic) && retained.size >= bounds.retained_messages)
      return full('retained_messages', topic)
    else retained.add(topic)
    await storeRetained.call(memory, packet)
  }
  return memory
}
