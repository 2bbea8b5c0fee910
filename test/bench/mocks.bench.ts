/**
 * What mock devices cost the server that runs them: 1,000 with a reading per 5 s and a heartbeat per minute, inside
 * kaiser, and the same 1,000 over TCP from `kaiser sim`. The server's CPU beside each other, and its heap.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { devicesOf, findProfile } from '../../sim/profiles/index.js'
import { watchCores } from './cpu.js'
import { watchDisk } from './disk.js'
import { type Child, HOST, sleep, spawnNode, tempDir, until } from './harness.js'
import { startKaiser } from './kaiser.js'
import type { Surroundings } from './load-job.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { rounds } from './stats.js'
import type { Subject } from './subject.js'

const MOCKS = 1_000
const PROFILE = findProfile('mixed')!
const INTERVAL_S = 5
const PER_SECOND = MOCKS / INTERVAL_S
/** That many are asked for at the same time. */
const AT_ONCE = 20
const UP_WITHIN_MS = 120_000
const GOAL = { core: 0.05, heap_kb: 40 }

/** Makes them run inside the server. */
async function inside({ operator }: Subject): Promise<void> {
  const planned = devicesOf(PROFILE, MOCKS, { interval_seconds: INTERVAL_S })
  const make = async (): Promise<void> => {
    for (let next = planned.pop(); next; next = planned.pop()) {
      const { esp_id, config } = next
      const answer = await fetch(`http://${operator.host}:${operator.port}/api/v1/debug/mock-esp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${operator.token}` },
        body: JSON.stringify({
          ...{ esp_id, zone_id: config.zone_id, zone_name: config.zone_name, auto_heartbeat: true },
          sensors: Object.values(config.sensors),
        }),
      })
      if (answer.status !== 201)
        throw new Error(`${esp_id} was not made: ${answer.status} ${await answer.text()}`)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, make))
}

/** The same, from a process of their own. */
const outside = ({ mqttPort }: Subject): Child =>
  spawnNode(join('bin', 'kaiser'), {
    core: 'load',
    args: [
      ...['sim', '--broker', `mqtt://${HOST}:${mqttPort}`, '--profile', PROFILE.name],
      ...['--devices', String(MOCKS), '--interval', `${INTERVAL_S}s`],
    ],
  })

interface Round {
  /** Of one core, and of the heap in KB. */
  core: number
  heap: number
  rate: number
  around: Surroundings
}

async function measure(where: 'inside' | 'outside', windowMs: number): Promise<Round> {
  const dir = tempDir()
  const heapFile = join(dir.path, 'heap')
  const subject = await startKaiser({
    env: { HEAP_USED_FILE: heapFile },
    nodeArgs: ['--expose-gc', '--import', new URL('./heap-used.js', import.meta.url).href],
  })
  const [pid] = subject.pids as [number]
  const heapKb = async (): Promise<number> => {
    rmSync(heapFile, { force: true })
    process.kill(pid, 'SIGUSR2')
    const read = (): number | undefined =>
      existsSync(heapFile) ? Number(readFileSync(heapFile, 'utf8')) : undefined
    return (await until(read, 10_000, () => 'the server did not say how large its heap is')) / 1024
  }
  /** How many messages it has taken so far. */
  const taken = async (): Promise<number> =>
    (await subject.health!()).subscriber?.messages_processed ?? Number.NaN

  const before = await heapKb()
  const load = where === 'outside' ? outside(subject) : undefined
  if (!load) await inside(subject)
  // Each says several things when it comes, and then one per interval.
  const giveUp = Date.now() + UP_WITHIN_MS
  for (let last = 0; ; ) {
    await sleep(3_000)
    const now = await taken()
    if (now > MOCKS && (now - last) / 3 < PER_SECOND * 1.5) break
    if (Date.now() > giveUp) throw new Error(`the mocks did not come to rest: ${load?.complaint() ?? ''}`)
    last = now
  }
  const [from, at] = [await taken(), performance.now()]
  const [cores, disk] = [watchCores([pid], load ? [load.pid] : []), watchDisk()]
  await sleep(windowMs)
  const shares = cores()
  const rate = (1_000 * ((await taken()) - from)) / (performance.now() - at)
  const around = { ...shares, disk: disk() }
  const heap = (await heapKb()) - before
  await load?.stop()
  await subject.stop()
  dir.remove()
  return { core: shares.servers, heap, rate, around }
}

/** Mocks inside the server against mocks over TCP. */
export async function mocks({ quick }: Options): Promise<void> {
  const seen: Record<'inside' | 'outside', Round[]> = { inside: [], outside: [] }
  for (let n = 0; n < (quick ? 1 : 3); n++)
    for (const where of ['outside', 'inside'] as const)
      seen[where].push(
        await quietly(
          `${where}, round ${n + 1}`,
          () => measure(where, quick ? 10_000 : 60_000),
          ({ core, rate }) => `${number(core * 100)} % of a core at ${number(rate)} messages/s`,
        ),
      )
  const percent = (list: readonly Round[]) => rounds(list.map(({ core }) => core * 100))
  const more = rounds(seen.inside.map(({ core }, n) => 100 * (core - seen.outside[n]!.core)))
  const heap = rounds(seen.inside.map(({ heap }, n) => (heap - seen.outside[n]!.heap) / MOCKS))
  table(
    `mocks: ${number(MOCKS)} of them, a reading per ${INTERVAL_S} s and a heartbeat per minute each; the server`,
    [
      row('over TCP, from another process', ' % of a core', percent(seen.outside)),
      row('inside it', ' % of a core', percent(seen.inside)),
      row('more than over TCP', ' % of a core', more, {
        text: `< ${GOAL.core * 100} %`,
        met: more.median < GOAL.core * 100,
      }),
      row('heap per mock, more than a connection from outside', ' KB', heap, {
        text: `≤ ${GOAL.heap_kb} KB`,
        met: heap.median <= GOAL.heap_kb,
      }),
    ],
  )
  remark(
    `messages/s: ${number(rounds(seen.outside.map(({ rate }) => rate)).median)} over TCP, ${number(rounds(seen.inside.map(({ rate }) => rate)).median)} inside`,
  )
}
