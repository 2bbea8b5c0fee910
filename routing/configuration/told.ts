/**
 * What each device was told last, so that its answer is about what it was asked: a config that was changed since then
 * is not applied by an answer to what it was before. In memory, the last few messages of each device; after a restart
 * an answer is about everything that waits.
 */
import type { ConfigResponse } from '../contract/actuator-payloads.js'
import type { Part } from './size.js'

/** Text of each item by the id of its config. */
type Items = ReadonlyMap<string, string>

export interface Asked {
  readonly sensors: Items
  readonly actuators: Items
}

const NOTHING: Asked = Object.freeze({ sensors: new Map(), actuators: new Map() })

const KEPT = 8
/** Devices remembered; of more, those told longest ago are forgotten. */
const DEVICES = 20_000

export interface Told {
  remember(esp_id: string, correlation_id: string, part: Part): void
  /** What an answer is about; undefined when nobody knows. */
  asked(esp_id: string, type: string, answer: ConfigResponse): Asked | undefined
  forget(esp_id: string): void
}

const itemsOf = (items: Part['sensors'] | Part['actuators'] = []): Items =>
  new Map(items.map(({ config, text }) => [config.id, text]))

export function createTold(): Told {
  const told = new Map<string, Map<string, Asked>>()
  return {
    remember(esp_id, correlation_id, part) {
      const messages = told.get(esp_id) ?? new Map<string, Asked>()
      told.delete(esp_id)
      told.set(esp_id, messages)
      messages.set(correlation_id, {
        sensors: itemsOf(part.sensors),
        actuators: itemsOf(part.actuators),
      })
      if (messages.size > KEPT) messages.delete(messages.keys().next().value!)
      if (told.size > DEVICES) told.delete(told.keys().next().value!)
    },
    asked(esp_id, type, answer) {
      const messages = told.get(esp_id)
      for (const id of [answer.correlation_id, answer.request_id, answer.intent_id]) {
        const asked = id ? messages?.get(id) : undefined
        if (asked) return asked
      }
      // Firmware that does not say what it answers complains about a kind that was not in the message.
      const complains = answer.error_code === 'MISSING_FIELD' && (answer.failures ?? []).length === 0
      const kind = type === 'sensor' ? 'sensors' : 'actuators'
      const isEmpty = [...(messages?.values() ?? [])].some((asked) => asked[kind].size === 0)
      return complains && isEmpty ? NOTHING : undefined
    },
    forget: (esp_id) => void told.delete(esp_id),
  }
}
