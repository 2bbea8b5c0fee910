/**
 * Resident memory (VmRSS) of kaiser alone: idle after 10 s, then with 1,000 devices connected that send a reading
 * every 10 s each. The highest value seen counts, not the last.
 */
import { residentMb } from './cpu.js'
import { HOST, sleep } from './harness.js'
import { startKaiser } from './kaiser.js'
import { runLoad } from './load-job.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { rounds } from './stats.js'

const DEVICES = 1000
const PER_SECOND = DEVICES / 10
const IDLE_MS = 10_000
const GOAL = { idle: 130, loaded: 170 }

/** Memory idle and with a thousand devices. */
export async function memory({ quick }: Options): Promise<void> {
  const subject = await startKaiser()
  const pid = subject.pids[0]!
  await sleep(IDLE_MS)
  const idle = residentMb(pid)
  const seen: number[] = []
  const watch = setInterval(() => seen.push(residentMb(pid)), 500)
  const outcome = await runLoad(
    {
      host: HOST,
      mqttPort: subject.mqttPort,
      clients: DEVICES,
      sensors: 1,
      rate: PER_SECOND,
      warmupMs: 0,
      measureMs: quick ? 25_000 : 60_000,
      latency: false,
    },
    [pid],
  ).finally(() => clearInterval(watch))
  const { rows } = await subject.stop()
  const most = Math.max(...seen)
  const at = (value: number): { median: number; min: number; max: number } => rounds([value])
  table(`memory: resident set of kaiser (MB = 10^6 bytes)`, [
    row(`idle after ${IDLE_MS / 1000} s`, ' MB', at(idle), {
      text: `≤ ${GOAL.idle} MB`,
      met: idle <= GOAL.idle,
    }),
    row(`${number(DEVICES)} devices, a reading per 10 s each: highest`, ' MB', at(most), {
      text: `≤ ${GOAL.loaded} MB`,
      met: most <= GOAL.loaded,
    }),
    row('the same, at the end', ' MB', at(seen.at(-1) ?? Number.NaN)),
  ])
  remark(
    `published ${number(outcome.published)}, acknowledged ${number(outcome.acked)}, rows ${number(rows)}, connections lost ${outcome.closed}`,
  )
}
