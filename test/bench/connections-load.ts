/**
 * Holds many idle connections: CONNECT, CONNACK, later a SUBSCRIBE each, and silence. Receives a `ConnectionsJob`, says
 * `Step`s, goes on when told to, and ends with its parent.
 */
import { connect as dial, type Socket } from 'node:net'
import { connect, skimmer, subscribe } from './mqtt-wire.js'

export interface ConnectionsJob {
  host: string
  mqttPort: number
  connections: number
  /** Dialled at once; the next batch waits for these. */
  atOnce: number
  /** s */
  keepAlive: number
}

/** What it says; it goes on after `connected` when it gets any message. */
export interface Step {
  at: 'connected' | 'subscribed'
  /** Connections the server closed. */
  closed: number
  ms: number
}

const CONNACK = 0x20
const SUBACK = 0x90
const shared = Buffer.allocUnsafe(4_096)

async function run(job: ConnectionsJob): Promise<void> {
  const began = performance.now()
  const sockets: Socket[] = []
  const waiting = new Map<Socket, () => void>()
  let closed = 0
  const answered = (socket: Socket): Promise<void> => new Promise((resolve) => waiting.set(socket, resolve))
  const open = (n: number): Promise<void> => {
    const socket = dial({
      host: job.host,
      port: job.mqttPort,
      onread: {
        buffer: shared,
        callback: (length: number) => {
          read(shared.subarray(0, length))
          return true
        },
      },
    } as never)
    const read = skimmer((first) => {
      if (first === CONNACK || first === SUBACK) waiting.get(socket)?.()
    })
    socket.on('error', () => {})
    socket.once('close', () => {
      closed++
      waiting.get(socket)?.()
    })
    socket.write(connect(`ESP_IDLE_${String(n).padStart(5, '0')}`, job.keepAlive))
    sockets.push(socket)
    return answered(socket)
  }
  const inBatches = async (each: (n: number) => Promise<void>): Promise<void> => {
    for (let n = 0; n < job.connections; n += job.atOnce)
      await Promise.all(
        Array.from({ length: Math.min(job.atOnce, job.connections - n) }, (_, i) => each(n + i)),
      )
  }
  const say = (at: Step['at']): void =>
    void process.send!({ at, closed, ms: performance.now() - began } satisfies Step)

  await inBatches(open)
  say('connected')
  await new Promise((resolve) => process.once('message', resolve))
  await inBatches((n) => {
    const socket = sockets[n]!
    if (socket.destroyed) return Promise.resolve()
    socket.write(subscribe(1, `kaiser/god/esp/ESP_IDLE_${String(n).padStart(5, '0')}/system/command`))
    return answered(socket)
  })
  say('subscribed')
}

process.once('disconnect', () => process.exit(0))
process.once('message', (job: ConnectionsJob) => {
  run(job).catch((error: Error) => {
    console.error(`connections: ${error.message}`)
    process.exit(1)
  })
})
