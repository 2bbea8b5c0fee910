/**
 * Group commit. Whoever has something to write joins the open group and queues rows; at the end of the turn
 * of the event loop one transaction takes them all, the sync runs in the thread pool, and after it everybody
 * is told in order of arrival. Rows are values until then: when storage fails they wait in memory, bounded,
 * and are written when it returns; nothing is handled twice. https://sqlite.org/wal.html
 */
import type { Database } from 'better-sqlite3'
import { createBreaker, type StorageState } from './breaker.js'
import { isStorageError, StorageUnavailable } from './errors.js'

/** Knows how to write one kind of row, and how to forget it in memory when it is withdrawn. */
export interface Writer<Row> {
  write(row: Row): void
  undo?(row: Row): void
}

/** Somebody whose rows share the group's transaction. All calls come later than the turn in which it joined. */
export abstract class Member {
  /** Writer and row in turns. */
  readonly writes: unknown[] = []
  joined_at = 0
  announced = false
  expired_already = false
  /** Rows are committed; with `stored` false they are not yet, because storage fails. Called once. */
  abstract committed(stored: boolean): void
  /** Rows are on disk. Called once, unless `expired` came first. */
  abstract durable(): void
  /** Storage fails: this member waits, but its client should not. Called at most once. */
  abstract held(): void
  /** It waited as long as an acknowledgement may be held. Its rows stay queued. */
  abstract expired(): void
  /** A row of its own could not be written although storage is fine: a bug. It may queue other rows. */
  abstract failed(error: unknown): void
}

export interface GroupOptions {
  db: Database
  /** Syncs the log; runs off the event loop. */
  sync: (done: (error: Error | null) => void) => void
  /** After a failed sync the log cannot be trusted: move everything into the database file and sync that. */
  rescue: () => Promise<void>
  /** Milliseconds, monotonic. */
  monotonic: () => number
  onState: (state: StorageState, error: unknown) => void
  /** How long each step took, in milliseconds. */
  onCommit?: (ms: number, members: number) => void
  onSync?: (ms: number) => void
  /** How many members may wait while storage fails. */
  backlog?: number
  /** How long an acknowledgement may be held, ms. */
  hold?: number
}

/** A transaction on the event loop takes no longer than this; what is left goes into the next turn. */
const COMMIT_BUDGET_MS = 5
/** A failure shorter than this is a delay and nothing more: nobody is told. */
const QUIET_FAILURE_MS = 250

export class Group {
  readonly #options: Required<Pick<GroupOptions, 'backlog' | 'hold'>> & GroupOptions
  readonly #begin
  readonly #commit
  readonly #rollback
  readonly #breaker
  /** Joined, not committed. */
  #queued: Member[] = []
  /** Committed, not synced, in order. */
  #unsynced: Member[] = []
  #dirty = false
  #current: Member | undefined
  #scheduled = false
  #syncing = false
  #lent = false
  #suspect = false
  #closed = false
  #timer: NodeJS.Timeout | undefined
  readonly #watch: NodeJS.Timeout
  #idle: (() => void)[] = []

  constructor(options: GroupOptions) {
    this.#options = { backlog: 20_000, hold: 30_000, ...options }
    this.#begin = options.db.prepare('BEGIN IMMEDIATE')
    this.#commit = options.db.prepare('COMMIT')
    this.#rollback = options.db.prepare('ROLLBACK')
    this.#breaker = createBreaker(options.monotonic, options.onState)
    // A sync that hangs is no failure yet, but nobody waits for it longer than an acknowledgement may be held.
    this.#watch = setInterval(() => this.#expireAll(), 1_000).unref()
  }

  get state(): StorageState {
    return this.#breaker.state
  }

  /** How many members wait, for a commit or for the disk. */
  get waiting(): number {
    return this.#queued.length + this.#unsynced.length
  }

  /** True when nobody else may join because storage has been failing for too long. */
  get full(): boolean {
    return this.#queued.length >= this.#options.backlog
  }

