/**
 * 1,000 realtime subscribers with three filters, ten of them without a limit, while 1,000 readings/s come in and alerts
 * are raised: what they cost the readings, whether the ten miss one, and how long an alert takes to every socket. Beside
 * it the peer as a plain ws server that serialises for each client. Each is run without subscribers too.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { HOST, spawnNode } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, type Outcome, startGenerator } from './load-job.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, type Row, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import type { Audience, RealtimeJob, RealtimeOutcome } from './realtime-job.js'
import { type Rounds, rounds } from './stats.js'

const CLIENTS = 50
const PER_SECOND = 1_000
const SOME = ['ESP_BENCH_0001', 'ESP_BENCH_0002', 'ESP_BENCH_0003']
const AUDIENCES: readonly Audience[] = [
  { name: 'everything', count: 330, say: { action: 'subscribe', filters: null } },
  {
    name: 'three devices',
    count: 330,
    say: { action: 'subscribe', filters: { types: ['sensor_data', 'actuator_alert'], esp_ids: SOME } },
  },
  {
    name: 'readings and alerts',
    count: 330,
    say: { action: 'subscribe', filters: { types: ['sensor_data', 'actuator_alert'] } },
  },
  {
    name: 'the same without a limit',
    count: 10,
    say: { action: 'subscribe', filters: { types: ['sensor_data', 'actuator_alert'] }, rate: 0 },
  },
]
const KEPT = 0.8
const ALERT_MS = 50

const contenders = {
  kaiser: () => startKaiser({ flags: ['--ws-rate', '10'] }),
  peer: startPeer,
} as const
type Name = keyof typeof contenders

interface Round extends Measured {
  realtime: RealtimeOutcome | undefined
}

async function run(name: Name, isHeard: boolean, measureMs: number): Promise<Round> {
  const subject = await contenders[name]()
  const script = fileURLToPath(new URL('realtime-load.js', import.meta.url))
  const listeners = isHeard ? spawnNode(script, { core: 'load', ipc: true }) : undefined
  const ask = async <T>(word: RealtimeJob | 'begin' | 'end'): Promise<T> => {
    listeners!.process.send(word)
    const ended = once(listeners!.process, 'exit').then(() => {
      throw new Error(`the subscribers ended early: ${listeners!.complaint()}`)
    })
    const [answer] = await Promise.race([once(listeners!.process, 'message'), ended])
    return answer as T
  }
  if (listeners)
    await ask({
      host: HOST,
      mqttPort: subject.mqttPort,
      dashboard: {
        port: subject.dashboard.port,
        path: subject.dashboard.path.replace('/bench?', '/bench-{n}?'),
      },
      audiences: AUDIENCES,
      esp_id: SOME[0]!,
      alertEveryMs: 250,
    })
  const load = {
    host: HOST,
    mqttPort: subject.mqttPort,
    clients: CLIENTS,
    sensors: 1,
    rate: PER_SECOND,
    warmupMs: 3_000,
    measureMs,
    latency: true,
  }
  // Alerts from the start, so that both servers have compiled what they need when it is measured.
  listeners?.process.send('begin')
  const { outcome } = startGenerator<Outcome>(
    'load.js',
    load,
    subject.pids,
    { measuring: () => void listeners?.process.send('measure') },
    () => (listeners ? [listeners.pid] : []),
  )
  const measured = await outcome
  const realtime = listeners ? await ask<RealtimeOutcome>('end') : undefined
  await listeners?.stop()
  await subject.stop()
  return { ...measured, realtime }
}

/** What 1,000 subscribers cost, and what they hear. */
export async function realtime({ quick }: Options): Promise<void> {
  const of = {
    kaiser: { alone: [] as Round[], heard: [] as Round[] },
    peer: { alone: [], heard: [] },
  } as Record<Name, { alone: Round[]; heard: Round[] }>
  const names: readonly Name[] = ['kaiser', 'peer']
  for (let n = 0; n < (quick ? 1 : 5); n++)
    for (const name of n % 2 === 0 ? names : names.toReversed())
      for (const how of ['alone', 'heard'] as const)
        of[name][how].push(
          await quietly(
            `round ${n + 1} ${name}, ${how === 'heard' ? '1,000 subscribers' : 'nobody listens'}`,
            () => run(name, how === 'heard', quick ? 5_000 : 10_000),
            ({ ack, realtime: heard }) =>
              `PUBACK p99 ${number(ack!.p99)} ms${heard ? `, alert p99 ${number(heard.frame.p99)} ms` : ''}`,
          ),
        )

  const rate = ({ window }: Round): number => (window.acked * 1000) / window.ms
  const rows = (name: Name): Row[] => {
    const { alone, heard } = of[name]
    const kept = rounds(heard.map((round, n) => rate(round) / rate(alone[n]!)))
    const over = (list: Round[], what: (round: Round) => number): Rounds => rounds(list.map(what))
    const alert = over(heard, (round) => round.realtime!.frame.p99)
    const missed = over(heard, (round) => round.published - round.realtime!.heard.at(-1)!.fewest)
    const own = name === 'kaiser'
    return [
      row(
        `${name}: readings/s with ÷ without subscribers`,
        '×',
        kept,
        own ? { text: `≥ ${KEPT}×`, met: kept.median >= KEPT } : undefined,
      ),
      row(
        `${name}: PUBACK p99, nobody listens`,
        ' ms',
        over(alone, (round) => round.ack!.p99),
      ),
      row(
        `${name}: PUBACK p99, 1,000 subscribers`,
        ' ms',
        over(heard, (round) => round.ack!.p99),
      ),
      row(
        `${name}: alert → frame, p99`,
        ' ms',
        alert,
        own ? { text: `≤ ${ALERT_MS} ms`, met: alert.median <= ALERT_MS } : undefined,
      ),
      row(
        `${name}: readings missed without a limit`,
        '',
        missed,
        own ? { text: '0', met: missed.max === 0 } : undefined,
      ),
      row(
        `${name}: its core, nobody listens`,
        ' %',
        over(alone, (round) => round.around.servers * 100),
      ),
      row(
        `${name}: its core, 1,000 subscribers`,
        ' %',
        over(heard, (round) => round.around.servers * 100),
      ),
    ]
  }
  table(
    `realtime: ${number(PER_SECOND)} readings/s, 1,000 subscribers, ten without a limit, four alerts a second`,
    names.flatMap(rows),
  )
  for (const name of names) {
    const { heard } = of[name]
    const last = heard.at(-1)!.realtime!
    remark(
      `${name}: alerts ${number(last.alerts)}, their frames ${number(last.frame.count)} of ${number(last.expected)}; readings heard: ${last.heard
        .map((kind) => `${kind.name} ${number(kind.readings / kind.sockets)} each`)
        .join(', ')}; sockets lost ${last.heard.reduce((sum, kind) => sum + kind.lost, 0)}`,
    )
  }
}
