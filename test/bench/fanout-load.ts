/**
 * The fan-out's generator: one publisher at QoS 1 and its subscribers, in one process on raw sockets. All of them read
 * into one buffer and packets are counted by skipping along their lengths. Receives a `FanoutJob`, says `Notice`s, ends.
 */
import { connect as dial, type Socket } from 'node:net'
import type { FanoutJob, FanoutOutcome } from './fanout-job.js'
import type { Notice } from './load-job.js'
import { connect, DISCONNECT, publishAcknowledged, skimmer, subscribe } from './mqtt-wire.js'
import { now } from './publisher.js'

const TOPIC = 'bench/fanout'
const CONNECT_AT_ONCE = 50
const DRAIN_MS = 15_000
const CONNACK = 0x20
const PUBACK = 0x40
const SUBACK = 0x90

const shared = Buffer.allocUnsafe(65_536)
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (notice: Notice<FanoutOutcome>): void => void process.send!(notice)

async function run(job: FanoutJob): Promise<FanoutOutcome> {
  const total = { published: 0, acked: 0, delivered: 0, closed: 0 }
  const sockets: Socket[] = []
  const payload = 'x'.repeat(job.payloadBytes)
  let publishing = false
  let done = false

  /** A connection that answers what it is told to; resolves with the n-th CONNACK or SUBACK, that is when it is ready. */
  const open = (clientId: string, read: (socket: Socket) => (chunk: Buffer) => void): Socket => {
    const socket = dial({
      host: job.host,
      port: job.mqttPort,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length: number) => {
          feed(shared.subarray(0, length))
          return true
        },
      },
    } as never)
    const feed = read(socket)
    socket.on('error', () => {})
    socket.once('close', () => {
      if (!done) total.closed++
    })
    socket.write(connect(clientId, 0))
    sockets.push(socket)
    return socket
  }

  const join = (n: number): Promise<void> =>
    new Promise((resolve) => {
      open(`subscriber-${n}`, (socket) => {
        const acks: number[] = []
        const skim = skimmer((first, id) => {
          if (first >> 4 === 3) {
            total.delivered++
            if (id > 0) acks.push(id)
          } else if (first === CONNACK) socket.write(subscribe(1, TOPIC, job.qos))
          else if (first === SUBACK) resolve()
        })
        return (chunk) => {
          skim(chunk)
          if (acks.length > 0) socket.write(pubacks(acks))
          acks.length = 0
          fill()
        }
      })
    })
  for (let n = 0; n < job.subscribers; n += CONNECT_AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(CONNECT_AT_ONCE, job.subscribers - n) }, (_, i) => join(n + i)),
    )

  let publisher: Socket | undefined
  await new Promise<void>((resolve) => {
    publisher = open('publisher', () => {
      const skim = skimmer((first) => {
        if (first === PUBACK) total.acked++
        else if (first === CONNACK) resolve()
      })
      return (chunk) => {
        skim(chunk)
        fill()
      }
    })
  })

  /** As much as the window allows. */
  function fill(): void {
    if (!publishing) return
    const everywhere = Math.floor(total.delivered / job.subscribers)
    const free = job.window - (total.published - Math.min(total.acked, everywhere))
    if (free <= 0) return
    const bytes: Buffer[] = []
    for (let i = 0; i < free; i++)
      bytes.push(publishAcknowledged(TOPIC, payload, (total.published++ % 65_535) + 1))
    publisher!.write(bytes.length === 1 ? bytes[0]! : Buffer.concat(bytes))
  }

  tell({ at: 'connected' })
  publishing = true
  fill()
  await sleep(job.warmupMs)
  const edge = () => {
    const cpu = process.cpuUsage()
    return { ms: now(), delivered: total.delivered, load: (cpu.user + cpu.system) / 1000 }
  }
  tell({ at: 'measuring' })
  const from = edge()
  await sleep(job.measureMs)
  const to = edge()
  tell({ at: 'measured' })

  publishing = false
  const giveUp = now() + DRAIN_MS
  const owed = (): boolean =>
    total.acked < total.published || total.delivered < total.published * job.subscribers
  while (owed() && now() < giveUp) await sleep(20)
  await sleep(50) // what comes twice comes late
  done = true
  for (const socket of sockets) socket.end(DISCONNECT)
  const ms = to.ms - from.ms
  return {
    ...total,
    window: { ms, delivered: to.delivered - from.delivered, load: (to.load - from.load) / ms },
  }
}

/** PUBACKs of several messages as one write. */
function pubacks(ids: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * 4)
  for (let i = 0; i < ids.length; i++) bytes.writeUInt32BE(0x40020000 + ids[i]!, i * 4)
  return bytes
}

process.once('disconnect', () => process.exit(1))
process.once('message', (job: FanoutJob) => {
  run(job).then(
    (outcome) =>
      process.send!({ at: 'done', outcome } satisfies Notice<FanoutOutcome>, () => process.exit(0)),
    (error: Error) => {
      console.error(`fan-out: ${error.message}`)
      process.exit(1)
    },
  )
})
