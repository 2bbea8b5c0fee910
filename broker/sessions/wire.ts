/** The two packets that a session's queue sends, as bytes. [MQTT-3.3] [MQTT-3.6] */
import { encodePublish } from '../encode-publish.js'

const PUBREL = 0x62
const DUP = 8

/** The PUBREL packet. */
export const pubrelBytes = (packet_id: number): Buffer =>
  Buffer.from([PUBREL, 2, packet_id >> 8, packet_id & 255])

/** A PUBLISH packet of QoS 1 or 2; RETAIN is 0, as for every established subscription. [MQTT-3.3.1-9] */
export function publishBytes(
  topic: string,
  payload: string | Buffer,
  qos: number,
  packet_id: number,
  dup: boolean,
): Buffer {
  const { bytes, idAt } = encodePublish({ topic, payload, qos: qos as 1 | 2, retain: false })
  bytes.writeUInt16BE(packet_id, idAt)
  if (dup) bytes.writeUInt8(bytes.readUInt8() | DUP)
  return bytes
}
