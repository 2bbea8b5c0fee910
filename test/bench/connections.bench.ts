/**
 * Resident memory (VmRSS) with 10,000 idle connections, limits raised by flags as an operator would; Mosquitto beside
 * it. The highest value seen counts. Then each connection subscribes to one topic of its own, as a device does.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ConnectionsJob, Step } from './connections-load.js'
import { residentMb } from './cpu.js'
import { HOST, sleep, spawnNode } from './harness.js'
import { startKaiser } from './kaiser.js'
import { startMosquitto } from './mosquitto.js'
import type { Options } from './options.js'
import { number, remark, row, table } from './print.js'
import { rounds } from './stats.js'

const CONNECTIONS = 10_000
const AT_ONCE = 200
/** The longest that kaiser allows by default, s; a device that says nothing meanwhile is idle. */
const KEEP_ALIVE = 600
const GOAL_MB = 300
const FLAGS = ['--max-connections', '12000', '--max-unauthenticated', '2000']
const STEP_WITHIN_MS = 180_000

interface Held {
  idle: number
  connected: number
  subscribed: number
  connectMs: number
  closed: number
}

/** Holds the connections open on a broker and looks at its memory. */
async function hold(port: number, pid: number, quick: boolean): Promise<Held> {
  const idle = residentMb(pid)
  let most = idle
  const watch = setInterval(() => {
    most = Math.max(most, residentMb(pid))
  }, 200)
  const child = spawnNode(fileURLToPath(new URL('connections-load.js', import.meta.url)), {
    core: 'load',
    ipc: true,
  })
  const step = async (message: ConnectionsJob | object): Promise<Step> => {
    child.process.send(message)
    const failed = once(child.process, 'exit').then(() => {
      throw new Error(`the connections ended early: ${child.complaint()}`)
    })
    const late = AbortSignal.timeout(STEP_WITHIN_MS)
    const [answer] = await Promise.race([once(child.process, 'message', { signal: late }), failed])
    failed.catch(() => {})
    await sleep(quick ? 3_000 : 10_000)
    return answer as Step
  }
  try {
    const first = await step({
      host: HOST,
      mqttPort: port,
      connections: CONNECTIONS,
      atOnce: AT_ONCE,
      keepAlive: KEEP_ALIVE,
    } satisfies ConnectionsJob)
    const connected = most
    const second = await step({})
    return { idle, connected, subscribed: most, connectMs: first.ms, closed: second.closed }
  } finally {
    clearInterval(watch)
    await child.stop()
  }
}

/** Memory with ten thousand idle connections. */
export async function connections({ quick }: Options): Promise<void> {
  const kaiser: Held[] = []
  for (let n = 0; n < (quick ? 1 : 3); n++) {
    const subject = await startKaiser({ flags: FLAGS })
    await sleep(2_000)
    kaiser.push(await hold(subject.mqttPort, subject.pids[0]!, quick))
    await subject.stop()
  }
  const mosquitto = await startMosquitto()
  const peer = await hold(mosquitto.port, mosquitto.broker.pid, true)
  await mosquitto.stop()

  const of = (figure: (held: Held) => number) => rounds(kaiser.map(figure))
  const connected = of((held) => held.connected)
  table(`connections: resident set with ${number(CONNECTIONS)} idle connections (MB = 10^6 bytes), highest`, [
    row(
      'kaiser, before',
      ' MB',
      of((held) => held.idle),
    ),
    row('kaiser, connected', ' MB', connected, {
      text: `< ${GOAL_MB} MB`,
      met: connected.median < GOAL_MB,
    }),
    row(
      'kaiser, each with a subscription',
      ' MB',
      of((held) => held.subscribed),
    ),
    row(
      'kaiser, one connection',
      ' kB',
      of((held) => ((held.connected - held.idle) * 1000) / CONNECTIONS),
    ),
    row('Mosquitto, connected', ' MB', rounds([peer.connected])),
    row('Mosquitto, each with a subscription', ' MB', rounds([peer.subscribed])),
    row(
      'kaiser, until all are connected',
      ' ms',
      of((held) => held.connectMs),
    ),
  ])
  const lost = kaiser.reduce((sum, { closed }) => sum + closed, 0)
  remark(`connections lost: kaiser ${lost}, Mosquitto ${peer.closed}`)
}
