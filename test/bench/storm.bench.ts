/** Everybody comes back at once: 2,000 devices reconnect within one second, and one client that was there all along. */
import { fileURLToPath } from 'node:url'
import { HOST, spawnNode } from './harness.js'
import { startKaiser } from './kaiser.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { rounds } from './stats.js'
import type { StormJob, StormOutcome } from './storm-load.js'

const DEVICES = 2_000
const GOAL = { lastMs: 3_000, witness: 250 }

async function run(): Promise<StormOutcome> {
  const subject = await startKaiser()
  const child = spawnNode(fileURLToPath(new URL('storm-load.js', import.meta.url)), {
    core: 'load',
    ipc: true,
  })
  const outcome = await new Promise<StormOutcome>((resolve, reject) => {
    child.process.once('message', resolve)
    child.process.once('exit', (code) =>
      reject(new Error(`the storm ended with ${code}: ${child.complaint()}`)),
    )
    child.process.send({
      host: HOST,
      mqttPort: subject.mqttPort,
      devices: DEVICES,
      withinMs: 1_000,
      witness: 100,
    } satisfies StormJob)
  })
  await subject.stop()
  return outcome
}

/** 2,000 devices at once. */
export async function storm({ quick }: Options): Promise<void> {
  const outcomes: StormOutcome[] = []
  for (let n = 0; n < (quick ? 1 : 5); n++) outcomes.push(await run())
  const last = rounds(outcomes.map(({ lastMs }) => lastMs))
  const witness = rounds(outcomes.map((outcome) => outcome.witness.p99))
  table(`storm: ${number(DEVICES)} devices reconnect within one second (CONNECT, 6 SUBSCRIBEs, heartbeat)`, [
    row('until the last is served', ' ms', last, {
      text: `≤ ${GOAL.lastMs} ms`,
      met: last.median <= GOAL.lastMs,
    }),
    row('a device, p99', ' ms', rounds(outcomes.map(({ each }) => each.p99))),
    row('PUBACK of a well-behaved client meanwhile, p99', ' ms', witness, {
      text: `≤ ${GOAL.witness} ms`,
      met: witness.median <= GOAL.witness,
    }),
    row('the same before, p99', ' ms', rounds(outcomes.map(({ calm }) => calm.p99))),
  ])
  remark(`served ${outcomes.map(({ served }) => number(served)).join(', ')} of ${number(DEVICES)}`)
}
