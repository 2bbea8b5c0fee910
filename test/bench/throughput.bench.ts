/**
 * Durable readings per second, closed loop: 50 publishers with 10 readings in flight each and one dashboard.
 * The peer runs twice: as it comes (in flight until Mosquitto's PUBACK, which promises nothing, so that it
 * acknowledges more than it stores), and held to kaiser's promise (in flight until the row is synced).
 */
import { HOST } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, type Outcome, runLoad, type Surroundings } from './load-job.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { type Rounds, rounds } from './stats.js'
import type { Stored, Subject } from './subject.js'

const CLIENTS = 50
const IN_FLIGHT = 10
const GOAL = 1.5

/** `ahead` bounds what is published and not stored yet. */
interface Contender {
  label: string
  begin: () => Promise<Subject>
  ahead?: number
  rounds: Round[]
}

interface Round {
  perSecond: number
  outcome: Measured
  rows: number
  around: Surroundings
}

/** One round of one contender, started and stopped for it. */
async function run({ begin, ahead }: Contender, warmupMs: number, measureMs: number): Promise<Round> {
  const subject = await begin()
  let from: Promise<Stored> | undefined
  let to: Promise<Stored> | undefined
  const outcome = await runLoad(
    {
      host: HOST,
      mqttPort: subject.mqttPort,
      dashboard: subject.dashboard,
      clients: CLIENTS,
      sensors: 4,
      window: IN_FLIGHT,
      ...(ahead === undefined ? {} : { ahead }),
      awaitFrames: subject.name === 'peer',
      warmupMs,
      measureMs,
      latency: false,
    },
    subject.pids,
    {
      measuring: () => {
        from = subject.stored?.()
      },
      measured: () => {
        to = subject.stored?.()
      },
    },
  )
  const [a, b] = [await from, await to]
  const { rows } = await subject.stop()
  const stored =
    a !== undefined && b !== undefined ? ((b.stored - a.stored) * 1000) / (b.at - a.at) : undefined
  return { perSecond: stored ?? perSecond(outcome, 'acked'), outcome, rows, around: outcome.around }
}

const perSecond = ({ window }: Outcome, what: 'acked' | 'frames'): number => (window[what] * 1000) / window.ms
const percent = (share: number): string => `${Math.round(share * 100)} %`

function account({ label, rounds: list }: Contender): void {
  const sum = (of: (r: Round) => number): string => number(list.reduce((total, r) => total + of(r), 0))
  const middle = (of: (r: Round) => number): number => rounds(list.map(of)).median
  const exact = list.every((r) => r.rows === r.outcome.published && r.outcome.acked === r.outcome.published)
  remark(
    `${label}: published ${sum((r) => r.outcome.published)}, acknowledged ${sum((r) => r.outcome.acked)}, rows by SQL ${sum((r) => r.rows)} ` +
      `${exact ? '✓' : '✗'}, frames ${sum((r) => r.outcome.frames)}; its core ${percent(middle((r) => r.around.servers))} used, the load's ${percent(middle((r) => r.outcome.window.load))}, by others ${percent(middle((r) => r.around.others))}`,
  )
}

/** Durable, acknowledged readings per second against the peer. */
export async function throughput({ quick }: Options): Promise<void> {
  const kaiser: Contender = { label: 'kaiser', begin: startKaiser, rounds: [] }
  const peer: Contender = { label: 'peer', begin: startPeer, rounds: [] }
  const held: Contender = { label: 'peer, held', begin: startPeer, ahead: CLIENTS * IN_FLIGHT, rounds: [] }
  const all = quick ? [kaiser, peer] : [kaiser, peer, held]
  for (let n = 0; n < (quick ? 3 : 5); n++) {
    for (const contender of n % 2 === 0 ? all : all.toReversed()) {
      const once = (): Promise<Round> => run(contender, quick ? 2000 : 3000, quick ? 3000 : 5000)
      contender.rounds.push(
        await quietly(`round ${n + 1} ${contender.label}`, once, (r) => `${number(r.perSecond)}/s`),
      )
    }
  }
  const rates = ({ rounds: list }: Contender): Rounds => rounds(list.map((r) => r.perSecond))
  const over = (other: Contender): Rounds =>
    rounds(kaiser.rounds.map((r, i) => r.perSecond / other.rounds[i]!.perSecond))
  const ratio = over(peer)
  const frames = ({ rounds: list }: Contender): Rounds =>
    rounds(list.map((r) => perSecond(r.outcome, 'frames')))
  table(
    `throughput: durable readings/s, ${CLIENTS} clients, QoS 1, ${IN_FLIGHT} in flight each, one dashboard`,
    [
      row('kaiser: acknowledged, so stored', '/s', rates(kaiser)),
      row('peer: stored', '/s', rates(peer)),
      row(
        'peer: acknowledged, stored or not',
        '/s',
        rounds(peer.rounds.map((r) => perSecond(r.outcome, 'acked'))),
      ),
      row('kaiser ÷ peer, stored', '×', ratio, { text: `≥ ${GOAL}×, aim 2×`, met: ratio.median >= GOAL }),
      ...(quick
        ? []
        : [
            row('peer held to our promise: stored', '/s', rates(held)),
            row('kaiser ÷ peer held', '×', over(held)),
          ]),
      row('frames to the dashboard, kaiser', '/s', frames(kaiser)),
      row('frames to the dashboard, peer', '/s', frames(peer)),
    ],
  )
  for (const contender of all) account(contender)
}
