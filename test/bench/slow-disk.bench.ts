/**
 * A disk that takes 30 ms per sync (`slow-sync.c`, preloaded) and 200 readings/s offered, as from an old SD card:
 * how many are acknowledged durably per second, and whether the event loop ever waits for the disk.
 * The loop is watched by `loop-delay.ts` from outside, at a resolution of 1 ms.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HOST, tempDir, until } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Outcome, runLoad, type Surroundings } from './load-job.js'
import type { LoopDelay } from './loop-delay.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { type Rounds, rounds } from './stats.js'
import type { Subject, SubjectOptions } from './subject.js'

const CLIENTS = 50
const PER_SECOND = 200
const SLOW_MS = 30
const GOAL = { perSecond: 190, loopMs: 10 }

/** Does the shim reach both ways of syncing, Node's and SQLite's? */
const PROBE = `
const { fdatasyncSync, openSync, writeSync } = require('node:fs')
const db = new (require('better-sqlite3'))(process.argv[1] + '/probe.db')
db.pragma('journal_mode = WAL'); db.pragma('synchronous = FULL'); db.exec('CREATE TABLE t (a)')
const took = (work) => { const at = performance.now(); work(); return performance.now() - at }
const file = openSync(process.argv[1] + '/probe', 'a')
writeSync(file, 'x')
console.log(JSON.stringify([took(() => fdatasyncSync(file)), took(() => db.exec('INSERT INTO t VALUES (1)'))]))`

interface Round {
  name: Subject['name']
  outcome: Outcome
  loop: LoopDelay
  around: Surroundings
}

/** One round, with the loop's quantiles of exactly the measured window. */
async function run(
  begin: (o: SubjectOptions) => Promise<Subject>,
  env: Record<string, string>,
  measureMs: number,
): Promise<Round> {
  const watch = new URL('loop-delay.js', import.meta.url).href
  const dir = tempDir()
  const file = join(dir.path, 'loop.json')
  const subject = await begin({ env: { ...env, LOOP_DELAY_FILE: file }, nodeArgs: ['--import', watch] })
  const ask = (): void => void process.kill(subject.pids[0]!, 'SIGUSR2')
  let loop: Promise<LoopDelay> | undefined
  const outcome = await runLoad(
    {
      host: HOST,
      mqttPort: subject.mqttPort,
      dashboard: subject.dashboard,
      clients: CLIENTS,
      sensors: 1,
      rate: PER_SECOND,
      warmupMs: 2000,
      measureMs,
      latency: true,
    },
    subject.pids,
    {
      measuring: ask,
      measured: () => {
        rmSync(file, { force: true })
        ask()
        const read = (): LoopDelay | undefined =>
          existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LoopDelay) : undefined
        loop = until(read, 5000, () => `${subject.name} did not report its event loop`)
        loop.catch(() => {})
      },
    },
  )
  const seen = await loop!
  await subject.stop()
  dir.remove()
  return { name: subject.name, outcome, loop: seen, around: outcome.around }
}

/** Acknowledgements and event loop when every sync takes 30 ms. */
export async function slowDisk({ quick }: Options): Promise<void> {
  const dir = tempDir()
  const shim = join(dir.path, 'slow-sync.so')
  const source = fileURLToPath(new URL('../../../test/bench/slow-sync.c', import.meta.url))
  execFileSync('gcc', ['-shared', '-fPIC', '-O2', '-o', shim, source, '-ldl'])
  const env = { LD_PRELOAD: shim, SLOW_SYNC_MS: String(SLOW_MS) }
  const probe = execFileSync(process.execPath, ['-e', PROBE, dir.path], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  const [node, sqlite] = JSON.parse(probe) as [number, number]
  if (node < SLOW_MS || sqlite < SLOW_MS)
    throw new Error(`the slow disk is not slow: fdatasync ${node} ms, commit ${sqlite} ms`)

  const of = { kaiser: [] as Round[], peer: [] as Round[] }
  for (let n = 0; n < (quick ? 1 : 3); n++) {
    for (const begin of n % 2 === 0 ? [startKaiser, startPeer] : [startPeer, startKaiser]) {
      const once = (): Promise<Round> => run(begin, env, quick ? 5000 : 10_000)
      const round = await quietly(
        `round ${n + 1}`,
        once,
        ({ name, loop }) => `${name} loop p99 ${number(loop.p99_ms)} ms, max ${number(loop.max_ms)} ms`,
      )
      of[round.name].push(round)
    }
  }
  dir.remove()
  const over = (list: Round[], value: (r: Round) => number | undefined): Rounds =>
    rounds(list.map((r) => value(r) ?? Number.NaN))
  const acked = over(of.kaiser, (r) => (r.outcome.window.acked * 1000) / r.outcome.window.ms)
  const loop = over(of.kaiser, (r) => r.loop.p99_ms)
  table(
    `slow disk: ${SLOW_MS} ms per sync, ${PER_SECOND} readings/s offered, ${CLIENTS} clients, one dashboard`,
    [
      row('kaiser: acknowledged', '/s', acked, {
        text: `≥ ${GOAL.perSecond}/s`,
        met: acked.median >= GOAL.perSecond,
      }),
      row('kaiser: event-loop delay p99', ' ms', loop, {
        text: `≤ ${GOAL.loopMs} ms`,
        met: loop.median <= GOAL.loopMs,
      }),
      row(
        'kaiser: event-loop delay max',
        ' ms',
        over(of.kaiser, (r) => r.loop.max_ms),
      ),
      row(
        'kaiser: publish → PUBACK p50',
        ' ms',
        over(of.kaiser, (r) => r.outcome.ack?.p50),
      ),
      row(
        'kaiser: publish → PUBACK p99',
        ' ms',
        over(of.kaiser, (r) => r.outcome.ack?.p99),
      ),
      row(
        'kaiser: publish → frame p99',
        ' ms',
        over(of.kaiser, (r) => r.outcome.frame?.p99),
      ),
      row(
        'peer: stored',
        '/s',
        over(of.peer, (r) => (r.outcome.window.frames * 1000) / r.outcome.window.ms),
      ),
      row(
        'peer: event-loop delay p99',
        ' ms',
        over(of.peer, (r) => r.loop.p99_ms),
      ),
      row(
        'peer: publish → row synced p99',
        ' ms',
        over(of.peer, (r) => r.outcome.stored?.p99),
      ),
      row(
        'peer: publish → frame p99',
        ' ms',
        over(of.peer, (r) => r.outcome.frame?.p99),
      ),
    ],
  )
  remark(
    `the shim: an fdatasync takes ${number(node)} ms, a commit with synchronous=FULL ${number(sqlite)} ms`,
  )
  remark(
    'event-loop delay: time between firings of a 1 ms timer, monitorEventLoopDelay({ resolution: 1 }); an idle loop shows a little over 1',
  )
}
