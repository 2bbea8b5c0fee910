/**
 * Forgetting the audit: entries past their days, and the oldest beyond a number, in small transactions through
 * the group, so that nobody waits for them. The same walk, without deleting, tells what a sweep would delete.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { Group, Writer } from './group.js'
import { param, prepare, query } from './statement.js'
import type { Severity } from './tables.js'

export interface Limits {
  /** Entries of a severity from before its time go; ms since 1970. */
  readonly before: Readonly<Record<Severity, number>>
  /** The oldest beyond this many go too; 0 = no limit. */
  readonly max_records: number
  /** Entries deleted in one transaction, at most; less where they take too long. */
  readonly batch_size: number
  /** Keep emergency stops, however old. */
  readonly preserve_emergency_stops: boolean
}

export interface Swept {
  by_severity: Record<Severity, number>
  /** Why it ended early; empty when it did not. */
  errors: string[]
}

export interface AuditSweep {
  /**
   * Deletes what the limits say, or only counts it, until told to stop. Never rejects: what failed is in
   * `errors`.
   */
  sweep(limits: Limits, dry_run: boolean, signal?: AbortSignal): Promise<Swept>
}

interface Entry {
  id: number
  created_at: number
  event_type: string
  severity: Severity
}

/** A transaction on the event loop should take no longer than this, ms. */
const BUDGET_MS = 2
const FEWEST = 10
const FIRST = 100
/** Entries looked at in one turn, where nothing is deleted. */
const LOOK = 1_000

const KINDS: readonly Severity[] = ['info', 'warning', 'error', 'critical']

export function createAuditSweep(db: Database, group: Group, monotonic: () => number): AuditSweep {
  const oldestFirst = query
    .selectFrom('audit_logs')
    .select(['id', 'created_at', 'event_type', 'severity'])
    .where(sql<boolean>`(created_at, id) > (@created_at, @id)`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(param<number>('limit'))
  const anyAfter = prepare<{ created_at: number; id: number; limit: number }, Entry>(db, oldestFirst)
  const expiredAfter = prepare<
    { created_at: number; id: number; limit: number; severity: Severity; before: number },
    Entry
  >(
    db,
    oldestFirst
      .where('severity', '=', param<Severity>('severity'))
      .where('created_at', '<', param<number>('before')),
  )
  const count = prepare<object, { n: number }>(
    db,
    query.selectFrom('audit_logs').select(({ fn }) => fn.countAll<number>().as('n')),
  )
  const remove = prepare<{ id: number }>(
    db,
    query.deleteFrom('audit_logs').where('id', '=', param<number>('id')),
  )

  let size = FIRST
  const writer: Writer<readonly Entry[]> = {
    write(entries) {
      const started = monotonic()
      for (const { id } of entries) remove.run({ id })
      const took = monotonic() - started
      if (took > BUDGET_MS) size = Math.max(FEWEST, Math.floor(entries.length / 2))
      else if (entries.length >= size && took < BUDGET_MS / 3) size *= 2
    },
  }

  return {
    async sweep(limits, dry_run, signal) {
      const by_severity: Record<Severity, number> = { info: 0, warning: 0, error: 0, critical: 0 }
      const stays = ({ event_type }: Entry): boolean =>
        limits.preserve_emergency_stops && event_type === 'emergency_stop'
      let swept = 0

      const drop = async (entries: readonly Entry[]): Promise<void> => {
        if (dry_run) await nextTurn()
        else if (entries.length > 0) await group.run(() => group.write(writer, entries))
        swept += entries.length
        for (const { severity } of entries) by_severity[severity]++
      }

      /** Asks for slice after slice until there is no more, or `take` has had enough. */
      const walk = async (
        slices: (after: { created_at: number; id: number; limit: number }) => Entry[],
        take: (slice: readonly Entry[]) => Promise<boolean>,
      ): Promise<void> => {
        let last: Pick<Entry, 'created_at' | 'id'> = { created_at: Number.MIN_SAFE_INTEGER, id: 0 }
        for (;;) {
          signal?.throwIfAborted()
          const limit = dry_run ? LOOK : Math.min(size, limits.batch_size)
          const slice = slices({ created_at: last.created_at, id: last.id, limit })
          if (slice.length === 0 || !(await take(slice)) || slice.length < limit) return
          last = slice.at(-1)!
        }
      }

      try {
        for (const severity of KINDS)
          await walk(
            (after) => expiredAfter.all({ ...after, severity, before: limits.before[severity] }),
            async (slice) => {
              await drop(slice.filter((entry) => !stays(entry)))
              return true
            },
          )

        let excess = limits.max_records === 0 ? 0 : count.get({})!.n - limits.max_records
        if (dry_run) excess -= swept
        if (excess > 0)
          await walk(
            (after) => anyAfter.all(after),
            async (slice) => {
              const oldest = slice
                .filter((entry) => !stays(entry) && entry.created_at >= limits.before[entry.severity])
                .slice(0, excess)
              await drop(oldest)
              excess -= oldest.length
              return excess > 0
            },
          )
        return { by_severity, errors: [] }
      } catch (error) {
        return { by_severity, errors: [(error as Error).message] }
      }
    },
  }
}
