/** A configuration as messages: one, or several where one would not fit, each with a number and ids of its own. protocol.md §2.7 */
import { type Content, fingerprintOf, KINDS } from './content.js'
import { type Part, packetSize, split } from './size.js'

/** Messages that are ready to be said to a device. */
export interface ConfigPush {
  readonly esp_id: string
  readonly topic: string
  /** Of the first message. */
  readonly correlation_id: string
  readonly messages: readonly ConfigMessage[]
  readonly fingerprint: string
  /** What the audit keeps. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface ConfigMessage {
  readonly correlation_id: string
  readonly payload: string
  readonly part: Part
}

/** Why a device is told. */
export type ConfigReason =
  | 'sensor_config_changed'
  | 'sensor_config_deleted'
  | 'actuator_config_changed'
  | 'actuator_config_deleted'
  | 'device_online'
  | 'config_drift'
  | 'config_unanswered'

interface Envelope {
  readonly esp_id: string
  readonly topic: string
  readonly reason_code: ConfigReason
  /** Bytes of the device's buffer. */
  readonly buffer: number
  /** The number of the first of so many messages. */
  readonly generation: (messages: number) => number
  /** An id for each. */
  readonly uuid: () => string
  /** ms since 1970 */
  readonly now: number
}

const kindsOf = (part: Part) => KINDS.filter((kind) => part[kind] !== undefined)

export function messagesOf(content: Content, envelope: Envelope): ConfigPush {
  const { esp_id, topic, reason_code, buffer, now } = envelope
  const parts = split(content, topic, buffer)
  const generation = envelope.generation(parts.length)
  const fingerprint = fingerprintOf(content)
  const messages = parts.map((part, index): ConfigMessage => {
    const correlation_id = envelope.uuid()
    const payload = JSON.stringify({
      ...Object.fromEntries(kindsOf(part).map((kind) => [kind, part[kind]!.map(({ item }) => item)])),
      reason_code,
      generation: generation + index,
      // Of all of it: what it is once every part is there.
      config_fingerprint: fingerprint,
      ...(parts.length > 1 && { part_index: index + 1, total_parts: parts.length }),
      correlation_id,
      request_id: correlation_id,
      intent_id: correlation_id,
      timestamp: Math.floor(now / 1000),
    })
    return { correlation_id, payload, part }
  })
  const { sensors, actuators, offline_rules } = content
  return {
    esp_id,
    topic,
    correlation_id: messages[0]!.correlation_id,
    messages,
    fingerprint,
    details: {
      config_keys: KINDS.filter((kind) => content[kind].length > 0),
      reason_code,
      sensors: sensors.length,
      actuators: actuators.length,
      offline_rules: offline_rules.length,
      generation,
      config_fingerprint: fingerprint,
      bytes: messages.map(({ payload }) => packetSize(topic, payload)),
    },
  }
}
