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
import { announceAll, expireSince, holdAll, holdSince } from './patience.js'
import { SyncLine } from './sync-line.js'

export { Member, TRACED, type TracedTable, type Trail, type Writer } from './member.js'

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
/** Places beyond the backlog for what is about safety. */
const RESERVE = 5_000
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
  /** Committed, not synced. */
  readonly #line: SyncLine
  #current: Member | undefined
  #scheduled = false
  #lent = false
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
    this.#line = new SyncLine({
      sync: options.sync,
      // A rescue writes; it waits its turn for the lock like everybody else.
      rescue: () => this.lend(options.rescue),
      breaker: this.#breaker,
      monotonic: options.monotonic,
      wait: () => this.#wait(),
      onSync: options.onSync,
    })
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
    return this.#queued.length + this.#line.members.length
  }

  /** Who joined last and is not committed. */
  get last(): Member | undefined {
    return this.#queued.at(-1)
  }

  /** True when nobody else may join because storage has been failing for too long. */
  get full(): boolean {
    return this.#queued.length >= this.#options.backlog
  }

  /** True when not even those may join who are about safety: they have room beyond what the others fill. */
  get brimful(): boolean {
    return this.#queued.length >= this.#options.backlog + RESERVE
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
    if (!this.#line.suspect) this.#breaker.succeed()
    for (const member of members) {
      // The rows are the database's now. Whoever waits for the disk is small, and the young generation too.
      member.writes.length = 0
      if (!member.announced) {
        member.announced = true
        member.committed(true)
      } else member.caughtUp()
      this.#line.push(member)
    }
    if (this.#queued.length > 0) this.#schedule()
    this.#line.advance()
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
      this.#line.soil()
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

  /** Storage fails: tell who has not been told, and try again when the breaker says so. */
  #wait(): void {
    if (this.#failing) {
      holdAll(this.#line.members)
      announceAll(this.#queued)
    }
    if (this.#timer || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#expire()
      if (this.#queued.length > 0) this.#flush()
      this.#line.advance()
    }, this.#breaker.delay)
  }

  /** A sync that hangs is no failure yet, but nobody waits for it longer than an acknowledgement may be held. */
  #patrol(): void {
    const slow = this.#options.monotonic() - SLOW_MS
    holdSince(this.#line.members, slow)
    holdSince(this.#queued, slow)
    this.#expire()
  }

  #expire(): void {
    const since = this.#options.monotonic() - this.#options.hold
    expireSince(this.#line.members, since)
    expireSince(this.#queued, since)
    // Who has no rows and is told takes no place from those who have.
    if (this.#queued.some(isOver)) this.#queued = this.#queued.filter((member) => !isOver(member))
  }
}

const isOver = ({ writes, idle, expired_already }: Member): boolean =>
  writes.length === 0 && (idle || expired_already)
