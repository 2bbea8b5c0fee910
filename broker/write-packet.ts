/**
 * How Aedes' own packets become bytes. PUBACK is most of what kaiser sends, and mqtt-packet makes three chunks and two
 * debug lines of its four bytes; here it is one chunk, and those of one turn of the loop leave with one write. All
 * other packets are mqtt-packet's business. [MQTT-3.4.1-1]
 */
import type { Writable } from 'node:stream'
import mqttPacket, { type Packet } from 'mqtt-packet'

type Write = (packet: Packet, stream: Writable, options?: object) => boolean

const PUBACK = 0x40
const REMAINING_LENGTH = 2

const uncork = (stream: Writable): void => stream.uncork()

const writeOther = mqttPacket.writeToStream as unknown as Write & { cacheNumbers: boolean }
// What it still writes it would write from 65,536 little buffers, 7 MB made at the first CONNACK.
writeOther.cacheNumbers = false

const write: Write = (packet, stream, options) => {
  // With options it is somebody else's: a client of this process.
  if (packet.cmd !== 'puback' || options !== undefined) return writeOther(packet, stream, options)
  if (stream.writableCorked === 0) {
    stream.cork()
    process.nextTick(uncork, stream)
  }
  const bytes = Buffer.allocUnsafe(4)
  bytes[0] = PUBACK
  bytes[1] = REMAINING_LENGTH
  bytes.writeUInt16BE(packet.messageId as number, 2)
  return stream.write(bytes)
}

/** Takes the place of mqtt-packet's writer, which Aedes asks for by name each time. */
export const installWriter = (): void => void Object.assign(mqttPacket, { writeToStream: write })
