/**
 * Many realtime subscribers in one process, on raw sockets, and one device that raises alerts. It receives a
 * `RealtimeJob`, says that all are there, raises alerts when it is told to, forgets those of the warm-up, and answers when
 * it is told to end.
 */
import { connect as dial } from 'node:net'
import { connect, DISCONNECT, publishAcknowledged, reader } from './mqtt-wire.js'
import { now } from './publisher.js'
import type { Heard, RealtimeJob, RealtimeOutcome } from './realtime-job.js'
import { quantiles } from './stats.js'
import { attach, type Dashboard } from './ws-wire.js'

const CONNECT_AT_ONCE = 50
/** How long the last frames may be on their way. */
const DRAIN_MS = 2_000

interface Listener {
  dashboard: Dashboard
  readings: number
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function open(job: RealtimeJob) {
  const kinds = job.audiences.map(({ name }) => ({ name, listeners: [] as Listener[] }))
  const raisedAt: number[] = []
  const took: number[] = []
  /** Alerts that were raised before anything was measured. */
  let warmUp = 0

  const hear = (listener: Listener, text: string): void => {
    if (text.startsWith('{"type":"sensor_data"')) listener.readings++
    else if (text.startsWith('{"type":"actuator_alert"')) {
      const { data } = JSON.parse(text) as { data: { message: string } }
      const number = Number(data.message)
      const at = raisedAt[number]
      if (at !== undefined && number >= warmUp) took.push(now() - at)
    }
  }

  const join = async (kind: number, n: number): Promise<void> => {
    const listener: Listener = { dashboard: undefined as never, readings: 0 }
    const { port, path } = job.dashboard
    listener.dashboard = await attach(job.host, port, path.replace('{n}', `${kind}-${n}`), (text) =>
      hear(listener, text),
    )
    listener.dashboard.say(JSON.stringify(job.audiences[kind]!.say))
    kinds[kind]!.listeners.push(listener)
  }
  for (const [kind, { count }] of job.audiences.entries())
    for (let n = 0; n < count; n += CONNECT_AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(CONNECT_AT_ONCE, count - n) }, (_, i) => join(kind, n + i)),
      )

  const device = dial({ host: job.host, port: job.mqttPort, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    device.once('error', reject)
    device.on(
      'data',
      reader((first) => {
        if (first === 0x20) resolve()
      }),
    )
    device.write(connect('bench-alerts'))
  })
  let timer: NodeJS.Timeout | undefined

  const raise = (): void => {
    const alert = {
      esp_id: job.esp_id,
      gpio: 5,
      alert_type: 'runtime_protection',
      message: String(raisedAt.length),
      ts: Date.now(),
    }
    const topic = `kaiser/god/esp/${job.esp_id}/actuator/5/alert`
    raisedAt.push(now())
    device.write(publishAcknowledged(topic, JSON.stringify(alert), raisedAt.length))
  }

  const heardBy = ({ name, listeners }: (typeof kinds)[number]): Heard => ({
    name,
    sockets: listeners.length,
    readings: listeners.reduce((sum, { readings }) => sum + readings, 0),
    fewest: Math.min(...listeners.map(({ readings }) => readings)),
    lost: listeners.filter(({ dashboard }) => dashboard.lost !== undefined).length,
  })

  return {
    begin(): void {
      timer = setInterval(raise, job.alertEveryMs)
    },
    measure(): void {
      warmUp = raisedAt.length
      took.length = 0
    },
    async end(): Promise<RealtimeOutcome> {
      clearInterval(timer)
      await sleep(DRAIN_MS)
      const heard = kinds.map(heardBy)
      for (const { listeners } of kinds) for (const { dashboard } of listeners) dashboard.close()
      device.end(DISCONNECT)
      const sockets = heard.reduce((sum, kind) => sum + kind.sockets, 0)
      return {
        heard,
        alerts: raisedAt.length - warmUp,
        frame: quantiles(took),
        expected: (raisedAt.length - warmUp) * sockets,
      }
    },
  }
}

type Word = RealtimeJob | 'begin' | 'measure' | 'end'
let subscribers: Promise<Awaited<ReturnType<typeof open>>> | undefined

async function obey(word: Word): Promise<unknown> {
  if (word === 'begin') return (await subscribers!).begin()
  if (word === 'measure') return (await subscribers!).measure()
  if (word === 'end') return (await subscribers!).end()
  subscribers = open(word)
  await subscribers
}

process.once('disconnect', () => process.exit(1))
process.on('message', (word: Word) => {
  obey(word).then(
    (answer) => word !== 'begin' && word !== 'measure' && process.send!(answer ?? {}),
    (error: Error) => {
      console.error(`subscribers: ${error.message}`)
      process.exit(1)
    },
  )
})
