/**
 * Fan-out: one publisher at QoS 1 and 500 subscribers of its topic, kaiser and Mosquitto in turn on the same core. The
 * publisher waits until all have heard, so that what is counted was delivered and nobody's queue grows: with one message
 * in flight every message travels alone, with twenty both may do some work for several at once.
 */
import type { FanoutJob, FanoutOutcome } from './fanout-job.js'
import { HOST } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, runGenerator } from './load-job.js'
import { startMosquitto } from './mosquitto.js'
import type { Options } from './options.js'
import { number, type Row, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { rounds } from './stats.js'

const SUBSCRIBERS = 500
const PAYLOAD_BYTES = 150
const GOAL = 0.65
const CASES = [
  { qos: 0, window: 20 },
  { qos: 0, window: 1 },
  { qos: 1, window: 20 },
] as const

/** A broker, started for one round. */
interface Broker {
  port: number
  pids: readonly number[]
  stop(): Promise<unknown>
}

const brokers: Record<'kaiser' | 'Mosquitto', () => Promise<Broker>> = {
  async kaiser() {
    const { mqttPort, pids, stop } = await startKaiser()
    return { port: mqttPort, pids, stop }
  },
  async Mosquitto() {
    const { port, broker, stop } = await startMosquitto()
    return { port, pids: [broker.pid], stop }
  },
}

type Round = Measured<FanoutOutcome>

const perSecond = ({ window }: Round): number => (window.delivered * 1000) / window.ms
/** What the server's core works for one delivery, µs: it moves less than a rate does on a busy machine. */
const micros = (r: Round): number => (r.around.servers * 1e6) / perSecond(r)

async function run(name: keyof typeof brokers, job: Omit<FanoutJob, 'host' | 'mqttPort'>): Promise<Round> {
  const broker = await brokers[name]()
  const whole: FanoutJob = { ...job, host: HOST, mqttPort: broker.port }
  const round = await runGenerator<FanoutOutcome>('fanout-load.js', whole, broker.pids)
  await broker.stop()
  return round
}

/** Delivered messages per second against Mosquitto. */
export async function fanout({ quick }: Options): Promise<void> {
  const rows: Row[] = []
  const notes: string[] = []
  for (const { qos, window } of CASES) {
    const job = {
      subscribers: SUBSCRIBERS,
      qos,
      window,
      payloadBytes: PAYLOAD_BYTES,
      warmupMs: quick ? 1000 : 2000,
      measureMs: quick ? 2000 : 5000,
    }
    const list = { kaiser: [] as Round[], Mosquitto: [] as Round[] }
    const what = `QoS ${qos}, ${window} in flight`
    for (let n = 0; n < (quick ? 2 : 5); n++) {
      const names = ['kaiser', 'Mosquitto'] as const
      for (const name of n % 2 === 0 ? names : names.toReversed())
        list[name].push(
          await quietly(
            `${what}, round ${n + 1} ${name}`,
            () => run(name, job),
            (r) => `${number(perSecond(r))}/s`,
          ),
        )
    }
    const ratio = rounds(list.kaiser.map((r, i) => perSecond(r) / perSecond(list.Mosquitto[i]!)))
    rows.push(
      row(`${what}: kaiser`, '/s', rounds(list.kaiser.map(perSecond))),
      row(`${what}: Mosquitto`, '/s', rounds(list.Mosquitto.map(perSecond))),
      row(`${what}: kaiser ÷ Mosquitto`, '×', ratio, { text: `≥ ${GOAL}×`, met: ratio.median >= GOAL }),
      row(
        `${what}: the same by CPU time per delivery`,
        '×',
        rounds(list.kaiser.map((r, i) => micros(list.Mosquitto[i]!) / micros(r))),
      ),
    )
    for (const [name, all] of Object.entries(list)) notes.push(`${what}: ${account(name, all)}`)
  }
  table(
    `fanout: delivered messages/s, one publisher at QoS 1, ${SUBSCRIBERS} subscribers, ${PAYLOAD_BYTES} bytes`,
    rows,
  )
  for (const note of notes) remark(note)
}

function account(name: string, list: readonly Round[]): string {
  const sum = (of: (r: Round) => number): string => number(list.reduce((total, r) => total + of(r), 0))
  const share = (of: (r: Round) => number): string => `${Math.round(rounds(list.map(of)).median * 100)} %`
  const exact = list.every((r) => r.acked === r.published && r.delivered === r.published * SUBSCRIBERS)
  return (
    `${name} published ${sum((r) => r.published)}, delivered ${sum((r) => r.delivered)} ${exact ? '✓' : '✗'}, lost ${sum((r) => r.closed)} connections; ` +
    `its core ${share((r) => r.around.servers)} used, the load's ${share((r) => r.window.load)}, by others ${share((r) => r.around.others)}; ${number(rounds(list.map(micros)).median)} µs each`
  )
}
