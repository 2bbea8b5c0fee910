/**
 * Aedes' memory persistence with bounds: what waits for an absent session is limited in count and bytes, and
 * so are retained messages. What does not fit is dropped, newest first, and counted.
 */
import type { Bounds } from './bounds.js'

interface Packet {
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
  outgoingClearMessageId(client: { id: string }, packet: Packet): Promise<Packet | undefined>
}

const bytesOf = (packet: Packet): number => (packet.topic?.length ?? 0) + (packet.payload?.length ?? 0)

export function boundPersistence<P extends object>(
  unbounded: P,
  bounds: Bounds,
  dropped: (what: string) => void,
): P {
  const memory = unbounded as P & Persistence
  const queues = new Map<string, { messages: number; bytes: number }>()
  const retained = new Set<string>()
  const { storeRetained, outgoingEnqueueCombi, outgoingClearMessageId } = memory

  const fits = ({ clientId }: Subscriber, bytes: number): boolean => {
    const queue = queues.get(clientId) ?? { messages: 0, bytes: 0 }
    if (queue.messages >= bounds.queued_messages || queue.bytes + bytes > bounds.queued_bytes) {
      dropped('queue_full')
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
  memory.outgoingClearMessageId = async (client, packet) => {
    const cleared = await outgoingClearMessageId.call(memory, client, packet)
    const queue = queues.get(client.id)
    if (!cleared || !queue) return cleared
    queue.messages--
    queue.bytes -= bytesOf(cleared)
    if (queue.messages <= 0) queues.delete(client.id)
    return cleared
  }
  memory.storeRetained = async (packet) => {
    const topic = packet.topic ?? ''
    if (bytesOf(packet) === topic.length) retained.delete(topic)
    else if (!retained.has(topic) && retained.size >= bounds.retained_messages)
      return dropped('retained_full')
    else retained.add(topic)
    await storeRetained.call(memory, packet)
  }
  return memory
}
