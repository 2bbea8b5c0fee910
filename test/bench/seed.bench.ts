/**
 * The seed's own table: 500 readings/s, and how long a handler, a write and a broadcast take, as kaiser itself says
 * under `subscriber.latency` of `/api/v1/health/detailed`. The figures are since its start, warm-up included.
 */
import { HOST } from './harness.js'
import { startKaiser } from './kaiser.js'
import { runLoad, type Surroundings } from './load-job.js'
import type { Options } from './options.js'
import { number, type Row, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { rounds } from './stats.js'
import type { HealthQuantiles, Latency } from './subject.js'

const PER_SECOND = 500
const GOALS = [
  ['handler', 50],
  ['db_write', 20],
  ['broadcast', 10],
] as const
const PLAIN = ['sync', 'ack'] as const

interface Round {
  acked: number
  latency: Latency
  around: Surroundings
}

async function run(measureMs: number): Promise<Round> {
  const subject = await startKaiser()
  const { window, around } = await runLoad(
    {
      host: HOST,
      mqttPort: subject.mqttPort,
      dashboard: subject.dashboard,
      clients: 50,
      sensors: 1,
      rate: PER_SECOND,
      warmupMs: 2000,
      measureMs,
      latency: false,
    },
    subject.pids,
  )
  const latency = (await subject.health!()).subscriber?.latency ?? {}
  await subject.stop()
  return { acked: (window.acked * 1000) / window.ms, latency, around }
}

/** The seed's performance table, live. */
export async function seed({ quick }: Options): Promise<void> {
  const seen: Partial<Record<(typeof GOALS)[number][0] | (typeof PLAIN)[number], HealthQuantiles[]>> = {}
  const acked: number[] = []
  for (let n = 0; n < (quick ? 1 : 3); n++) {
    const round = await quietly(
      `round ${n + 1}`,
      () => run(quick ? 5000 : 10_000),
      (r) => `${number(r.acked)}/s`,
    )
    acked.push(round.acked)
    for (const name of [...GOALS.map(([name]) => name), ...PLAIN]) {
      const value = round.latency[name]
      if (value !== undefined) seen[name] = [...(seen[name] ?? []), value]
    }
  }
  const line = (name: keyof typeof seen, p: 'p50_ms' | 'p99_ms' | 'max_ms', goal?: number): Row => {
    const values = seen[name]
    const what = `${name} ${p.slice(0, -3)}`
    if (values === undefined) return { what, figure: 'not reported' }
    const over = rounds(values.map((v) => v[p]))
    return row(
      what,
      ' ms',
      over,
      goal === undefined ? undefined : { text: `< ${goal} ms`, met: over.median < goal },
    )
  }
  table(`seed: its own table at ${PER_SECOND} readings/s, from /api/v1/health/detailed`, [
    row('acknowledged', '/s', rounds(acked)),
    ...GOALS.flatMap(([name, goal]) => [line(name, 'p99_ms', goal), line(name, 'max_ms')]),
    ...PLAIN.map((name) => line(name, 'p99_ms')),
  ])
  remark(
    `samples: ${
      Object.entries(seen)
        .map(([name, list]) => `${name} ${number(list[0]?.count ?? 0)}`)
        .join(', ') || 'none'
    }`,
  )
}
