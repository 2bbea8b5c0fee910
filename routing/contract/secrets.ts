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

/** Names of fields that hold secrets; `keys`, `bypass` and `compass` do not. */
const SECRET =
  /passw|passphrase|passcode|(?<!by|com)pass[\d_]*$|pwd|credential|secret|token|psk|part_data|key$/i
const HIDDEN = '***'

/** What a message says, as MQTT has it. */
type Payload = string | Uint8Array

/** Blanked payloads by the payload they were made from: one message goes to many. */
const blanked = new WeakMap<object, Uint8Array>()

const isSecret = (name: string, value: unknown): unknown => (SECRET.test(name) ? HIDDEN : value)

/** A payload with its secrets blanked; one that cannot be read is blanked whole. */
export function withoutSecrets(payload: Payload): Uint8Array {
  const known = typeof payload === 'string' ? undefined : blanked.get(payload)
  if (known) return known
  let text: string
  try {
    text = JSON.stringify(JSON.parse(Buffer.from(payload as string).toString('utf8')), isSecret)
  } catch {
    text = HIDDEN
  }
  const made = Buffer.from(text)
  if (typeof payload !== 'string') blanked.set(payload, made)
  return made
}

/** What somebody hears of a message: `esp_id` is the device they are. Undefined: nothing. */
export function heardOf(topic: string, payload: Payload, esp_id: string | undefined): Payload | undefined {
  if (isCredentials(topic)) return ownerOf(topic) === esp_id ? payload : undefined
  return payload.length > 0 && isSettings(topic) && ownerOf(topic) !== esp_id
    ? withoutSecrets(payload)
    : payload
}
