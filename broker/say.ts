/**
 * What kaiser says itself: to everybody, kept for those who are away (`publish`), or to one device while it is there
 * and kept for nobody (`tell`).
 */
import type { Aedes } from 'aedes'
import type { Life, Tell } from '../routing/tell.js'
import type { Audience } from './audience.js'
import type { DeviceConnections } from './device-connections.js'
import type { Memory } from './memory.js'
import type { BrokerLog } from './message-log.js'
import type { Broker } from './options.js'
import type { TellHere } from './redis/elsewhere.js'
import { createTold, type ToldPacket } from './told.js'
import type { Whereabouts } from './whereabouts.js'

const isThere = (where: Whereabouts | undefined): boolean => where === 'here' || where === 'hears'

export interface SayOptions {
  aedes: Aedes
  memory: Memory
  audience: Pick<Audience, 'listens'>
  devices: Pick<DeviceConnections, 'tell' | 'where' | 'hears'>
  /** Keeps what is said. */
  log: Pick<BrokerLog, 'said' | 'trace'>
  closing: () => boolean
  /** Whoever was told of a life failed. */
  failed: (error: unknown, esp_id: string) => void
}

export interface Say {
  readonly publish: Broker['publish']
  readonly tell: Tell
  /** Has the device a connection of its own that hears its commands, here or on another node? */
  present(esp_id: string): boolean
  readonly hearsItself: Broker['hearsItself']
  /** The same for another node: only those who are connected here hear it, and with a life also the device itself. */
  readonly tellHere: TellHere
  /** Messages that were said. */
  readonly count: number
}

/** Calls a life at most once for each, in order, whatever it does; `acknowledged` hears of that too. */
function careful(life: Life, failed: (error: unknown) => void, acknowledged: () => void): Required<Life> {
  let stage: 0 | 1 | 2 = 0
  const reach = (next: 1 | 2, isOwn = true): void => {
    while (stage < next) {
      stage++
      try {
        if (stage === 2) {
          acknowledged()
          life.acknowledged()
        } else if (isOwn || !life.published) life.written()
        else life.published()
      } catch (error) {
        failed(error)
      }
    }
  }
  return { written: () => reach(1), published: () => reach(1, false), acknowledged: () => reach(2) }
}

export function createSay({ aedes, memory, audience, devices, log, closing, failed }: SayOptions): Say {
  const told = createTold()
  let count = 0
  /** On the connection of the device, and then to all others: the connection has had it, and knows it by its number. */
  const reach = (esp_id: string, packet: ToldPacket, life: Life | undefined): boolean =>
    life !== undefined && devices.tell(esp_id, packet, life)
  return {
    get count() {
      return count
    },
    async publish(message) {
      // Where nothing is retained there is nothing to clear, and nobody needs to hear of it. [MQTT-3.3.1-10]
      const clears = message.retain && message.payload.length === 0
      if (clears && !memory.mayRetain(message.topic)) return
      count++
      log.said(message.topic, message.payload, message.qos, message.retain)
      const packet = { cmd: 'publish', dup: false, ...message } as const
      const kept = memory.keep(packet)
      await new Promise<void>((resolve, reject) =>
        aedes.publish(packet, (error?: Error | null) => (error ? reject(error) : resolve())),
      )
      await kept
    },
    tell(esp_id, message, life) {
      if (closing()) return false
      const packet = told(message)
      // What becomes of it, it becomes after this call.
      let trace = 0
      const cautious = careful(
        life,
        (error) => failed(error, esp_id),
        () => log.trace.acknowledged(trace),
      )
      const reached = reach(esp_id, packet, cautious)
      const there = !reached && isThere(memory.elsewhere?.where(esp_id))
      if (!reached && !there && !audience.listens(message.topic)) return false
      count++
      trace = log.said(message.topic, message.payload, packet.qos, false)
      memory.here(packet)
      memory.elsewhere?.tell(esp_id, message, reached ? undefined : cautious)
      if (!reached && !there) setImmediate(cautious.published)
      return true
    },
    present: (esp_id) => devices.where(esp_id) === 'hears' || memory.elsewhere?.where(esp_id) === 'hears',
    hearsItself: (esp_id, topic) =>
      devices.hears(esp_id, topic) ?? (isThere(memory.elsewhere?.where(esp_id)) || audience.listens(topic)),
    tellHere(esp_id, message, life) {
      if (closing()) return
      const packet = told(message)
      reach(esp_id, packet, life)
      memory.here(packet)
    },
  }
}
