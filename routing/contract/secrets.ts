/**
 * Which messages hold secrets, and what others see of them: new credentials go to their device alone; passwords
 * inside a configuration are blanked for everybody but their device. Nothing of either is logged or recorded.
 */
import { filterOf, matchesFilter, toDevice } from './topics.js'

const CREDENTIALS = filterOf(toDevice.authUpdate)
const SETTINGS = [toDevice.config, toDevice.configPart, toDevice.systemCommand]
  .map(filterOf)
  .concat(`${filterOf(toDevice.config)}/#`)

/** New credentials of a device: nobody else hears them. */
export const isCredentials = (topic: string): boolean =>
  topic.endsWith('/auth_update') && matchesFilter(CREDENTIALS, topic)

/** A message for a device that may hold secrets among other things. */
const isSettings = (topic: string): boolean =>
  (topic.includes('/config') || topic.endsWith('/command')) &&
  SETTINGS.some((filter) => matchesFilter(filter, topic))

/** Nothing of its payload may be kept or shown. */
export const holdsSecrets = (topic: string): boolean => isCredentials(topic) || isSettings(topic)

/** The device a topic belongs to; undefined when it is another kind of topic. */
const ownerOf = (topic: string): string | undefined => {
  const [, , esp, esp_id] = topic.split('/', 4)
  return esp === 'esp' ? esp_id : undefined
}

const SECRET = /password|secret|token|psk|part_data|key$/i
const HIDDEN = '***'

/** Blanked payloads by the payload they were made from: one message goes to many. */
const blanked = new WeakMap<object, Uint8Array>()

/** A payload with its secrets blanked; one that cannot be read is blanked whole. */
export function withoutSecrets(payload: Uint8Array): Uint8Array {
  const known = blanked.get(payload)
  if (known) return known
  let text: string
  try {
    const said = JSON.parse(Buffer.from(payload).toString('utf8')) as unknown
    text = JSON.stringify(said, (name, value) => (SECRET.test(name) ? HIDDEN : value))
  } catch {
    text = HIDDEN
  }
  const made = Buffer.from(text)
  blanked.set(payload, made)
  return made
}

/** What somebody hears of a message: `esp_id` is the device they are. Undefined: nothing. */
export function heardOf(
  topic: string,
  payload: Uint8Array,
  esp_id: string | undefined,
): Uint8Array | undefined {
  if (isCredentials(topic)) return ownerOf(topic) === esp_id ? payload : undefined
  return isSettings(topic) && ownerOf(topic) !== esp_id ? withoutSecrets(payload) : payload
}
