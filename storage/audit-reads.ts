/**
 * Reading the audit: pages, counts, what went wrong. Whatever looks at every row goes in slices and gives way
 * between them; the others follow an index and stop.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import { type AuditHistory, createHistory } from './audit-history.js'
import { type AuditLog, type AuditPage, createPages, SLICE } from './audit-pages.js'
import { param, prepare, query } from './statement.js'
import type { Severity } from './tables.js'

export type { AuditFilter, AuditLog } from './audit-pages.js'

export interface AuditCounts {
  total: number
  by_severity: Partial<Record<Severity, number>>
  /** The most frequent first. */
  by_event_type: Record<string, number>
}

export interface AuditReads {
  readonly page: AuditPage
  find(id: number): AuditLog | undefined
  /** How many entries there are of each kind. */
  counts(): Promise<AuditCounts>
  /** Errors and critical entries since `from`. */
  errors(from: number, limit: number): AuditLog[]
  /** Entries about configurations of one device. */
  readonly configHistory: AuditHistory
  /** How many entries there are since `from`, and how many of them are errors or critical. */
  rate(from: number): { total: number; errors: number }
  /** Times of the oldest and the newest entry, and about how many bytes one takes. */
  extent(): { oldest: number | null; newest: number | null; bytes_each: number }
}

/** Entries whose size speaks for all. */
const SAMPLE = 200
/** What an entry takes besides its words: numbers, headers, three indexes; bytes. */
const OVERHEAD = 120

interface Kind {
  event_type: string
  severity: Severity
  n: number
  last: number
}

function createCounts(db: Database): AuditReads['counts'] {
  const kinds = prepare<{ after: number }, Kind>(
    db,
    query
      .selectFrom(
        query
          .selectFrom('audit_logs')
          .select(['id', 'event_type', 'severity'])
          .where('id', '>', param<number>('after'))
          .orderBy('id')
          .limit(sql.lit(SLICE))
          .as('slice'),
      )
      .select(({ fn }) => ['event_type', 'severity', fn.countAll<number>().as('n'), fn.max('id').as('last')])
      .groupBy(['event_type', 'severity']),
  )
  return async () => {
    const by_severity: Partial<Record<Severity, number>> = {}
    const by_event_type: Record<string, number> = {}
    let total = 0
    let after = 0
    for (;;) {
      let seen = 0
      for (const { event_type, severity, n, last } of kinds.all({ after })) {
        by_severity[severity] = (by_severity[severity] ?? 0) + n
        by_event_type[event_type] = (by_event_type[event_type] ?? 0) + n
        seen += n
        after = Math.max(after, last)
      }
      total += seen
      if (seen < SLICE) break
      await nextTurn()
    }
    const frequent = Object.entries(by_event_type).sort(([, a], [, b]) => b - a)
    return { total, by_severity, by_event_type: Object.fromEntries(frequent) }
  }
}

export function createAuditReads(db: Database): AuditReads {
  const since = query.selectFrom('audit_logs').where('created_at', '>=', param<number>('from'))
  const latest = since
    .selectAll()
    .where('severity', '=', param<Severity>('severity'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(param<number>('limit'))
  const ofSeverity = prepare<{ severity: Severity; from: number; limit: number }, AuditLog>(db, latest)
  const all = prepare<{ from: number }, { n: number }>(
    db,
    since.select(({ fn }) => fn.countAll<number>().as('n')),
  )
  const failed = prepare<{ from: number }, { n: number }>(
    db,
    since
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .where('severity', 'in', [sql.lit('error' as const), sql.lit('critical' as const)]),
  )
  const oldest = prepare<object, { at: number | null }>(
    db,
    query.selectFrom('audit_logs').select(({ fn }) => fn.min('created_at').as('at')),
  )
  const newest = prepare<object, { at: number | null }>(
    db,
    query.selectFrom('audit_logs').select(({ fn }) => fn.max('created_at').as('at')),
  )
  const size = prepare<object, { bytes: number | null }>(
    db,
    query
      .selectFrom(
        query.selectFrom('audit_logs').selectAll().orderBy('id', 'desc').limit(sql.lit(SAMPLE)).as('sample'),
      )
      .select(
        sql<number | null>`avg(${sql.join(
          [
            'event_type',
            'source_id',
            'message',
            'details',
            'error_description',
            'user_agent',
            'request_id',
          ].map((column) => sql`coalesce(octet_length(${sql.ref(column)}), 0)`),
          sql` + `,
        )})`.as('bytes'),
      ),
  )

  const one = prepare<{ id: number }, AuditLog>(
    db,
    query.selectFrom('audit_logs').selectAll().where('id', '=', param<number>('id')),
  )

  return {
    page: createPages(db),
    find: (id) => one.get({ id }),
    counts: createCounts(db),
    errors: (from, limit) =>
      (['error', 'critical'] as const)
        .flatMap((severity) => ofSeverity.all({ severity, from, limit }))
        .sort((a, b) => b.created_at - a.created_at || b.id - a.id)
        .slice(0, limit),
    configHistory: createHistory(db),
    rate: (from) => ({ total: all.get({ from })!.n, errors: failed.get({ from })!.n }),
    extent: () => ({
      oldest: oldest.get({})!.at,
      newest: newest.get({})!.at,
      bytes_each: Math.round((size.get({})!.bytes ?? 0) + OVERHEAD),
    }),
  }
}