  /** Queues a row for the member that is joining now. Throws outside of `join`. */
  write<Row>(writer: Writer<Row>, row: Row): void {
    if (!this.#current) throw new Error('rows are written inside a group only')
    this.#current.writes.push(writer, row)
  }

  /**
   * Runs `work`, which queues rows and changes memory synchronously, and lets the member wait for the disk.
   * When `work` throws, its rows are withdrawn, nobody else's are touched, and the error goes to `member.failed`.
   */
  join(member: Member, work: () => void): void {
    const outer = this.#current
    this.#current = member
    try {
      work()
    } catch (error) {
      this.#withdraw(member)
      member.failed(error)
    } finally {
      this.#current = outer
    }
    member.joined_at = this.#options.monotonic()
    this.#queued.push(member)
    this.#schedule()
  }

  /**
   * For everybody who is not an MQTT message: runs `work` in the group and resolves with its result once it
   * is on disk. Rejects with what `work` throws, or with StorageUnavailable when storage fails.
   */
  run<T>(work: () => T): Promise<T> {
    if (this.#breaker.failing_for > QUIET_FAILURE_MS)
      return Promise.reject(new StorageUnavailable('storage does not take writes now'))
    return new Promise((resolve, reject) => {
      const task = new Task(resolve, reject)
      this.join(task, () => {
        task.result = work()
      })
    })
  }

  /** Lends the write lock to somebody off the loop; members queue meanwhile and nobody is lost. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    while (this.#lent) await new Promise<void>((resolve) => this.#idle.push(resolve))
    this.#lent = true
    try {
      return await work()
    } finally {
      this.#lent = false
      this.#schedule()
      this.#wake()
    }
  }

  /** Writes and syncs what is queued, then takes nothing more. Resolves even when storage fails. */
  async close(patience = 5_000): Promise<void> {
    const until = this.#options.monotonic() + patience
    while (this.waiting > 0 && this.#options.monotonic() < until) {
      this.#schedule()
      await new Promise<void>((resolve) => setTimeout(resolve, 5))
    }
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#watch)
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  /** One transaction for everybody who joined since the last one. */
  #flush(): void {
    if (this.#closed || this.#lent || this.#queued.length === 0) return
    if (!this.#breaker.allows()) return this.#wait()

    const started = this.#options.monotonic()
    let taken = 0
    try {
      taken = this.#apply(started)
    } catch (error) {
      if (this.#options.db.inTransaction) this.#rollback.run()
      this.#breaker.fail(error)
      return this.#wait()
    }
    if (taken < 0) return this.#schedule()

    const members = this.#take(taken)
    this.#options.onCommit?.(this.#options.monotonic() - started, members.length)
    if (!this.#suspect) this.#breaker.succeed()
    for (const member of members) {
      if (!member.announced) {
        member.announced = true
        member.committed(true)
      }
      this.#unsynced.push(member)
    }
    if (this.#queued.length > 0) this.#schedule()
    this.#sync()
  }

  #take(count: number): Member[] {
    if (count < this.#queued.length) return this.#queued.splice(0, count)
    const all = this.#queued
    this.#queued = []
    return all
  }

  /** Writes rows until the budget is spent and commits; returns how many members are in, or -1 to try again. */
  #apply(started: number): number {
    let open = false
    let taken = 0
    for (const member of this.#queued) {
      if (member.writes.length > 0) {
        if (!open) {
          this.#begin.run()
          open = true
        }
        try {
          for (let i = 0; i < member.writes.length; i += 2)
            (member.writes[i] as Writer<unknown>).write(member.writes[i + 1])
        } catch (error) {
          if (isStorageError(error)) throw error
          // A row that can never be written: withdraw this member alone and try again with the others.
          this.#rollback.run()
          this.#excuse(member, error)
          return -1
        }
      }
      taken++
      if ((taken & 63) === 0 && this.#options.monotonic() - started > COMMIT_BUDGET_MS) break
    }
    if (open) {
      this.#commit.run()
      this.#dirty = true
    }
    return taken
  }

  #excuse(member: Member, error: unknown): void {
    this.#withdraw(member)
    const outer = this.#current
    this.#current = member
    try {
      member.failed(error)
    } finally {
      this.#current = outer
    }
  }

  #withdraw(member: Member): void {
    for (let i = member.writes.length - 2; i >= 0; i -= 2)
      (member.writes[i] as Writer<unknown>).undo?.(member.writes[i + 1])
    member.writes.length = 0
  }

  /** One sync at a time; it covers everything committed before it started. */
  #sync(): void {
    if (this.#syncing || this.#unsynced.length === 0) return
    if (!this.#dirty) return this.#release(this.#unsynced.length)
    if (this.#suspect) return this.#rescue()

    this.#syncing = true
    this.#dirty = false
    const covered = this.#unsynced.length
    const started = this.#options.monotonic()
    this.#options.sync((error) => {
      this.#syncing = false
      this.#options.onSync?.(this.#options.monotonic() - started)
      if (error) {
        this.#dirty = true
        this.#suspect = true
        this.#breaker.fail(error)
        return this.#wait()
      }
      this.#release(covered)
      this.#sync()
    })
  }

  /**
   * After a failed fsync the kernel may have dropped the pages it could not write, so a later success proves
   * nothing about them. Only a complete checkpoint, synced, makes those rows durable.
   */
  #rescue(): void {
    if (!this.#breaker.allows()) return this.#wait()
    this.#syncing = true
    const covered = this.#unsynced.length
    this.lend(() => this.#options.rescue()).then(
      () => {
        this.#syncing = false
        this.#suspect = false
        this.#dirty = false
        this.#breaker.succeed()
        this.#release(covered)
        this.#sync()
      },
      (error) => {
        this.#syncing = false
        this.#breaker.fail(error)
        this.#wait()
      },
    )
  }

  #release(count: number): void {
    for (const member of this.#unsynced.splice(0, count)) if (!member.expired_already) member.durable()
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#idle.splice(0)) wake()
  }

  /** Storage fails: tell who has waited long enough, and try again when the breaker says so. */
  #wait(): void {
    if (this.#breaker.failing_for > QUIET_FAILURE_MS) for (const member of this.#queued) this.#hold(member)
    this.#expireAll()
    if (this.#timer || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#queued.length > 0) this.#flush()
      this.#sync()
    }, this.#breaker.delay)
  }

  #hold(member: Member): void {
    if (member.announced) return
    member.announced = true
    member.held()
    member.committed(false)
  }

  #expireAll(): void {
    for (const member of this.#unsynced) this.#expire(member)
    for (const member of this.#queued) this.#expire(member)
  }

  #expire(member: Member): void {
    if (member.expired_already || this.#options.monotonic() - member.joined_at < this.#options.hold) return
    member.expired_already = true
    member.expired()
  }
}

/** A member that resolves a promise. */
class Task<T> extends Member {
  result: T | undefined
  readonly #resolve: (value: T) => void
  readonly #reject: (error: unknown) => void
  #over = false

  constructor(resolve: (value: T) => void, reject: (error: unknown) => void) {
    super()
    this.#resolve = resolve
    this.#reject = reject
  }
  committed(): void {}
  held(): void {}
  durable(): void {
    if (!this.#over) this.#resolve(this.result as T)
  }
  expired(): void {
    this.#reject(new StorageUnavailable('storage did not take the write in time'))
  }
  failed(error: unknown): void {
    this.#over = true
    this.#reject(error)
  }
}
