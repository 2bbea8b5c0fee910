/**
 * What kaiser says itself: to everybody, kept for those who are away (`publish`), or to one device while it is there
 * and kept for nobody (`tell`).
 */
import type { Aedes } from 'aedes'
import type { Life, Tell } from '../routing/tell.js'
import type { Audience } from './audience.js'
import type { DeviceConnections } from './device-connections.js'
import type { Memory } from './memory.js'
import type { Broker } from './options.js'
import { createTold } from './told.js'

export interface SayOptions {
  aedes: Aedes
  memory: Memory
  audience: Pick<Audience, 'listens'>
  devices: Pick<DeviceConnections, 'waysTo'>
  closing: () => boolean
  /** Whoever was told of a life failed. */
  failed: (error: unknown, esp_id: string) => void
}

export interface Say {
  readonly publish: Broker['publish']
  readonly tell: Tell
  /** Messages that were said. */
  readonly count: number
}

/** Calls a life at most once for each, in order, whatever it does. */
function careful(life: Life, failed: (error: unknown) => void): Life {
  let stage: 0 | 1 | 2 = 0
  const reach = (next: 1 | 2): void => {
    while (stage < next) {
      stage++
      try {
        if (stage === 1) life.written()
        else life.acknowledged()
      } catch (error) {
        failed(error)
      }
    }
  }
  return { written: () => reach(1), acknowledged: () => reach(2) }
}

export function createSay({ aedes, memory, audience, devices, closing, failed }: SayOptions): Say {
  const told = createTold()
  let count = 0
  return {
    get count() {
      return count
    },
    async publish(message) {
      // Where nothing is retained there is nothing to clear, and nobody needs to hear of it. [MQTT-3.3.1-10]
      const clears = message.retain && message.payload.length === 0
      if (clears && !memory.mayRetain(message.topic)) return
      count++
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
      const cautious = careful(life, (error) => failed(error, esp_id))
      const reached = devices.waysTo(esp_id).some((way) => way.tell(packet, cautious))
      if (!reached && !audience.listens(message.topic)) return false
      count++
      // Its connection has had it, and knows it by its number.
      memory.here(packet)
      if (!reached) setImmediate(cautious.written)
      return true
    },
  }
}
