/**
 * A PUBLISH as bytes, made once for everybody who hears it: at QoS 0 all receivers share the same bytes, above it each gets
 * a copy with a packet id of its own. Trusts its caller about the topic; refuses nothing. [MQTT-3.3]
 */

/** What is on the wire of a message. */
export interface Message {
  readonly topic: string
  readonly payload: string | Buffer
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

const RETAIN = 1

/** The bytes, and where the two bytes of the packet id are; -1 at QoS 0 [MQTT-2.3.1-5]. DUP is 0 [MQTT-3.3.1-3]. */
export interface Encoded {
  readonly bytes: Buffer
  readonly idAt: number
}

/** Encodes a message; the packet id, where there is one, is still 0. */
export function encodePublish({ topic, payload, qos, retain }: Message): Encoded {
  const topicBytes = Buffer.byteLength(topic)
  const payloadBytes = Buffer.byteLength(payload)
  const idBytes = qos > 0 ? 2 : 0
  const length = 2 + topicBytes + idBytes + payloadBytes
  const lengthBytes = length < 128 ? 1 : length < 16_384 ? 2 : length < 2_097_152 ? 3 : 4
  const bytes = Buffer.allocUnsafe(1 + lengthBytes + length)
  let at = bytes.writeUInt8(0x30 | (qos << 1) | (retain ? RETAIN : 0))
  for (let rest = length; ; rest >>= 7) {
    at = bytes.writeUInt8(rest > 127 ? (rest & 127) | 128 : rest, at)
    if (rest <= 127) break
  }
  at = bytes.writeUInt16BE(topicBytes, at)
  at += bytes.write(topic, at)
  const idAt = qos > 0 ? at : -1
  if (qos > 0) at = bytes.writeUInt16BE(0, at)
  if (typeof payload === 'string') bytes.write(payload, at)
  else payload.copy(bytes, at)
  return { bytes, idAt }
}

/** The same packet for one receiver. */
export function withPacketId({ bytes, idAt }: Encoded, id: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes.length)
  copy.set(bytes)
  copy.writeUInt16BE(id, idAt)
  return copy
}

/** The packet itself, for the only receiver who does not get a copy. */
export function ofOne({ bytes, idAt }: Encoded, id: number): Buffer {
  bytes.writeUInt16BE(id, idAt)
  return bytes
}
