/**
 * What a device hears when it listens again: what stops it, then what it is made of, then what waits for it, whichever
 * topic it subscribes to first. What would switch something on waits until the device listens to its configuration, if
 * there is any for it, and two seconds at most: a device may never want one.
 */
import type { Store } from '../storage/store.js'
import type { Actuators } from './actuators.js'
import type { Configuration } from './configuration/configuration.js'
import type { Effect } from './effect.js'
import { type Every, every as really } from './every.js'
import type { Speak } from './speech.js'

export interface Listening {
  /** It begins to hear its commands. */
  heard(esp_id: string): void
  /** It subscribed to something, perhaps to its configuration. */
  subscribed(esp_id: string): void
  close(): void
}

export interface ListeningOptions {
  store: Pick<Store, 'devices'>
  actuators: Pick<Actuators, 'returned' | 'stopped' | 'resumed'>
  configuration: Pick<Configuration, 'returned' | 'isUnheard'>
  /** Has the device a connection of its own that hears its commands? */
  present: (esp_id: string) => boolean
  speak: Speak
  /** ms since 1970 */
  now: () => number
  every?: Every | undefined
}

/** How long what waits for a device also waits for its configuration, ms. */
export const PATIENCE = 2_000

export function createListening(options: ListeningOptions): Listening {
  const { store, actuators, configuration, present, speak, now, every = really } = options
  /** Devices that begin to hear their commands in this turn of the loop. */
  const coming = new Set<string>()
  /** Devices whose commands wait, and what ends that. */
  const waiting = new Map<string, ReturnType<Every>>()

  const end = (esp_id: string): void => {
    waiting.get(esp_id)?.stop()
    waiting.delete(esp_id)
  }
  /** In a turn of its own: all that it subscribes to at once is known then. */
  const soon = (work: () => readonly Effect[]): void => void setImmediate(() => speak(work))

  const finish = (esp_id: string): Effect[] => {
    end(esp_id)
    const device = store.devices.find(esp_id)
    return device ? actuators.resumed(device, configuration.returned(esp_id, now()), now()) : []
  }

  return {
    heard(esp_id) {
      coming.add(esp_id)
      soon(() => {
        coming.delete(esp_id)
        end(esp_id)
        const device = store.devices.find(esp_id)
        if (!device) return []
        if (!configuration.isUnheard(esp_id))
          return actuators.returned(device, configuration.returned(esp_id, now()), now())
        waiting.set(
          esp_id,
          every(PATIENCE, () => speak(() => finish(esp_id))),
        )
        return actuators.stopped(device, now())
      })
    },
    subscribed(esp_id) {
      soon(() => {
        if (coming.has(esp_id)) return []
        if (waiting.has(esp_id)) return configuration.isUnheard(esp_id) ? [] : finish(esp_id)
        return present(esp_id) ? configuration.returned(esp_id, now()) : []
      })
    },
    close() {
      for (const esp_id of [...waiting.keys()]) end(esp_id)
    },
  }
}
