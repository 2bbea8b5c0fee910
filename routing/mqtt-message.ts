/** A message of the log, made readable: its payload as text where it is text, and what topic and payload say it is. */
import { isUtf8 } from 'node:buffer'
import { messageTypeOf } from './contract/message-types.js'
import type { MqttMessageEvent } from './contract/mqtt-message.js'
import type { LoggedMessage, LoggedPayload, MessageLog } from './trace.js'

const UNKNOWN = { type: null, esp_id: null, gpio: null }
/** Bytes of the longest UTF-8 character, without its last. */
const HALF_A_CHARACTER = 3

/** Text, where it is text; a character that was cut in half is left out. */
function textOf(bytes: Uint8Array, cut: boolean): string | undefined {
  for (let less = 0; less <= (cut ? HALF_A_CHARACTER : 0) && less <= bytes.length; less++) {
    const part = bytes.subarray(0, bytes.length - less)
    if (isUtf8(part)) return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('utf8')
  }
  return undefined
}

function correlationOf(text: string): string | null {
  if (!text.includes('"correlation_id"')) return null
  try {
    const { correlation_id } = JSON.parse(text) as { correlation_id?: unknown }
    return typeof correlation_id === 'string' ? correlation_id : null
  } catch {
    return null
  }
}

/** What PUBACK says: nothing at QoS 0, and of what kaiser says to many nobody knows. */
const acknowledgedOf = ({ direction, qos, acknowledged }: LoggedMessage): boolean | null =>
  qos === 0 || (direction === 'out' && !acknowledged) ? null : acknowledged

const bodyOf = (message: LoggedMessage, { bytes, cut, masked }: LoggedPayload): MqttMessageEvent => {
  const text = bytes && textOf(bytes, cut)
  const { id, at, direction, topic, client_id, qos, retain, dup, size, outcome, reject_id } = message
  return {
    id,
    at,
    direction,
    topic,
    ...(messageTypeOf(topic) ?? UNKNOWN),
    client_id,
    qos,
    retain,
    dup,
    size,
    payload: text ?? (bytes ? Buffer.from(bytes).toString('base64') : null),
    encoding: bytes && text === undefined ? 'base64' : 'text',
    cut,
    masked,
    outcome,
    acknowledged: acknowledgedOf(message),
    correlation_id: text ? correlationOf(text) : null,
    reject_id: reject_id || null,
  }
}

/** A message of the log as people see it; undefined when it is not kept any more. */
export function mqttMessage(log: MessageLog, id: number): MqttMessageEvent | undefined {
  const message = log.find(id)
  const payload = message && log.payload(id)
  return payload && bodyOf(message, payload)
}
