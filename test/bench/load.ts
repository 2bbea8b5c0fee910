/**
 * The load generator: many MQTT publishers and one dashboard in one process, on raw sockets, so that one core is
 * enough to saturate the server on the other. It receives a `Job` from its parent, answers with notices, and ends.
 */
import { connect as dial } from 'node:net'
import type { Job, Notice, Outcome, Window } from './load-job.js'
import { connect, DISCONNECT, reader } from './mqtt-wire.js'
import { now, Publisher } from './publisher.js'
import { quantiles } from './stats.js'
import { attach, type Dashboard } from './ws-wire.js'

const MOST_UNACKED = 4000
const CONNECT_AT_ONCE = 50
const DRAIN_MS = 15_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const tell = (notice: Notice): void => void process.send!(notice)

async function run(job: Job): Promise<Outcome> {
  const clients: Publisher[] = []
  const sentAt = new Map<string, number>()
  const took = { ack: [] as number[], frame: [] as number[], stored: [] as number[] }
  const total = { published: 0, acked: 0, skipped: 0, closed: 0 }
  let phase: 'connecting' | 'warm' | 'measure' | 'drain' = 'connecting'
  let windowStart = 0
  let dashboard: Dashboard | undefined

  const remember = job.latency ? (key: string, at: number): void => void sentAt.set(key, at) : undefined

  /** Closed loop: as much as the window, and the frames that came back, allow. */
  function fill(client: Publisher): void {
    if (job.window === undefined || (phase !== 'warm' && phase !== 'measure')) return
    const free = job.window - client.inFlight
    const ahead = job.ahead === undefined ? free : job.ahead - (total.published - (dashboard?.frames ?? 0))
    const count = Math.min(free, ahead)
    if (count <= 0) return
    total.published += count
    client.send(count, remember)
  }

  function frame(text: string): void {
    const event = JSON.parse(text) as { type: string; committed_at?: number; data: Record<string, number> }
    if (event.type !== 'sensor_data') return
    const key = `${event.data.esp_id}/${event.data.gpio}/${Math.round(event.data.timestamp! * 1000)}`
    const at = sentAt.get(key)
    if (at === undefined) return
    sentAt.delete(key)
    if (at < windowStart || windowStart === 0) return
    took.frame.push(now() - at)
    if (event.committed_at !== undefined) took.stored.push(event.committed_at - at)
  }

  if (job.dashboard !== undefined) {
    dashboard = await attach(
      job.host,
      job.dashboard.port,
      job.dashboard.path,
      job.latency ? frame : undefined,
      () => {
        if (job.ahead !== undefined) for (const client of clients) fill(client)
      },
    )
  }

  const join = (n: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const espId = `ESP_BENCH_${String(n).padStart(4, '0')}`
      const socket = dial({ host: job.host, port: job.mqttPort, noDelay: true })
      const client = new Publisher(espId, job.sensors, socket)
      const read = reader((first, word) => {
        if (first === 0x20) return word === 0 ? resolve() : reject(new Error(`CONNACK ${word} for ${espId}`))
        if (first !== 0x40) return
        client.inFlight--
        total.acked++
        if (!job.latency) return
        const at = client.sentAt(word)
        if (at >= windowStart && windowStart !== 0) took.ack.push(now() - at)
      })
      socket.on('data', (chunk) => {
        read(chunk)
        fill(client)
      })
      socket.once('error', reject)
      socket.once('close', () => {
        if (phase !== 'drain') total.closed++
        reject(new Error(`${espId} was disconnected`))
      })
      socket.write(connect(`bench-${espId}`))
      clients.push(client)
    })
  for (let n = 0; n < job.clients; n += CONNECT_AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(CONNECT_AT_ONCE, job.clients - n) }, (_, i) => join(n + i)),
    )
  }
  tell({ at: 'connected' })

  phase = 'warm'
  for (const client of clients) fill(client)
  let turn = 0
  const started = now()
  let due = 0
  const ticker =
    job.rate === undefined
      ? undefined
      : setInterval(() => {
          const target = Math.floor(((now() - started) * job.rate!) / 1000)
          for (; due < target; due++) {
            const client = clients[turn++ % clients.length]!
            if (client.inFlight >= MOST_UNACKED) total.skipped++
            else {
              total.published++
              client.send(1, remember)
            }
          }
        }, 1)

  await sleep(job.warmupMs)
  const edge = (): Window => {
    const cpu = process.cpuUsage()
    return {
      ms: now(),
      published: total.published,
      acked: total.acked,
      frames: dashboard?.frames ?? 0,
      load: (cpu.user + cpu.system) / 1000,
    }
  }
  phase = 'measure'
  tell({ at: 'measuring' })
  const from = edge()
  windowStart = from.ms
  await sleep(job.measureMs)
  const to = edge()
  tell({ at: 'measured' })

  phase = 'drain'
  clearInterval(ticker)
  const giveUp = now() + DRAIN_MS
  const behind = (): boolean =>
    total.acked < total.published || (job.awaitFrames === true && dashboard!.frames < total.published)
  while (behind() && now() < giveUp) await sleep(20)
  await sleep(100) // the last frames may come after the last acknowledgement
  if (dashboard?.lost) throw new Error(`the dashboard was disconnected: ${dashboard.lost}`)
  for (const client of clients) client.socket.end(DISCONNECT)
  dashboard?.close()

  return {
    ...total,
    frames: dashboard?.frames ?? 0,
    window: {
      ms: to.ms - from.ms,
      published: to.published - from.published,
      acked: to.acked - from.acked,
      frames: to.frames - from.frames,
      load: (to.load - from.load) / (to.ms - from.ms),
    },
    ...(job.latency ? { ack: quantiles(took.ack), frame: quantiles(took.frame) } : {}),
    ...(took.stored.length > 0 ? { stored: quantiles(took.stored) } : {}),
  }
}

process.once('disconnect', () => process.exit(1))
process.once('message', (job: Job) => {
  run(job).then(
    (outcome) => process.send!({ at: 'done', outcome } satisfies Notice, () => process.exit(0)),
    (error: Error) => {
      console.error(`load generator: ${error.message}`)
      process.exit(1)
    },
  )
})
