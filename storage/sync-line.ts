/**
 * Who is committed and waits for the disk, in order. One sync runs at a time, in the thread pool, and covers
 * everything committed before it started; then its members are told. A failed sync leaves the log suspect.
 */
import type { Breaker } from './breaker.js'
import type { Member } from './member.js'

export interface SyncLineOptions {
  /** Syncs the log; runs off the event loop. */
  sync: (done: (error: Error | null) => void) => void
  /** Makes all committed rows durable without the log. Rejects when it cannot. */
  rescue: () => Promise<void>
  breaker: Breaker
  /** Milliseconds, monotonic. */
  monotonic: () => number
  /** Storage fails: somebody must come back later. */
  wait: () => void
  onSync?: ((ms: number) => void) | undefined
}

export class SyncLine {
  readonly #options: SyncLineOptions
  #members: Member[] = []
  /** Something was committed that no sync covers yet. */
  #dirty = false
  #syncing = false
  #suspect = false

  constructor(options: SyncLineOptions) {
    this.#options = options
  }

  get members(): readonly Member[] {
    return this.#members
  }

  /** The log failed a sync and was not rescued yet: that commits work again proves nothing. */
  get suspect(): boolean {
    return this.#suspect
  }

  /** Rows were committed. */
  soil(): void {
    this.#dirty = true
  }

  push(member: Member): void {
    this.#members.push(member)
  }

  /** Tells those who are durable, or starts what makes them so. */
  advance(): void {
    if (this.#syncing || this.#members.length === 0) return
    if (!this.#dirty) return this.#release(this.#members.length)
    if (this.#suspect) return this.#rescue()

    const { sync, monotonic, onSync } = this.#options
    this.#syncing = true
    this.#dirty = false
    const covered = this.#members.length
    const started = monotonic()
    sync((error) => {
      onSync?.(monotonic() - started)
      if (!error) return this.#succeeded(covered)
      this.#dirty = true
      this.#suspect = true
      this.#failed(error)
    })
  }

  /**
   * After a failed fsync the kernel may have dropped the pages it could not write, so a later success proves
   * nothing about them. Only a complete checkpoint, synced, makes those rows durable.
   */
  #rescue(): void {
    const { breaker, rescue, wait } = this.#options
    if (!breaker.allows()) return wait()
    this.#syncing = true
    const covered = this.#members.length
    rescue().then(
      () => {
        this.#suspect = false
        this.#dirty = false
        breaker.succeed()
        this.#succeeded(covered)
      },
      (error) => this.#failed(error),
    )
  }

  #succeeded(covered: number): void {
    this.#syncing = false
    this.#release(covered)
    this.advance()
  }

  #failed(error: unknown): void {
    this.#syncing = false
    this.#options.breaker.fail(error)
    this.#options.wait()
  }

  #release(count: number): void {
    for (const member of this.#members.splice(0, count)) if (!member.expired_already) member.durable()
  }
}
