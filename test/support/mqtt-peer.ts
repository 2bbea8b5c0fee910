/**
 * The other end of a mock's connection, packet by packet: it grants, acknowledges and answers pings unless a test
 * wants otherwise, writes down what is said, and says what it is told to. What kaiser makes of a mock stands in the
 * tests that open one.
 */
import { type Duplex, duplexPair } from 'node:stream'
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet'

export interface Said {
  topic: string
  qos: number
  text: string
  payload: Record<string, unknown>
}

export class MqttPeer {
  /** What it does with a packet instead of answering it; true: nothing more. */
  deviates: (packet: Packet) => boolean = () => false
  /** Refuses to connect at all. */
  gone = false
  readonly said: Said[] = []
  readonly connects: IConnectPacket[] = []
  readonly packets: Packet[] = []
  #stream: Duplex | undefined
  #id = 0

  /** As a mock dials. */
  connect = (): Duplex => {
    if (this.gone) throw new Error('nobody there')
    const [ours, theirs] = duplexPair()
    ours.once('close', () => theirs.destroy())
    theirs.once('close', () => ours.destroy())
    const parser = mqttPacket.parser({ protocolVersion: 4 })
    parser.on('packet', (packet: Packet) => this.#answer(packet))
    ours.on('data', (chunk: Buffer) => parser.parse(chunk))
    this.#stream = ours
    return theirs
  }

  send(packet: Packet): void {
    this.write(mqttPacket.generate(packet))
  }

  write(bytes: Buffer): void {
    this.#stream?.write(bytes)
  }

  /** Tells the device something. */
  tell(topic: string, message: object | string): void {
    const payload = typeof message === 'string' ? message : JSON.stringify(message)
    this.#id++
    this.send({ cmd: 'publish', topic, payload, qos: 1, messageId: this.#id, dup: false, retain: false })
  }

  /** The connection breaks. */
  drop(): void {
    this.#stream?.destroy()
  }

  /** What was said on topics that end so. */
  on(end: string): Said[] {
    return this.said.filter(({ topic }) => topic.endsWith(end))
  }

  last(end: string): Record<string, unknown> | undefined {
    return this.on(end).at(-1)?.payload
  }

  #answer(packet: Packet): void {
    this.packets.push(packet)
    if (packet.cmd === 'publish') this.#hear(packet)
    if (packet.cmd === 'connect') this.connects.push(packet)
    if (this.deviates(packet)) return
    switch (packet.cmd) {
      case 'connect':
        return this.send({ cmd: 'connack', returnCode: 0, sessionPresent: false })
      case 'subscribe':
        return this.send({
          cmd: 'suback',
          messageId: packet.messageId!,
          granted: packet.subscriptions.map(() => 1),
        } as Packet)
      case 'publish':
        if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId! })
        return
      case 'pingreq':
        return this.send({ cmd: 'pingresp' })
      default:
    }
  }

  #hear({ topic, payload, qos }: IPublishPacket): void {
    const text = String(payload)
    let parsed: Record<string, unknown> = {}
    try {
      parsed = JSON.parse(text)
    } catch {
      // What is no JSON is looked at as text.
    }
    this.said.push({ topic, qos, text, payload: parsed })
  }
}

/** Lets what was written arrive, in both directions. */
export async function arrive(turns = 12): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
}
