/** Runs `bin/kaiser` as people do, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { directory, type Teardown } from './app.js'

export const BINARY = fileURLToPath(new URL('../../../bin/kaiser', import.meta.url))

export interface Ended {
  code: number | null
  out: string
  err: string
}

export interface Started {
  readonly child: ChildProcess
  /** What it said so far. */
  readonly said: { out: string; err: string }
  readonly end: Promise<Ended>
}

/** Starts a command that runs until it is told to stop; killed when the test ends. */
export function begin(t: Teardown, args: string[]): Started {
  const child = spawn(process.execPath, [BINARY, ...args], { env: process.env })
  const said = { out: '', err: '' }
  child.stdin.end()
  child.stdout.on('data', (chunk) => (said.out += chunk))
  child.stderr.on('data', (chunk) => (said.err += chunk))
  const end = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...said })))
  t.teardown(() => {
    child.kill('SIGKILL')
    return end
  })
  return { child, said, end }
}

/** Runs a command to its end. */
export function kaiser(
  args: string[],
  options: { input?: string; env?: NodeJS.ProcessEnv; nodeArgs?: string[] } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), BINARY, ...args], {
    env: { ...process.env, ...options.env },
  })
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  return ended(child)
}

const ended = (child: ChildProcess): Promise<Ended> => {
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })))
}

export interface Running {
  mqtt_port: number
  mqtts_port: number | null
  http_port: number
  scheme: string
  pid: number
  dir: string
  child: ChildProcess
  end: Promise<Ended>
  stop(signal?: NodeJS.Signals): Promise<Ended>
}

/** Starts a server and waits for its ready file; it is stopped when the test ends. */
export async function startKaiser(t: Teardown, args: string[] = [], dir = directory(t)): Promise<Running> {
  const readyFile = `${directory(t)}/ready`
  const child = spawn(
    process.execPath,
    [
      BINARY,
      'start',
      '--data',
      dir,
      '--host',
      '127.0.0.1',
      '--mqtt-port',
      '0',
      '--http-port',
      '0',
      '--ready-file',
      readyFile,
      ...args,
    ],
    { env: process.env },
  )
  const end = ended(child)
  t.teardown(() => {
    child.kill('SIGKILL')
    return end
  })
  let gone: Ended | undefined
  void end.then((how) => {
    gone = how
  })
  while (!existsSync(readyFile)) {
    if (gone) throw new Error(`kaiser ended with ${gone.code}: ${gone.err}${gone.out}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as Pick<
    Running,
    'mqtt_port' | 'mqtts_port' | 'http_port' | 'scheme' | 'pid'
  >
  return {
    ...ready,
    dir,
    child,
    end,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return end
    },
  }
}
