/**
 * A device with actuators for the benches of commands: one raw socket that subscribes to what the firmware subscribes
 * to, acknowledges at once what it is told, and reports what it is asked to report. It trusts the server.
 */
import { connect as dial } from 'node:net'
import { acknowledge, connect, publishAcknowledged, skimmer, subscribe } from './mqtt-wire.js'
import { now } from './publisher.js'

/** What a device was told; `gpio` is undefined when it concerns all of it. */
export interface Told {
  device: Device
  gpio: number | undefined
  /** `command`, `emergency`, `config`… */
  what: string
  message: Record<string, unknown>
  /** When its bytes were read, ms of CLOCK_MONOTONIC. */
  at: number
}

export interface Device {
  readonly esp_id: string
  /** Publishes on its own branch at QoS 1 with one write; resolves when all of it is acknowledged. */
  say(...messages: readonly (readonly [tail: string, payload: object])[]): Promise<void>
  close(): void
}

export interface DeviceOptions {
  host: string
  mqttPort: number
  esp_id: string
  told(told: Told): void
  /** The server closed the connection. */
  lost(): void
}

const CONNACK = 0x20
const PUBACK = 0x40
const SUBACK = 0x90
const shared = Buffer.allocUnsafe(65_536)

/** Resolves when it is connected, has its subscriptions and has been heard. */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const { host, mqttPort, esp_id, told, lost } = options
  const branch = `kaiser/god/esp/${esp_id}`
  const filters = [
    `${branch}/actuator/+/command`,
    `${branch}/actuator/emergency`,
    'kaiser/broadcast/emergency',
    `${branch}/config`,
  ]
  let id = 0
  let isClosed = false
  let acks: Buffer[] = []
  const waiting: { answers: number; resolve: () => void }[] = []
  /** Answers come in the order of what they answer. */
  const answered = (answers: number): Promise<void> =>
    new Promise((resolve) => waiting.push({ answers, resolve }))

  const socket = dial({
    host,
    port: mqttPort,
    noDelay: true,
    onread: {
      buffer: shared,
      callback: (length: number) => {
        read(shared.subarray(0, length))
        return true
      },
    },
  } as never)
  const skim = skimmer((first, packetId, bytes, body, end) => {
    if (first === CONNACK || first === SUBACK || first === PUBACK) {
      const next = waiting[0]
      if (next === undefined || --next.answers > 0) return
      waiting.shift()
      next.resolve()
    } else if ((first & 0xf0) === 0x30) {
      const qos = (first >> 1) & 3
      if (qos === 1) acks.push(acknowledge(packetId))
      const to = body + 2 + bytes.readUInt16BE(body)
      const levels = bytes.toString('latin1', body + 2, to).split('/')
      const what = levels.at(-1)!
      told({
        device,
        gpio: what === 'command' ? Number(levels.at(-2)) : undefined,
        what,
        message: JSON.parse(bytes.toString('utf8', to + (qos > 0 ? 2 : 0), end)),
        at,
      })
    }
  })
  let at = 0
  function read(chunk: Buffer): void {
    at = now()
    skim(chunk)
    if (acks.length === 0) return
    socket.write(Buffer.concat(acks))
    acks = []
  }
  socket.on('error', () => {})
  socket.once('close', () => {
    if (!isClosed) lost()
  })

  const device: Device = {
    esp_id,
    say(...messages) {
      const packets = messages.map(([tail, payload]) => {
        id = (id % 65_535) + 1
        const whole = { ts: Date.now(), esp_id, ...payload }
        return publishAcknowledged(`${branch}/${tail}`, JSON.stringify(whole), id)
      })
      socket.write(Buffer.concat(packets))
      return answered(packets.length)
    },
    close() {
      isClosed = true
      socket.destroy()
    },
  }
  socket.write(connect(`bench-${esp_id}`))
  await answered(1)
  socket.write(Buffer.concat(filters.map((filter, n) => subscribe(n + 1, filter))))
  await answered(filters.length)
  await device.say(['system/heartbeat', { uptime: 60, heap_free: 90_000, wifi_rssi: -50 }])
  return device
}
