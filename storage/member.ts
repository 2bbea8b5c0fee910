/**
 * Who takes part in a group commit: somebody whose rows share the transaction and who is told what became of
 * them. Rows are values with a writer until the group writes them.
 */
import { StorageUnavailable } from './errors.js'

/** Tables whose rows people want to find again from the message they came of. */
export const TRACED = ['sensor_data', 'device_health', 'actuator_history', 'audit_logs'] as const
export type TracedTable = (typeof TRACED)[number]

/** Hears which rows somebody has queued. `of` and `at` are what else it takes to find one: whose, and when, ms. */
export interface Trail {
  wrote(message: number, table: TracedTable, id: number, of: number, at: number): void
}

/** Knows how to write one kind of row, and how to forget it in memory when it is withdrawn. */
export interface Writer<Row> {
  write(row: Row): void
  undo?(row: Row): void
  /** Says which row it is, where people want to find it again. */
  refer?(row: Row, trail: Trail, message: number): void
}

/** Somebody whose rows share the group's transaction. All calls come later than the turn in which it joined. */
export abstract class Member {
  /** Writer and row in turns. */
  readonly writes: unknown[] = []
  joined_at = 0
  /** What it was told already. */
  announced = false
  held_already = false
  expired_already = false
  failed_already = false
  /** It has no rows and nobody waits for it: it may leave the queue. */
  get idle(): boolean {
    return false
  }
  /** Rows are committed; with `stored` false they are not yet, because storage fails. Called once. */
  abstract committed(stored: boolean): void
  /** Rows that `committed(false)` announced are committed after all. Called at most once. */
  caughtUp(): void {}
  /** Rows are on disk. Called once, unless `expired` came first. */
  abstract durable(): void
  /** The disk takes its time or fails: this member waits, but its client should not. Called at most once. */
  abstract held(): void
  /** It waited as long as an acknowledgement may be held, or was not taken in at all. Queued rows stay queued. */
  abstract expired(): void
  /**
   * A row of its own could not be written although storage is fine: a bug. It may queue other rows; when
   * those cannot be written either, they are dropped. Called at most once.
   */
  abstract failed(error: unknown): void
}

/** A member that resolves a promise. */
export class Task<T> extends Member {
  result: T | undefined
  readonly #resolve: (value: T) => void
  readonly #reject: (error: unknown) => void

  constructor(resolve: (value: T) => void, reject: (error: unknown) => void) {
    super()
    this.#resolve = resolve
    this.#reject = reject
  }
  committed(): void {}
  held(): void {}
  durable(): void {
    this.#resolve(this.result as T)
  }
  expired(): void {
    this.#reject(new StorageUnavailable('storage did not take the write in time'))
  }
  failed(error: unknown): void {
    this.#reject(error)
  }
}

/** Carries a row that nobody waits for. */
export class Porter extends Member {
  committed(): void {}
  durable(): void {}
  held(): void {}
  expired(): void {}
  failed(): void {}
}
