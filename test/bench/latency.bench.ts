/**
 * How long one reading takes at 1,000 readings/s, open loop, 50 publishers: from the write of the PUBLISH to its
 * PUBACK (kaiser: the row is synced) or to the peer's synced commit, and to the frame at the dashboard.
 * Nobody waits for anybody here, so a stall shows in every reading it delays.
 */
import { HOST, tempDir } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, type Outcome, runLoad } from './load-job.js'
import { syncCost } from './machine.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { type Quantiles, type Rounds, rounds } from './stats.js'
import type { Subject } from './subject.js'

const CLIENTS = 50
const PER_SECOND = 1000

interface Round extends Measured {
  name: Subject['name']
  /** The promise: kaiser's acknowledgement, the peer's commit. */
  durable: Quantiles | undefined
}

async function run(begin: () => Promise<Subject>, measureMs: number): Promise<Round> {
  const subject = await begin()
  const outcome = await runLoad(
    {
      host: HOST,
      mqttPort: subject.mqttPort,
      dashboard: subject.dashboard,
      clients: CLIENTS,
      sensors: 1,
      rate: PER_SECOND,
      warmupMs: 4000,
      measureMs,
      latency: true,
    },
    subject.pids,
  )
  await subject.stop()
  return { ...outcome, name: subject.name, durable: subject.name === 'kaiser' ? outcome.ack : outcome.stored }
}

/** Latencies against the peer, and against what the disk costs. */
export async function latency({ quick }: Options): Promise<void> {
  const of = { kaiser: [] as Round[], peer: [] as Round[] }
  const sync: Quantiles[] = []
  const dir = tempDir()
  for (let n = 0; n < (quick ? 3 : 5); n++) {
    for (const begin of n % 2 === 0 ? [startKaiser, startPeer] : [startPeer, startKaiser]) {
      sync.push(syncCost(dir.path))
      const once = (): Promise<Round> => run(begin, quick ? 5000 : 10_000)
      const round = await quietly(
        `round ${n + 1}`,
        once,
        ({ name, durable, frame }) =>
          `${name} durable p99 ${number(durable!.p99)} ms, frame p99 ${number(frame!.p99)} ms`,
      )
      of[round.name].push(round)
    }
  }
  dir.remove()
  const over = (list: Outcome[], what: 'ack' | 'frame' | 'stored', p: 'p50' | 'p99'): Rounds =>
    rounds(list.map((outcome) => outcome[what]?.[p] ?? Number.NaN))
  const disk = rounds(sync.map((s) => s.p99))
  const stored = over(of.peer, 'stored', 'p99')
  const acked = over(of.kaiser, 'ack', 'p99')
  const frame = over(of.kaiser, 'frame', 'p99')
  const peerFrame = over(of.peer, 'frame', 'p99')
  const allowed = stored.median + 2 * disk.median
  table(`latency: ${number(PER_SECOND)} readings/s offered, ${CLIENTS} clients, QoS 1, one dashboard`, [
    row('kaiser: publish → PUBACK, p50', ' ms', over(of.kaiser, 'ack', 'p50')),
    row('kaiser: publish → PUBACK, p99', ' ms', acked, {
      text: `≤ ${number(allowed)} ms (peer stored + 2 syncs)`,
      met: acked.median <= allowed,
    }),
    row('peer: publish → row synced, p50', ' ms', over(of.peer, 'stored', 'p50')),
    row('peer: publish → row synced, p99', ' ms', stored),
    row('disk: fdatasync of 4 KB, p99', ' ms', disk),
    row('kaiser: publish → frame, p50', ' ms', over(of.kaiser, 'frame', 'p50')),
    row('kaiser: publish → frame, p99', ' ms', frame, {
      text: `≤ ${number(peerFrame.median)} ms (peer)`,
      met: frame.median <= peerFrame.median,
    }),
    row('peer: publish → frame, p50', ' ms', over(of.peer, 'frame', 'p50')),
    row('peer: publish → frame, p99', ' ms', peerFrame),
  ])
  for (const [name, list] of Object.entries(of)) {
    const rate = rounds(list.map((o) => (o.window.acked * 1000) / o.window.ms)).median
    const count = (what: 'ack' | 'frame'): string => list.map((o) => number(o[what]?.count ?? 0)).join(', ')
    remark(
      `${name}: acknowledged ${number(rate)}/s; matched acknowledgements ${count('ack')}, frames ${count('frame')}`,
    )
  }
}
