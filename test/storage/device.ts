/**
 * A device for tests, over a bare TCP socket: it says when each PUBLISH leaves, with which packet id and DUP
 * flag, and sees each acknowledgement, which is more than a client library lets one see.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Teardown } from '../support/app.js'

export interface Message {
  topic: string
  payload: Record<string, unknown>
}

export interface Device {
  /** Packet ids in the order of their acknowledgements. */
  readonly acknowledged: number[]
  /** Messages it got. */
  readonly received: Message[]
  readonly closed: boolean
  publish(id: number, topic: string, payload: object | string, flags?: { qos?: 0 | 1; dup?: boolean }): void
  subscribe(filter: string): void
  /** Called with each packet id that is acknowledged. */
  onAcknowledged: ((id: number) => void) | undefined
  destroy(): void
}

const text = (words: string): Buffer => {
  const bytes = Buffer.from(words)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}
const number = (id: number): Buffer => Buffer.from([id >> 8, id & 255])

const packet = (first: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let rest = body.length, more = true; more; rest >>= 7) {
    more = rest > 127
    length.push((rest & 127) | (more ? 128 : 0))
  }
  return Buffer.concat([Buffer.from([first, ...length]), body])
}

/** One packet at the start of `bytes`, or undefined when it is not all there yet. */
function parse(bytes: Buffer): { first: number; body: Buffer; size: number } | undefined {
  let length = 0
  for (let i = 1; i < Math.min(bytes.length, 5); i++) {
    length |= (bytes[i]! & 127) << (7 * (i - 1))
    if (bytes[i]! > 127) continue
    const size = i + 1 + length
    if (bytes.length < size) return undefined
    return { first: bytes[0]!, body: bytes.subarray(i + 1, size), size }
  }
  return undefined
}

/** Connects and resolves when the broker has said yes. */
export async function connectDevice(t: Teardown, port: number, client_id: string): Promise<Device> {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  let welcome: (refused?: Error) => void = () => {}
  const accepted = new Promise<void>((resolve, reject) => {
    welcome = (refused) => (refused ? reject(refused) : resolve())
  })
  let unread = Buffer.alloc(0)

  const device: Device = {
    acknowledged: [],
    received: [],
    onAcknowledged: undefined,
    get closed() {
      return socket.destroyed || socket.readableEnded
    },
    publish(id, topic, payload, { qos = 1, dup = false } = {}) {
      const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
      const first = 0x30 | (qos << 1) | (dup ? 8 : 0)
      socket.write(packet(first, text(topic), qos > 0 ? number(id) : Buffer.alloc(0), body))
    },
    subscribe: (filter) => void socket.write(packet(0x82, number(1), text(filter), Buffer.from([0]))),
    destroy: () => socket.destroy(),
  }

  socket.on('close', () => welcome(new Error('closed')))
  socket.on('data', (chunk) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    for (let next = parse(unread); next; next = parse(unread)) {
      unread = unread.subarray(next.size)
      const { first, body } = next
      if (first === 0x20) welcome(body[1] === 0 ? undefined : new Error(`refused: ${body[1]}`))
      else if (first === 0x40) {
        const id = body.readUInt16BE(0)
        device.acknowledged.push(id)
        device.onAcknowledged?.(id)
      } else if (first >> 4 === 3) {
        const length = body.readUInt16BE(0)
        device.received.push({
          topic: body.toString('utf8', 2, 2 + length),
          payload: JSON.parse(body.toString('utf8', 2 + length)),
        })
      }
    }
  })
  await once(socket, 'connect')
  socket.write(packet(0x10, text('MQTT'), Buffer.from([4, 2, 0, 60]), text(client_id)))
  await accepted
  return device
}
