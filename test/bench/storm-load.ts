/**
 * Two thousand devices that lost their broker: all connect within one second, each with CONNECT, six SUBSCRIBEs and
 * a heartbeat, and is served when it has CONNACK, six SUBACKs and the heartbeat's answer. One well-behaved client
 * publishes all the while. Receives a `StormJob`, answers with a `StormOutcome`, and ends.
 */
import { connect as dial, type Socket } from 'node:net'
import { connect, publishOnce, reader, subscribe } from './mqtt-wire.js'
import { now, Publisher } from './publisher.js'
import { type Quantiles, quantiles } from './stats.js'

export interface StormJob {
  host: string
  mqttPort: number
  devices: number
  /** ms in which all of them dial */
  withinMs: number
  /** readings of the witness per second */
  witness: number
}

export interface StormOutcome {
  /** devices that were served */
  served: number
  /** ms from the first dial until the last was served */
  lastMs: number
  /** ms from a device's dial until it was served */
  each: Quantiles
  /** PUBACK of the witness while the storm lasted, ms */
  witness: Quantiles
  /** the same before it */
  calm: Quantiles
}

const FILTERS = [
  'actuator/+/command',
  'actuator/emergency',
  'config',
  'system/command',
  'system/heartbeat/ack',
  'zone/assign',
]
const GIVE_UP_MS = 20_000
const CALM_MS = 2_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Waiting {
  socket: Socket
  served: Promise<number>
}

function device(job: StormJob, n: number): Waiting {
  const esp_id = `ESP_STORM_${String(n).padStart(4, '0')}`
  const branch = `kaiser/god/esp/${esp_id}`
  const dialled = now()
  const socket = dial({ host: job.host, port: job.mqttPort, noDelay: true })
  socket.on('error', () => {})
  socket.write(connect(esp_id))
  const heartbeat = JSON.stringify({
    esp_id,
    ts: Math.floor(Date.now() / 1000),
    uptime: 3600,
    heap_free: 45_000,
    wifi_rssi: -45,
    sensor_count: 3,
    actuator_count: 2,
  })
  const served = new Promise<number>((resolve, reject) => {
    let subscribed = 0
    let answered = false
    const read = reader((first) => {
      if (first === 0x20)
        socket.write(
          Buffer.concat([
            ...FILTERS.map((filter, i) => subscribe(i + 1, `${branch}/${filter}`)),
            publishOnce(`${branch}/system/heartbeat`, heartbeat),
          ]),
        )
      else if (first === 0x90) subscribed++
      else if (first >> 4 === 3) answered = true
      if (subscribed === FILTERS.length && answered) resolve(now() - dialled)
    })
    socket.on('data', read)
    socket.once('close', () => reject(new Error('closed')))
  })
  served.catch(() => {})
  return { socket, served }
}

async function storm(job: StormJob): Promise<{ sockets: Socket[]; took: number[]; lastMs: number }> {
  const started = now()
  const waiting: Waiting[] = []
  while (waiting.length < job.devices) {
    const due = Math.min(job.devices, Math.ceil((job.devices * (now() - started)) / job.withinMs))
    while (waiting.length < due) waiting.push(device(job, waiting.length))
    await sleep(1)
  }
  const took: number[] = []
  let lastMs = 0
  const each = waiting.map(({ served }) =>
    served.then(
      (ms) => {
        took.push(ms)
        lastMs = now() - started
      },
      () => {},
    ),
  )
  await Promise.race([Promise.all(each), sleep(GIVE_UP_MS)])
  return { sockets: waiting.map(({ socket }) => socket), took, lastMs }
}

async function run(job: StormJob): Promise<StormOutcome> {
  // They have been here before: the storm is a return.
  const before = await storm(job)
  for (const socket of before.sockets) socket.destroy()
  await sleep(1_000)

  const socket = dial({ host: job.host, port: job.mqttPort, noDelay: true })
  const witness = new Publisher('ESP_WITNESS', 1, socket)
  const acks = { calm: [] as number[], storm: [] as number[] }
  let stormBegan = Number.POSITIVE_INFINITY
  await new Promise<void>((resolve) => {
    socket.on(
      'data',
      reader((first, word) => {
        if (first === 0x20) resolve()
        if (first !== 0x40) return
        const at = witness.sentAt(word)
        acks[at >= stormBegan ? 'storm' : 'calm'].push(now() - at)
      }),
    )
    socket.write(connect('bench-ESP_WITNESS'))
  })
  const ticker = setInterval(() => witness.send(1, () => {}), 1000 / job.witness)
  await sleep(CALM_MS)
  stormBegan = now()
  const { sockets, took, lastMs } = await storm(job)
  clearInterval(ticker)
  await sleep(500)
  for (const one of [...sockets, socket]) one.destroy()
  return {
    served: took.length,
    lastMs,
    each: quantiles(took),
    witness: quantiles(acks.storm),
    calm: quantiles(acks.calm),
  }
}

process.once('disconnect', () => process.exit(1))
process.once('message', (job: StormJob) => {
  run(job).then(
    (outcome) => process.send!(outcome, () => process.exit(0)),
    (error: Error) => {
      console.error(`storm: ${error.message}`)
      process.exit(1)
    },
  )
})
