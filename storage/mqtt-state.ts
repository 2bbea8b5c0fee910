/**
 * The broker's memory on disk. The broker keeps sessions, queues and retained messages as objects; an object
 * that changed is noted here, and what it says at the end of the turn becomes its row, in the same group commit
 * as everything else. A thousand changes of one object between two commits are one row, and an object that came
 * and went between two commits is none.
 */
import type { Database, Statement } from 'better-sqlite3'
import { isStorageError } from './errors.js'
import { type Group, Member, type Writer } from './group.js'
import { type Damage, type MqttRows, salvage } from './mqtt-salvage.js'
import { type MqttTable, SHAPES } from './mqtt-shapes.js'

export type { Damage } from './mqtt-salvage.js'

/** An object that has a row. */
export interface Rowed {
  readonly table: MqttTable
  /** The columns that name its row. */
  key(): object
  /** What its row should be now; undefined when there should be none. */
  row(): object | undefined
  /** Its row is in the table; this file keeps it. */
  written: boolean
  /** Its row was withdrawn with the member it belonged to. */
  withdrawn?(): void
}

/** Somebody who waits for the disk; exactly one of `durable` and `expired` comes, `held` at most once before. */
export interface Waiter {
  durable(): void
  /** The disk takes its time or fails. */
  held?(): void
  /** It waited as long as anybody may; the rows stay queued. */
  expired(): void
  /** After `held` it wants to hear no more. */
  readonly content?: boolean
}

export interface MqttState {
  /** What was on disk; given out once. */
  take(): MqttRows
  /** What of it could not be used. */
  readonly damage: readonly Damage[]
  /** Queues the object's row. */
  note(object: Rowed): void
  /**
   * What `work` notes shares the transaction of the member that is joining the group now, and its fate: committed
   * with its rows or not at all. Inside a join only.
   */
  together(work: () => void): void
  /** Tells when everything noted so far is on disk. */
  settle(waiter: Waiter): void
}

interface Statements {
  put: Statement<[object]>
  remove: Statement<[object]>
}

/** What changed since the last commit, with whether it had a row when it was last written. */
type Batch = Map<Rowed, boolean>

/** Carries a batch; it is open until its rows are committed. */
class Carrier extends Member {
  readonly #closed: () => void
  constructor(closed: () => void) {
    super()
    this.#closed = closed
  }
  committed(stored: boolean): void {
    if (stored) this.#closed()
  }
  override caughtUp(): void {
    this.#closed()
  }
  durable(): void {}
  held(): void {}
  expired(): void {}
  failed(): void {}
}

/** Waits for everybody who asked in one stretch: they have no rows, and must not fill the queue of those who have. */
class Waiting extends Member {
  #waiters: Waiter[] = []
  /** Nobody waits any more. */
  override get idle(): boolean {
    return this.#waiters.length === 0
  }
  add(waiter: Waiter): void {
    if (this.held_already) waiter.held?.()
    if (!this.held_already || !waiter.content) this.#waiters.push(waiter)
  }
  committed(): void {}
  durable(): void {
    for (const waiter of this.#take()) waiter.durable()
  }
  held(): void {
    const waiters = this.#take()
    this.#waiters = waiters.filter(({ content }) => !content)
    for (const waiter of waiters) waiter.held?.()
  }
  expired(): void {
    for (const waiter of this.#take()) waiter.expired()
  }
  failed(): void {
    this.expired()
  }
  #take(): Waiter[] {
    const waiters = this.#waiters
    this.#waiters = []
    return waiters
  }
}

/** How long those who ask share one place in the queue, ms: nobody's patience is cut short by more. */
const STRETCH = 1_000

export interface MqttStateOptions {
  db: Database
  group: Group
  /** The text of schema.sql. */
  schema: string
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  /** A row could not be written although the disk is fine, or its table broke while we run. */
  onError: (error: unknown) => void
}

export function createMqttState({ db, group, schema, now, monotonic, onError }: MqttStateOptions): MqttState {
  const { rows, damage } = salvage(db, schema, now())
  let untaken: MqttRows | undefined = rows
  const statements = Object.fromEntries(
    Object.entries(SHAPES).map(([table, { key, columns }]) => {
      const names = Object.keys(columns)
      const put = `REPLACE INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`
      const remove = `DELETE FROM ${table} WHERE ${key.map((name) => `${name} = @${name}`).join(' AND ')}`
      return [table, { put: db.prepare(put), remove: db.prepare(remove) }]
    }),
  ) as unknown as Record<MqttTable, Statements>

  const write = (object: Rowed): boolean => {
    const { put, remove } = statements[object.table]
    const row = object.row()
    try {
      if (row) put.run(row)
      else if (object.written) remove.run(object.key())
    } catch (error) {
      // A broken page of ours must not keep the readings from the disk; a disk that fails is everybody's.
      const broken = /^SQLITE_CORRUPT/.test((error as { code?: string }).code ?? '')
      if (isStorageError(error) && !broken) throw error
      onError(error)
    }
    return row !== undefined
  }

  const writer: Writer<Batch> = {
    write(batch) {
      // What is noted from now on, also while others of this transaction are told, is not in it.
      if (open === batch) open = undefined
      for (const object of batch.keys()) batch.set(object, write(object))
    },
  }
  const ownWriter: Writer<readonly Rowed[]> = {
    write(objects) {
      // When the transaction fails after all, a later removal deletes nothing, and a later row takes its place.
      for (const object of objects) object.written = write(object)
    },
    undo(objects) {
      for (const object of objects) object.withdrawn?.()
    },
  }
  let open: Batch | undefined

  const openBatch = (): Batch => {
    const batch: Batch = new Map()
    open = batch
    const carrier = new Carrier(() => {
      for (const [object, written] of batch) object.written = written
    })
    group.join(carrier, () => group.write(writer, batch))
    return batch
  }

  return {
    damage,
    take() {
      const taken = untaken
      untaken = undefined
      if (!taken) throw new Error('the rows were taken already')
      return taken
    },
    note: (object) => void (open ?? openBatch()).set(object, false),
    together(work) {
      const outer = open
      const own: Batch = new Map()
      open = own
      try {
        work()
      } finally {
        open = outer
      }
      if (own.size > 0) group.write(ownWriter, [...own.keys()])
    },
    settle(waiter) {
      const { last } = group
      const shared = last instanceof Waiting && monotonic() - last.joined_at < STRETCH ? last : undefined
      const waiting = shared ?? new Waiting()
      if (!shared) group.join(waiting, () => {})
      waiting.add(waiter)
    },
  }
}
