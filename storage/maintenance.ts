/**
 * Keeps the database small and the event loop away from the disk: watches the log and the intake, and lets
 * the maintenance thread checkpoint and move readings, lending it the write lock for moments. The thread
 * starts when it is first needed; when it dies, the next round starts another.
 */
import { Worker } from 'node:worker_threads'
import type { Database } from 'better-sqlite3'
import type { Group } from './group.js'
import type { Operations } from './maintenance-worker.js'
import type { Readings } from './readings.js'

export interface MaintenanceOptions {
  path: string
  db: Database
  group: Group
  /** What is to be moved, and who must know of it. */
  readings: Pick<Readings, 'intake' | 'movable' | 'moved' | 'bySource' | 'counted'>
  onError: (error: unknown) => void
}

export interface Maintenance {
  /** Makes all committed rows durable in the database file itself. Rejects when it cannot. */
  rescue(): Promise<void>
  /** One round now: checkpoint and move where due, or in any case with `force`. */
  round(force?: boolean): Promise<void>
  close(): Promise<void>
}

/** Rows in the intake that make a move worthwhile. */
const MOVE_AT_ROWS = 20_000
/** Pages in the log (4 KiB each) at which it is copied and started anew. */
export const CHECKPOINT_AT_PAGES = 2_000
const ROUND_MS = 1_000

export function createMaintenance(options: MaintenanceOptions): Maintenance {
  const { db, group, readings } = options
  const log = db.prepare<[], { log: number }>('PRAGMA wal_checkpoint(NOOP)')
  let worker: Worker | undefined
  let lastId = 0
  const asked = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  let running: Promise<void> | undefined
  let closed = false

  const fail = (died: Worker, error: unknown): void => {
    if (worker !== died) return
    worker = undefined
    for (const { reject } of asked.values()) reject(error)
    asked.clear()
  }

  const start = (): Worker => {
    const thread = new Worker(new URL('./maintenance-worker.js', import.meta.url), {
      workerData: { path: options.path },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    })
    thread.on('error', (error) => fail(thread, error))
    thread.on('exit', () => fail(thread, new Error('the maintenance thread ended')))
    thread.on('message', ({ id, result, error }) => {
      const waiting = asked.get(id)
      asked.delete(id)
      // Only a thread that somebody waits for keeps the process alive.
      if (asked.size === 0) thread.unref()
      if (error) waiting?.reject(Object.assign(new Error(error.message), { code: error.code }))
      else waiting?.resolve(result as never)
    })
    return thread
  }

  const ask = <K extends keyof Operations>(
    operation: K,
    argument?: Parameters<Operations[K]>[0],
  ): Promise<ReturnType<Operations[K]>> =>
    new Promise((resolve, reject) => {
      worker ??= start()
      worker.ref()
      const id = ++lastId
      asked.set(id, { resolve, reject })
      worker.postMessage({ id, operation, argument })
    })

  const move = async (): Promise<void> => {
    const { rows, cutoff } = await ask('planMove', readings.movable)
    if (rows > 0) while (!(await group.lend(() => ask('move'))).done);
    while (!(await group.lend(() => ask('clear'))).done);
    readings.moved(cutoff)
  }

  const checkpoint = async (): Promise<void> => {
    await ask('checkpoint')
    await group.lend(() => ask('restart'))
  }

  const round = async (force: boolean): Promise<void> => {
    if (!readings.bySource()) readings.counted(await ask('count'))
    let due = force || readings.intake >= MOVE_AT_ROWS
    while (due) {
      const before = readings.intake
      await move()
      // What is left is the next part, unless it waits for a failing disk.
      due = readings.intake >= MOVE_AT_ROWS && readings.intake < before
    }
    const pages = log.get()?.log ?? 0
    if (force || pages >= CHECKPOINT_AT_PAGES) await checkpoint()
  }

  /** Rounds never overlap. */
  const once = async (force = false): Promise<void> => {
    while (running) await running
    if (closed) return
    running = round(force)
      .catch(options.onError)
      .finally(() => {
        running = undefined
      })
    await running
  }

  const lookAround = (): void => {
    if (!running && group.state === 'ok') void once()
  }
  const timer = setInterval(lookAround, ROUND_MS).unref()
  // A process that never lives long finds work here that it left the last time.
  setImmediate(lookAround)

  return {
    round: once,
    async rescue() {
      const { complete } = await ask('restart')
      if (!complete) throw new Error('a reader keeps the checkpoint from finishing')
    },
    async close() {
      clearInterval(timer)
      closed = true
      while (running) await running
      const thread = worker
      if (!thread) return
      await new Promise<void>((resolve) => {
        thread.ref()
        thread.once('exit', () => resolve())
        thread.postMessage({ id: 0, operation: 'close' })
      })
    },
  }
}
