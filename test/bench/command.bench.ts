/**
 * From an operator's click, a POST of a command, to the command on the device's socket: 100 clicks a second at random
 * moments on 100 devices with four pumps each, with nothing else to do and while 5,000 readings/s come in. The peer is
 * Mosquitto and the script, asked for the same with the same requests.
 */
import type { CommandJob, CommandOutcome } from './control-job.js'
import { HOST } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Job, type Measured, type Outcome, startGenerator } from './load-job.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, type Row, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { type Quantiles, type Rounds, rounds } from './stats.js'

const DEVICES = 100
/** Pins that every ESP32 has free. */
export const GPIOS = [25, 26, 27, 32] as const
const CLICKS_PER_SECOND = 100
const CASES = [
  { what: 'idle', readings: 0, goalMs: 20 },
  { what: 'at 5,000 readings/s', readings: 5_000, goalMs: 60 },
] as const

const contenders = { kaiser: startKaiser, peer: startPeer } as const
type Name = keyof typeof contenders

interface Round extends Measured<CommandOutcome> {
  /** Readings acknowledged per second meanwhile. */
  readings: number
  /** Commands by how they ended, counted by SQL. */
  ended: Readonly<Record<string, number>>
}

async function run(name: Name, readings: number, measureMs: number): Promise<Round> {
  const subject = await contenders[name]()
  const { mqttPort, dashboard, operator, pids } = subject
  const warmupMs = 3_000
  const job: CommandJob = {
    host: HOST,
    mqttPort,
    operator,
    devices: DEVICES,
    gpios: GPIOS,
    pumps: 'OFF',
    rate: CLICKS_PER_SECOND,
    warmupMs,
    measureMs,
  }
  // They begin before the clicks are measured, and go on until after.
  const load: Job = {
    host: HOST,
    mqttPort,
    dashboard,
    clients: 50,
    sensors: 1,
    rate: readings,
    warmupMs: warmupMs / 2,
    measureMs: warmupMs / 2 + measureMs,
    latency: false,
  }
  let beside: { pid: number; outcome: Promise<Measured<Outcome>> } | undefined
  const connected = (): void => {
    if (readings > 0) beside = startGenerator<Outcome>('load.js', load, [])
  }
  const pidsBeside = (): number[] => (beside === undefined ? [] : [beside.pid])
  const outcome = await startGenerator<CommandOutcome>(
    'command-load.js',
    job,
    pids,
    { connected },
    pidsBeside,
  ).outcome
  const stored = await beside?.outcome
  const { commands } = await subject.stop()
  return {
    ...outcome,
    readings: stored === undefined ? 0 : (stored.window.acked * 1000) / stored.window.ms,
    ended: commands,
  }
}

/** A click until it is at the device, against the peer. */
export async function command({ quick }: Options): Promise<void> {
  const rows: Row[] = []
  const notes: string[] = []
  for (const { what, readings, goalMs } of CASES) {
    const all = { kaiser: [] as Round[], peer: [] as Round[] }
    for (let n = 0; n < (quick ? 2 : 5); n++) {
      const names: readonly Name[] = ['kaiser', 'peer']
      for (const name of n % 2 === 0 ? names : names.toReversed())
        all[name].push(
          await quietly(
            `${what}, round ${n + 1} ${name}`,
            () => run(name, readings, quick ? 4_000 : 10_000),
            (r) => `p50 ${number(r.all.p50)} ms, p99 ${number(r.all.p99)} ms`,
          ),
        )
    }
    const over = (name: Name, of: 'all' | 'on' | 'off' | 'answer', p: keyof Quantiles): Rounds =>
      rounds(all[name].map((r) => r[of][p]))
    const ratio = (p: 'p50' | 'p99'): Rounds =>
      rounds(all.kaiser.map((r, i) => r.all[p] / all.peer[i]!.all[p]))
    const p99 = over('kaiser', 'all', 'p99')
    rows.push(
      row(`${what}: kaiser, p50`, ' ms', over('kaiser', 'all', 'p50')),
      row(`${what}: kaiser, p99`, ' ms', p99, { text: `≤ ${goalMs} ms`, met: p99.median <= goalMs }),
      row(`${what}: peer, p50`, ' ms', over('peer', 'all', 'p50')),
      row(`${what}: peer, p99`, ' ms', over('peer', 'all', 'p99')),
      row(`${what}: kaiser ÷ peer, p50 (less is faster)`, '×', ratio('p50')),
      row(`${what}: kaiser ÷ peer, p99`, '×', ratio('p99')),
      ...(['kaiser', 'peer'] as const).flatMap((name) => [
        row(`${what}: ${name}, ON, p99`, ' ms', over(name, 'on', 'p99')),
        row(`${what}: ${name}, OFF, p99`, ' ms', over(name, 'off', 'p99')),
        row(`${what}: ${name}, request → answer, p99`, ' ms', over(name, 'answer', 'p99')),
      ]),
    )
    for (const [name, list] of Object.entries(all)) notes.push(`${what}, ${name}: ${account(list)}`)
  }
  table(
    `command: POST → command on the device's socket, ${CLICKS_PER_SECOND} clicks/s, ${DEVICES} devices, ${GPIOS.length} pumps each`,
    rows,
  )
  for (const note of notes) remark(note)
}

function account(list: readonly Round[]): string {
  const sum = (of: (r: Round) => number): string =>
    list.reduce((total, r) => total + of(r), 0).toLocaleString('en-US')
  const share = (of: (r: Round) => number): string => `${Math.round(rounds(list.map(of)).median * 100)} %`
  const exact = list.every((r) => r.ended.done === r.accepted && r.lost === 0 && r.strays === 0)
  const ended = Object.keys(Object.assign({}, ...list.map((r) => r.ended)) as object)
  const refusal = list.find((r) => r.refusal !== undefined)?.refusal
  return (
    `accepted ${sum((r) => r.accepted)}, by SQL ${ended.map((state) => `${state} ${sum((r) => r.ended[state] ?? 0)}`).join(', ')} ${exact ? '✓' : '✗'}, ` +
    `lost ${sum((r) => r.lost)}, not asked for ${sum((r) => r.strays)}, refused ${sum((r) => r.refused)}${refusal === undefined ? '' : ` (${refusal})`}; ` +
    `readings ${number(rounds(list.map((r) => r.readings)).median)}/s; its core ${share((r) => r.around.servers)} used, ` +
    `the clicks' generator ${share((r) => r.load)}, by others ${share((r) => r.around.others)}`
  )
}
