/**
 * Everything a bench starts or creates goes through here: children pinned to a core, temporary directories, free
 * ports. Whatever happens (an error, Ctrl-C, the time limit), they are gone afterwards, and nothing else is touched.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cores } from './machine.js'

export const HOST = '127.0.0.1'
const STOP_WITHIN_MS = 15_000
const STDERR_KEPT = 4000

const children = new Set<ChildProcess>()
const dirs = new Set<string>()
/** The two cores the bench uses, if there are two. */
export const pinned = cores()

/** A process a bench started. */
export interface Child {
  process: ChildProcess
  pid: number
  /** What it complained about, the end of it. */
  complaint(): string
  /** SIGTERM, then patience, then SIGKILL. */
  stop(): Promise<void>
}

export interface SpawnOptions {
  core: 'server' | 'load'
  ipc?: boolean
  env?: Record<string, string>
}

/** Starts a program on its core; taskset becomes the program, so the pid is the program's own. */
export function start(
  command: string,
  args: readonly string[],
  { core, ipc = false, env }: SpawnOptions,
): Child {
  const line =
    pinned === undefined ? [command, ...args] : ['taskset', '-c', String(pinned[core]), command, ...args]
  const child = spawn(line[0]!, line.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    serialization: 'advanced', // JSON would make null of NaN, and what never happened would take 0 ms
    env: { ...process.env, ...env },
  })
  children.add(child)
  let complaint = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-STDERR_KEPT)
  })
  const exited = once(child, 'exit').finally(() => children.delete(child))
  exited.catch(() => {})
  return {
    process: child,
    pid: child.pid!,
    complaint: () => complaint,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await exited
      clearTimeout(patience)
    },
  }
}

/** Starts a Node script on its core. */
export const spawnNode = (
  script: string,
  options: SpawnOptions & { nodeArgs?: string[]; args?: string[] },
): Child => start(process.execPath, [...(options.nodeArgs ?? []), script, ...(options.args ?? [])], options)

/** A directory that is removed at the end at the latest. */
export function tempDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'kaiser-bench-'))
  dirs.add(path)
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true })
      dirs.delete(path)
    },
  }
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks until the answer is not undefined; throws with the reason when time is up. */
export async function until<T>(ask: () => T | undefined, withinMs: number, reason: () => string): Promise<T> {
  const giveUp = Date.now() + withinMs
  for (;;) {
    const answer = ask()
    if (answer !== undefined) return answer
    if (Date.now() > giveUp) throw new Error(reason())
    await sleep(2)
  }
}

const moveTo = (cores: string): void =>
  void execFileSync('taskset', ['-cp', cores, String(process.pid)], { stdio: 'ignore' })

/** What `work` starts may use both cores, as a browser does. */
export async function onBothCores<T>(work: () => Promise<T>): Promise<T> {
  if (pinned === undefined) return work()
  moveTo(`${pinned.server},${pinned.load}`)
  try {
    return await work()
  } finally {
    moveTo(String(pinned.load))
  }
}

/** Puts the harness itself on the load core, and says where everything runs. */
export function pinSelf(): string {
  if (pinned === undefined) return 'not pinned: only one core here, so load and server disturb each other'
  moveTo(String(pinned.load))
  return `servers on core ${pinned.server}, load on core ${pinned.load}`
}

/** Kills what is left of our own children, removes our directories. Synchronous: it also runs at exit. */
export function cleanUp(): void {
  for (const child of children) child.kill('SIGKILL')
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  children.clear()
  dirs.clear()
}
