/** A real Mosquitto for a test, on a port of its own; it can be killed and started again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { directory, type Teardown } from './app.js'
import { accepts, freePort } from './redis.js'
import { until } from './until.js'

const BINARY = 'mosquitto'

/** Why there is none here; false when there is one. */
export const withoutMosquitto: string | false = spawnSync(BINARY, ['-h']).error
  ? `${BINARY} is not installed`
  : false

export interface Mosquitto {
  readonly port: number
  readonly url: string
  start(): Promise<void>
  /** SIGKILL */
  kill(): Promise<void>
}

const config = (port: number): string => `listener ${port} 127.0.0.1
allow_anonymous true
persistence false
log_dest none
`

/** Not started yet; it ends with the test. */
export async function mosquitto(t: Teardown): Promise<Mosquitto> {
  const port = await freePort()
  const file = join(directory(t), 'mosquitto.conf')
  writeFileSync(file, config(port))
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  t.teardown(kill)
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    async start() {
      child = spawn(BINARY, ['-c', file], { stdio: 'ignore' })
      await until(() => accepts(port), 'mosquitto')
    },
    kill,
  }
}
