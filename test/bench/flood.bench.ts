/**
 * One client publishes readings at QoS 0 as fast as it can, and twenty devices go on with ten readings a second each at
 * QoS 1: how long their PUBACKs take, on kaiser with its defaults and on the peer. The flooder is a process of its own
 * with a low priority, so that it disturbs the servers and not the ones that measure.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Flooded, FloodJob } from './flooder.js'
import { HOST, sleep, start } from './harness.js'
import { startKaiser } from './kaiser.js'
import { type Measured, runLoad } from './load-job.js'
import { startPeer } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { quietly } from './quietly.js'
import { rounds } from './stats.js'
import type { Subject } from './subject.js'

const DEVICES = 20
const PER_SECOND = 200
const GOAL_MS = 100
/** The flood has used up whatever burst it is allowed. */
const SETTLE_MS = 3_000

interface Round extends Measured {
  flooded: Flooded
  calm: number
}

async function run(begin: () => Promise<Subject>, measureMs: number): Promise<Round> {
  const subject = await begin()
  const devices = (ms: number) =>
    runLoad(
      {
        host: HOST,
        mqttPort: subject.mqttPort,
        clients: DEVICES,
        sensors: 1,
        rate: PER_SECOND,
        warmupMs: 500,
        measureMs: ms,
        latency: true,
      },
      subject.pids,
    )
  const calm = await devices(2_000)
  const script = fileURLToPath(new URL('flooder.js', import.meta.url))
  const flooder = start('nice', ['-n', '10', process.execPath, script], { core: 'load', ipc: true })
  const answer = async (message: FloodJob | object): Promise<unknown> => {
    flooder.process.send(message)
    return (await once(flooder.process, 'message'))[0]
  }
  await answer({ host: HOST, mqttPort: subject.mqttPort } satisfies FloodJob)
  await sleep(SETTLE_MS)
  const outcome = await devices(measureMs)
  const flooded = (await answer({})) as Flooded
  await flooder.stop()
  await subject.stop()
  return { ...outcome, flooded, calm: calm.ack!.p99 }
}

/** PUBACKs of others while one floods. */
export async function flood({ quick }: Options): Promise<void> {
  const contenders = [
    { label: 'kaiser', begin: startKaiser, rounds: [] as Round[] },
    { label: 'peer', begin: startPeer, rounds: [] as Round[] },
  ]
  for (let n = 0; n < (quick ? 1 : 5); n++)
    for (const { label, begin, rounds: list } of n % 2 === 0 ? contenders : contenders.toReversed())
      list.push(
        await quietly(
          `round ${n + 1} ${label}`,
          () => run(begin, quick ? 4_000 : 10_000),
          (r) => `${number(r.ack!.p99)} ms`,
        ),
      )
  table(
    `flood: PUBACK of ${DEVICES} devices with ${PER_SECOND} readings/s, QoS 1, while one client floods at QoS 0`,
    contenders.flatMap(({ label, rounds: list }) => {
      const p99 = rounds(list.map((r) => r.ack!.p99))
      return [
        row(
          `${label}: p99`,
          ' ms',
          p99,
          label === 'kaiser' ? { text: `< ${GOAL_MS} ms`, met: p99.median < GOAL_MS } : undefined,
        ),
        row(`${label}: longest`, ' ms', rounds(list.map((r) => r.ack!.max))),
        row(`${label}: p99 before the flood`, ' ms', rounds(list.map((r) => r.calm))),
        row(
          `${label}: taken from the flooder`,
          '/s',
          rounds(list.map(({ flooded }) => (flooded.sent * 1000) / flooded.ms)),
        ),
      ]
    }),
  )
  for (const { label, rounds: list } of contenders)
    remark(
      `${label}: published ${number(list.reduce((sum, r) => sum + r.published, 0))}, acknowledged ${number(list.reduce((sum, r) => sum + r.acked, 0))}; ` +
        `devices disconnected ${list.reduce((sum, r) => sum + r.closed, 0)}, flooder ${list.filter(({ flooded }) => flooded.closed).length} of ${list.length} times; ` +
        `its core ${Math.round(rounds(list.map((r) => r.around.servers)).median * 100)} % used`,
    )
}
