/**
 * MQTT 3.1.1 as bytes on a TCP socket, for what a well-behaved client library would never send or never show:
 * broken packets, the order of acknowledgements, a socket that stops reading. Section numbers are the
 * specification's.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { Teardown } from './app.js'
import { until } from './until.js'

/** A packet as it arrived: first byte, then the body. */
export interface Arrived {
  readonly type: number
  readonly first: number
  readonly body: Buffer
}

export const CONNACK = 2
export const PUBLISH = 3
export const PUBACK = 4
export const PUBREC = 5
export const PUBCOMP = 7
export const SUBACK = 9
export const PINGRESP = 13

/** A string as MQTT writes it (§1.5.3). */
export const text = (words: string): Buffer => {
  const bytes = Buffer.from(words)
  return Buffer.concat([word(bytes.length), bytes])
}

export const word = (n: number): Buffer => Buffer.from([n >> 8, n & 255])

/** A packet; `announced` lies about its length (§2.2.3). */
export function packet(first: number, body: Buffer, announced = body.length): Buffer {
  const length: number[] = []
  for (let rest = announced; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

export interface Hello {
  clientId?: string
  clean?: boolean
  /** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5. */
  version?: number
  will?: { topic: string; payload: string; qos?: number }
  keepAlive?: number
  username?: string
  password?: string
}

export function connect({
  clientId = 'wire',
  clean = true,
  version = 4,
  will,
  keepAlive = 0,
  username,
  password,
}: Hello = {}) {
  const flags =
    (clean ? 2 : 0) |
    (will ? 4 | ((will.qos ?? 0) << 3) : 0) |
    (username === undefined ? 0 : 128) |
    (password === undefined ? 0 : 64)
  return packet(
    0x10,
    Buffer.concat([
      text(version === 3 ? 'MQIsdp' : 'MQTT'),
      Buffer.from([version, flags]),
      word(keepAlive),
      ...(version === 5 ? [Buffer.from([0])] : []),
      text(clientId),
      ...(will ? [text(will.topic), text(will.payload)] : []),
      ...[username, password].filter((words) => words !== undefined).map(text),
    ]),
  )
}

export function publish(topic: string, payload: string | Buffer, qos: 0 | 1 | 2 = 0, id = 1, dup = false) {
  const first = 0x30 | (qos << 1) | (dup ? 8 : 0)
  return packet(
    first,
    Buffer.concat([text(topic), ...(qos > 0 ? [word(id)] : []), Buffer.from(payload as string)]),
  )
}

export const puback = (id: number): Buffer => packet(0x40, word(id))
export const pubrec = (id: number): Buffer => packet(0x50, word(id))
export const pubcomp = (id: number): Buffer => packet(0x70, word(id))
export const pubrel = (id: number): Buffer => packet(0x62, word(id))

export const subscribe = (filter: string, qos = 0, id = 1): Buffer =>
  packet(0x82, Buffer.concat([word(id), text(filter), Buffer.from([qos])]))

export const PINGREQ = Buffer.from([0xc0, 0])

export interface Wire {
  readonly socket: Socket
  /** Everything that arrived. */
  readonly arrived: Arrived[]
  readonly closed: boolean
  send(...packets: Buffer[]): void
  /** Waits for the n-th packet of a type, counted from 1. */
  packet(type: number, n?: number): Promise<Arrived>
  /** Waits for the end of the connection. */
  end(): Promise<void>
}

/** Packet ids of everything of one type, in order of arrival. */
export const ids = (wire: Wire, type: number): number[] =>
  wire.arrived.filter((one) => one.type === type).map(({ body }) => body.readUInt16BE(0))

export async function openWire(t: Teardown, port: number, hello?: Hello): Promise<Wire> {
  const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
  const arrived: Arrived[] = []
  let rest = Buffer.alloc(0)
  let closed = false
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
  })
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (let taken = take(rest); taken; taken = take(rest)) {
      arrived.push(taken.packet)
      rest = rest.subarray(taken.bytes)
    }
  })
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')

  const wire: Wire = {
    socket,
    arrived,
    get closed() {
      return closed
    },
    send: (...packets) => void socket.write(Buffer.concat(packets)),
    async packet(type, n = 1) {
      const found = () => arrived.filter((one) => one.type === type)[n - 1]
      await until(() => found() !== undefined || closed, `packet ${n} of type ${type}`)
      const one = found()
      if (!one) throw new Error(`the connection ended before packet ${n} of type ${type}`)
      return one
    },
    end: () => until(() => closed, 'the end of the connection'),
  }
  if (hello) {
    wire.send(connect(hello))
    await wire.packet(CONNACK)
  }
  return wire
}

/** The first whole packet of a buffer. */
function take(bytes: Buffer): { packet: Arrived; bytes: number } | undefined {
  let length = 0
  for (let i = 1, shift = 0; i < bytes.length; i++, shift += 7) {
    length |= (bytes[i]! & 127) << shift
    if (bytes[i]! > 127) continue
    const end = i + 1 + length
    if (bytes.length < end) return undefined
    const first = bytes[0]!
    return { packet: { type: first >> 4, first, body: bytes.subarray(i + 1, end) }, bytes: end }
  }
  return undefined
}
