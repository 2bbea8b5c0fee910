/**
 * A real redis-server for a test, on a port of its own and with a directory of its own; it can be killed, stopped
 * and started again with or without what it knew.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { directory, type Teardown } from './app.js'
import { until } from './until.js'

const BINARY = 'redis-server'

/** Why there is no real Redis here; undefined when there is one. */
export const withoutRedis: string | false =
  spawnSync(BINARY, ['--version']).status === 0 ? false : `${BINARY} is not installed`

/** Skips the whole file where there is no Redis. */
export function needsRedis(t: { plan(tests: number, comment?: string): unknown }): void {
  if (!withoutRedis) return
  t.plan(0, withoutRedis)
  process.exit(0)
}

export interface RedisServer {
  readonly port: number
  readonly url: string
  /** A connection to look into it. */
  look(): Promise<Redis>
  /** SIGKILL; what was not synced is lost. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: it is there and does not answer. */
  freeze(): void
  thaw(): void
  /** Starts it again; `empty` without what it knew. */
  start(empty?: boolean): Promise<void>
}

/** A port that was free a moment ago: redis-server takes no 0. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Starts redis-server; it ends with the test. */
export async function startRedis(
  t: Teardown,
  args: readonly string[] = [],
  at: (port: number) => readonly string[] = (port) => ['--port', String(port)],
): Promise<RedisServer> {
  const dir = directory(t)
  const port = await freePort()
  let child: ChildProcess | undefined

  const kill = async (): Promise<void> => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGKILL')
    await ended
  }
  const start = async (empty = false): Promise<void> => {
    if (empty) rmSync(join(dir, 'appendonlydir'), { recursive: true, force: true })
    child = spawn(
      BINARY,
      [
        ...at(port),
        ...['--bind', '127.0.0.1', '--dir', dir, '--save', ''],
        ...['--appendonly', 'yes', '--appendfsync', 'always', ...args],
      ],
      { stdio: 'ignore' },
    )
    await until(() => accepts(port), 'redis-server')
  }
  t.teardown(kill)
  await start()

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async look() {
      const redis = new Redis({ host: '127.0.0.1', port, keyPrefix: 'kaiser:', lazyConnect: true })
      redis.on('error', () => {})
      t.teardown(() => redis.disconnect())
      await redis.connect()
      return redis
    },
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    start,
  }
}
