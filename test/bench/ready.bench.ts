/**
 * From the spawn of the process to the ready file, on one core: all listeners accept and the database is open.
 * Once with a fresh data directory each time, and on one that has been in use and stopped cleanly.
 */
import { join } from 'node:path'
import { HOST, tempDir } from './harness.js'
import { startBare } from './kaiser.js'
import { runLoad } from './load-job.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { rounds } from './stats.js'

const RUNS = 7
const GOAL_MS = 1000
const USED = { readings: 20_000, ms: 4000 }

async function time(data: string): Promise<number> {
  const { child, readyMs } = await startBare(data)
  await child.stop()
  return readyMs
}

/** Start-up time. */
export async function ready(_: Options): Promise<void> {
  const fresh: number[] = []
  for (let n = 0; n < RUNS; n++) {
    const dir = tempDir()
    fresh.push(await time(join(dir.path, 'data')))
    dir.remove()
  }
  const dir = tempDir()
  const data = join(dir.path, 'data')
  const { child, ready } = await startBare(data)
  const outcome = await runLoad(
    {
      host: HOST,
      mqttPort: ready.mqtt_port,
      clients: 50,
      sensors: 4,
      rate: (USED.readings * 1000) / USED.ms,
      warmupMs: 0,
      measureMs: USED.ms,
      latency: false,
    },
    [child.pid],
  )
  await child.stop()
  const used: number[] = []
  for (let n = 0; n < RUNS; n++) used.push(await time(data))
  dir.remove()
  const goal = (values: number[]): { text: string; met: boolean } => ({
    text: `≤ ${number(GOAL_MS)} ms`,
    met: rounds(values).median <= GOAL_MS,
  })
  table(`ready: from spawn to ready file, ${RUNS} starts each, on one core`, [
    row('fresh data directory', ' ms', rounds(fresh), goal(fresh)),
    row('existing data directory', ' ms', rounds(used), goal(used)),
  ])
  remark(`the existing one holds ${number(outcome.acked)} readings of 200 sensors`)
}
