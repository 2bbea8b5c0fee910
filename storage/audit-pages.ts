/**
 * Pages of the audit, newest first, with how many entries there are in all. A filter might have to look at
 * every row, so it goes in slices along the time and gives way between them: the event loop never waits,
 * however long the table is.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import { param, prepare, query } from './statement.js'
import type { AuditLogsTable, Severity, SourceType } from './tables.js'

export type AuditLog = Readonly<AuditLogsTable>

/** Entries that have all of these; what is left out does not matter. */
export interface AuditFilter {
  event_type?: string | undefined
  severity?: Severity | undefined
  source_type?: SourceType | undefined
  source_id?: string | undefined
  status?: string | undefined
  error_code?: string | undefined
  /** Somewhere in it; upper and lower case of ASCII are the same. */
  text?: string | undefined
  /** ms since 1970, both inclusive */
  from?: number | undefined
  until?: number | undefined
}

/** One page and how many entries there are on all pages. `page` counts from 1. */
export type AuditPage = (
  filter: AuditFilter,
  page: number,
  page_size: number,
) => Promise<{ rows: AuditLog[]; total: number }>

/** Rows per slice: under a millisecond here, a few on a Raspberry Pi. */
export const SLICE = 2_000
const FILTERED = ['event_type', 'severity', 'source_type', 'source_id', 'status', 'error_code'] as const
/** Where a text is looked for. */
const READ = ['message', 'error_description', 'source_id', 'event_type', 'details'] as const
type Wanted = Record<(typeof FILTERED)[number] | 'text', string | null>

export interface Place {
  created_at: number
  id: number
}
export const NEWEST: Place = { created_at: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }
export const OLDEST: Place = { created_at: Number.MIN_SAFE_INTEGER, id: 0 }

export interface Slice {
  after_at: number
  after_id: number
  before_at: number
  before_id: number
}

export const within = sql<boolean>`(created_at, id) >= (@after_at, @after_id) AND (created_at, id) < (@before_at, @before_id)`
const equals = FILTERED.map(
  (column) => sql`(@${sql.raw(column)} IS NULL OR ${sql.ref(column)} = @${sql.raw(column)})`,
)
const reads = sql`(@text IS NULL OR ${sql.join(
  READ.map((column) => sql`instr(lower(${sql.ref(column)}), lower(@text))`),
  sql` OR `,
)})`
const wanted = sql<boolean>`${sql.join([...equals, reads], sql` AND `)}`

export function createPages(db: Database): AuditPage {
  const newestFirst = query.selectFrom('audit_logs').orderBy('created_at', 'desc').orderBy('id', 'desc')
  const step = prepare<Place & { from: number; offset: number }, Place>(
    db,
    newestFirst
      .select(['created_at', 'id'])
      .where(sql<boolean>`created_at >= @from AND (created_at, id) < (@created_at, @id)`)
      .limit(sql.lit(1))
      .offset(param<number>('offset')),
  )
  const counted = query
    .selectFrom('audit_logs')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where(within)
  const countAll = prepare<Slice, { n: number }>(db, counted)
  const count = prepare<Slice & Wanted, { n: number }>(db, counted.where(wanted))
  const rowsOf = prepare<Slice & Wanted & { limit: number; offset: number }, AuditLog>(
    db,
    newestFirst
      .selectAll()
      .where(within)
      .where(wanted)
      .limit(param<number>('limit'))
      .offset(param<number>('offset')),
  )

  return async (filter, page, page_size) => {
    const columns = [...FILTERED, 'text'] as const
    const wants = Object.fromEntries(columns.map((column) => [column, filter[column] ?? null])) as Wanted
    const unfiltered = columns.every((column) => wants[column] === null)
    const from = filter.from ?? OLDEST.created_at
    const skipped = (page - 1) * page_size
    const rows: AuditLog[] = []
    let total = 0
    let before = filter.until === undefined ? NEWEST : { created_at: filter.until + 1, id: 0 }
    for (;;) {
      const last = step.get({ ...before, from, offset: SLICE - 1 })
      const after = last ?? { created_at: from, id: 0 }
      const slice = {
        after_at: after.created_at,
        after_id: after.id,
        before_at: before.created_at,
        before_id: before.id,
      }
      const n = unfiltered ? countAll.get(slice)!.n : count.get({ ...slice, ...wants })!.n
      if (rows.length < page_size && total + n > skipped)
        rows.push(
          ...rowsOf.all({
            ...slice,
            ...wants,
            limit: page_size - rows.length,
            offset: Math.max(0, skipped - total),
          }),
        )
      total += n
      if (!last) return { rows, total }
      before = last
      await nextTurn()
    }
  }
}
