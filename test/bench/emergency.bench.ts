/**
 * Somebody stops everything: 500 connected devices with four pumps each, all on. Until the last device's socket has the
 * stop and an OFF for each of its pumps, against Mosquitto and the script. Each round is the first stop that a fresh
 * server ever sees, because nobody rehearses one.
 */
import { GPIOS } from './command.bench.js'
import type { EmergencyJob, EmergencyOutcome } from './control-job.js'
import { HOST } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, runGenerator } from './load-job.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { type Rounds, rounds } from './stats.js'

const DEVICES = 500
const GOAL_MS = 150

const contenders = { kaiser: startKaiser, peer: startPeer } as const
type Name = keyof typeof contenders

interface Round extends Measured<EmergencyOutcome> {
  /** Commands by how they ended, counted by SQL. */
  ended: Readonly<Record<string, number>>
}

async function run(name: Name): Promise<Round> {
  const subject = await contenders[name]()
  const job: EmergencyJob = {
    host: HOST,
    mqttPort: subject.mqttPort,
    operator: subject.operator,
    devices: DEVICES,
    gpios: GPIOS,
    pumps: 'ON',
    settleMs: 2_000,
    withinMs: 10_000,
  }
  const outcome = await runGenerator<EmergencyOutcome>('emergency-load.js', job, subject.pids)
  const { commands } = await subject.stop()
  return { ...outcome, ended: commands }
}

/** An emergency stop of everything, against the peer. */
export async function emergency({ quick }: Options): Promise<void> {
  const all = { kaiser: [] as Round[], peer: [] as Round[] }
  for (let n = 0; n < (quick ? 3 : 7); n++) {
    const names: readonly Name[] = ['kaiser', 'peer']
    for (const name of n % 2 === 0 ? names : names.toReversed())
      all[name].push(
        await quietly(
          `round ${n + 1} ${name}`,
          () => run(name),
          (r) => `the last device after ${number(r.allMs)} ms`,
        ),
      )
  }
  const over = (name: Name, of: 'firstMs' | 'stopMs' | 'allMs' | 'answerMs'): Rounds =>
    rounds(all[name].map((r) => r[of]))
  const ratio = (of: 'stopMs' | 'allMs'): Rounds => rounds(all.kaiser.map((r, i) => r[of] / all.peer[i]![of]))
  /** What its processes worked for it, ms: it moves less than a time does on a busy machine. */
  const work = ({ around, windowMs }: Round): number => around.servers * windowMs
  const [stop, whole] = [over('kaiser', 'stopMs'), over('kaiser', 'allMs')]
  const goal = ({ median }: Rounds) => ({ text: `≤ ${GOAL_MS} ms`, met: median <= GOAL_MS })
  table(
    `emergency: POST → the last of ${DEVICES} devices has the stop, and OFF for ${GPIOS.length} pumps each`,
    [
      row('kaiser: the last has the stop', ' ms', stop, goal(stop)),
      row('kaiser: the last has the stop and every OFF', ' ms', whole, goal(whole)),
      row('peer: the last has the stop', ' ms', over('peer', 'stopMs')),
      row('peer: the last has the stop and every OFF', ' ms', over('peer', 'allMs')),
      row('kaiser ÷ peer: the stop (less is faster)', '×', ratio('stopMs')),
      row('kaiser ÷ peer: the stop and every OFF', '×', ratio('allMs')),
      row('kaiser: the first has the stop', ' ms', over('kaiser', 'firstMs')),
      row('peer: the first has the stop', ' ms', over('peer', 'firstMs')),
      row('kaiser: request → answer', ' ms', over('kaiser', 'answerMs')),
      row('peer: request → answer', ' ms', over('peer', 'answerMs')),
      row('kaiser: CPU time, with all acknowledgements', ' ms', rounds(all.kaiser.map(work))),
      row('peer: CPU time, with all acknowledgements', ' ms', rounds(all.peer.map(work))),
    ],
  )
  for (const [name, list] of Object.entries(all)) remark(`${name}: ${account(list)}`)
}

function account(list: readonly Round[]): string {
  const sum = (of: (r: Round) => number): string =>
    list.reduce((total, r) => total + of(r), 0).toLocaleString('en-US')
  const share = (of: (r: Round) => number): string => `${Math.round(rounds(list.map(of)).median * 100)} %`
  const ended = Object.keys(Object.assign({}, ...list.map((r) => r.ended)) as object)
  const exact = list.every((r) => r.missing === 0 && r.ended.done === DEVICES * GPIOS.length)
  return (
    `devices that never had all of it ${sum((r) => r.missing)}; commands by SQL ${ended.map((state) => `${state} ${sum((r) => r.ended[state] ?? 0)}`).join(', ')} ${exact ? '✓' : '✗'}; ` +
    `the generator used ${share((r) => r.load)} of its core meanwhile, others ${share((r) => r.around.others)}`
  )
}
