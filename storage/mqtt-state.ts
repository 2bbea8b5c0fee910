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
}

/** Somebody who waits for the disk; exactly one of `durable` and `expired` comes, `held` at most once before. */
export interface Waiter {
  durable(): void
  /** The disk takes its time or fails. */
  held?(): void
  /** It waited as long as anybody may; the rows stay queued. */
  expired(): void
}

export interface MqttState {
  /** What was on disk; given out once. */
  take(): MqttRows
  /** What of it could not be used. */
  readonly damage: readonly Damage[]
  /** Queues the object's row. */
  note(object: Rowed): void
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

class Waiting extends Member {
  readonly #waiter: Waiter
  constructor(waiter: Waiter) {
    super()
    this.#waiter = waiter
  }
  committed(): void {}
  durable(): void {
    this.#waiter.durable()
  }
  held(): void {
    this.#waiter.held?.()
  }
  expired(): void {
    this.#waiter.expired()
  }
  failed(): void {
    this.#waiter.expired()
  }
}

export interface MqttStateOptions {
  db: Database
  group: Group
  /** The text of schema.sql. */
  schema: string
  /** ms since 1970 */
  now: () => number
  /** A row could not be written although the disk is fine, or its table broke while we run. */
  onError: (error: unknown) => void
}

export function createMqttState({ db, group, schema, now, onError }: MqttStateOptions): MqttState {
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
      for (const object of batch.keys()) batch.set(object, write(object))
    },
  }
  let open: Batch | undefined

  const openBatch = (): Batch => {
    const batch: Batch = new Map()
    open = batch
    const carrier = new Carrier(() => {
      if (open === batch) open = undefined
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
    settle: (waiter) => group.join(new Waiting(waiter), () => {}),
  }
}
