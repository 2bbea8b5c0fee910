/** kaiser as a process of its own, as people start it; for tests that kill it or give it a disk that fails. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Teardown } from './app.js'

export interface Child {
  readonly pid: number
  readonly mqttPort: number
  readonly httpPort: number
  readonly running: boolean
  /** What it said on stderr and stdout. */
  readonly said: string
  /** Sends a signal; resolves with the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | string>
}

/** Starts kaiser on a data directory and waits until it is ready; killed when the test ends. */
export async function startKaiser(
  t: Teardown,
  dir: string,
  env: Record<string, string> = {},
): Promise<Child> {
  const ready = join(dir, 'ready.json')
  rmSync(ready, { force: true })
  const argv = [
    ...['--data', dir, '--host', '127.0.0.1', '--mqtt-port', '0', '--http-port', '0'],
    ...['--allow-anonymous', '--discovery', 'auto', '--log-level', 'error', '--ready-file', ready],
  ]
  const child = spawn(process.execPath, ['bin/kaiser', 'start', ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const runs = (): boolean => isRunning(child)

  while (!existsSync(ready)) {
    if (!runs()) throw new Error(`kaiser ended: ${said}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { mqtt_port, http_port } = JSON.parse(readFileSync(ready, 'utf8'))
  return {
    pid: child.pid!,
    mqttPort: mqtt_port,
    httpPort: http_port,
    get running() {
      return runs()
    },
    get said() {
      return said
    },
    async end(signal) {
      if (runs()) {
        const exited = once(child, 'exit')
        child.kill(signal)
        await exited
      }
      return child.exitCode ?? child.signalCode ?? ''
    },
  }
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null
