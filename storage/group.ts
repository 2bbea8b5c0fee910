/**
 * Group commit. Whoever has something to write joins the open group and queues rows; at the end of the turn
 * of the event loop one transaction takes them all, the sync runs in the thread pool, and after it everybody
 * is told in order of arrival. Rows are values until then: when storage fails they wait in memory, bounded,
 * and are written when it returns; nothing is handled twice. https://sqlite.org/wal.html
 */
import type { Database } from 'better-sqlite3'
import { createBreaker, type StorageState } from './breaker.js'
import { isStorageError, StorageUnavailable } from './errors.js'
import { type Member, Porter, Task, type Writer } from './member.js'

export { Member, type Writer } from './member.js'

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
/** A disk that takes longer than this may do so, but clients read on meanwhile. */
const SLOW_MS = 1_000

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
    this.#watch = setInterval(() => this.#patrol(), SLOW_MS / 2).unref()
  }

  get state(): StorageState {
    return this.#breaker.state
  }

  /** It fails, and has for longer than a moment. */
  get #failing(): boolean {
    return this.#breaker.state !== 'ok' && this.#breaker.failing_for > QUIET_FAILURE_MS
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
   * Queues a row that others may build on at once: it stands on its own, whatever becomes of the member that
   * is joining. Throws outside of `join`.
   */
  writeApart<Row>(writer: Writer<Row>, row: Row): void {
    if (!this.#current) throw new Error('rows are written inside a group only')
    const porter = new Porter()
    porter.writes.push(writer, row)
    this.#enqueue(porter)
  }

  /**
   * Runs `work`, which queues rows and changes memory synchronously, and lets the member wait for the disk.
   * When `work` throws, its rows are withdrawn, nobody else's are touched, and the error goes to
   * `member.failed`; unless the disk is to blame, then sending again helps and `member.expired` is called.
   */
  join(member: Member, work: () => void): void {
    const outer = this.#current
    this.#current = member
    try {
      work()
    } catch (error) {
      if (isStorageError(error)) this.#turnAway(member, error)
      else this.#fail(member, error)
    } finally {
      this.#current = outer
    }
    this.#enqueue(member)
  }

  /**
   * For everybody who is not an MQTT message: runs `work` in the group and resolves with its result once it
   * is on disk. Rejects with what `work` throws, or with StorageUnavailable when storage fails.
   */
  run<T>(work: () => T): Promise<T> {
    if (this.#failing) return Promise.reject(new StorageUnavailable('storage does not take writes now'))
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
    // Whoever waits goes first, so that a row of loans does not keep the house waiting.
    this.#flush()
    this.#lent = true
    try {
      return await work()
    } finally {
      this.#lent = false
      this.#schedule()
      for (const wake of this.#idle.splice(0)) wake()
    }
  }

  /** Writes and syncs what is queued, then takes nothing more. Resolves even when storage fails. */
  async close(patience = 5_000): Promise<void> {
    if (this.#closed) return
    const until = this.#options.monotonic() + patience
    while (this.waiting > 0 && this.#options.monotonic() < until) {
      this.#schedule()
      await new Promise<void>((resolve) => setTimeout(resolve, 5))
    }
    this.#closed = true
    clearTimeout(this.#timer)
    clearInterval(this.#watch)
  }

  #enqueue(member: Member): void {
    member.joined_at = this.#options.monotonic()
    this.#queued.push(member)
    this.#schedule()
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
      this.#abandon()
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
      } else member.caughtUp()
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
          this.#fail(member, error)
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

  /** Leaves the transaction, if there is one left: after some errors SQLite has left it already. */
  #abandon(): void {
    try {
      if (this.#options.db.inTransaction) this.#rollback.run()
    } catch {
      // The error that led here is the one to tell.
    }
  }

  #fail(member: Member, error: unknown): void {
    this.#withdraw(member)
    if (member.failed_already) return
    member.failed_already = true
    const outer = this.#current
    this.#current = member
    try {
      member.failed(error)
    } finally {
      this.#current = outer
    }
  }

  /** Its work met the failing disk: it takes its place without rows and is told at once. */
  #turnAway(member: Member, error: unknown): void {
    this.#withdraw(member)
    this.#breaker.fail(error)
    member.expired_already = true
    setImmediate(() => member.expired())
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
  }

  /** Storage fails: tell who has not been told, and try again when the breaker says so. */
  #wait(): void {
    if (this.#failing) this.#holdAll()
    if (this.#timer || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#expireAll()
      if (this.#queued.length > 0) this.#flush()
      this.#sync()
    }, this.#breaker.delay)
  }

  /** A sync that hangs is no failure yet, but nobody waits for it longer than an acknowledgement may be held. */
  #patrol(): void {
    const slow = this.#options.monotonic() - SLOW_MS
    for (const members of [this.#unsynced, this.#queued])
      for (const member of members) {
        if (member.joined_at > slow) break
        this.#hold(member)
      }
    this.#expireAll()
  }

  /** Those who were told are always the first in line, so the way back ends at the last of them. */
  #holdAll(): void {
    const { length } = this.#unsynced
    let told = length
    while (told > 0 && !this.#unsynced[told - 1]!.held_already) told--
    for (; told < length; told++) this.#hold(this.#unsynced[told]!)

    told = this.#queued.length
    while (told > 0 && !this.#queued[told - 1]!.announced) told--
    for (const member of this.#queued.slice(told)) {
      this.#hold(member)
      member.announced = true
      member.committed(false)
    }
  }

  #hold(member: Member): void {
    if (member.held_already) return
    member.held_already = true
    member.held()
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
