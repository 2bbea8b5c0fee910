/**
 * What happened within a time, to be drawn beside readings: entries of the audit and rows of the actuators'
 * history, newest first and no more than wanted. Both tables are looked through in slices, between which the
 * event loop turns; what is still queued comes with the next call.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import type { AuditEventName } from '../routing/contract/audit-events.js'
import type { ActuatorHistoryTable } from './actuator-tables.js'
import { NEWEST, OLDEST, type Place, SLICE, type Slice, within } from './audit-pages.js'
import { param, prepare, query } from './statement.js'
import type { AuditLogsTable } from './tables.js'

/** When, whose and how many. */
export interface MarksRange {
  /** ms since 1970, both included. */
  readonly from: number
  readonly to: number
  /** Of these devices and of all together; undefined: of whomever. */
  readonly esp_ids: readonly string[] | undefined
  readonly limit: number
}

/** An entry of the audit, with the device and the pin it is about. */
export type AuditMark = Readonly<
  Pick<
    AuditLogsTable,
    'id' | 'event_type' | 'severity' | 'status' | 'message' | 'created_at' | 'correlation_id'
  >
> & { readonly esp_id: string | null; readonly gpio: number | null; readonly said_by: string | null }

export type ActuatorMark = Readonly<ActuatorHistoryTable>

export interface MarkReads {
  audit(events: readonly AuditEventName[], range: MarksRange): Promise<AuditMark[]>
  /** Commands, and what devices that were let in did by themselves; alerts are in the audit. */
  actuators(range: MarksRange): Promise<ActuatorMark[]>
}

/** The device an entry is about: what people do says it in its details. */
const SOURCE = sql<string | null>`coalesce(
  json_extract(details, '$.esp_id'), json_extract(details, '$.device_id'),
  CASE source_type WHEN 'user' THEN NULL ELSE source_id END)`
const oneOf = (column: ReturnType<typeof sql>, name: string) =>
  sql<boolean>`${column} IN (SELECT value FROM json_each(${param(name)}))`

interface Wanted {
  esp_ids: string | null
  limit: number
}

export function createMarks(db: Database): MarkReads {
  const newestFirst = query.selectFrom('audit_logs').orderBy('created_at', 'desc').orderBy('id', 'desc')
  const step = prepare<Place & { from: number }, Place>(
    db,
    newestFirst
      .select(['created_at', 'id'])
      .where(sql<boolean>`created_at >= @from AND (created_at, id) < (@created_at, @id)`)
      .limit(sql.lit(1))
      .offset(sql.lit(SLICE - 1)),
  )
  const entries = prepare<Slice & Wanted & { events: string }, AuditMark>(
    db,
    newestFirst
      .select(['id', 'event_type', 'severity', 'status', 'message', 'created_at', 'correlation_id'])
      .select([
        SOURCE.as('esp_id'),
        sql<number | null>`json_extract(details, '$.gpio')`.as('gpio'),
        sql<string | null>`CASE source_type WHEN 'user' THEN source_id END`.as('said_by'),
      ])
      .where(within)
      .where(oneOf(sql.ref('event_type'), 'events'))
      .where(sql<boolean>`(@esp_ids IS NULL OR ${SOURCE} IS NULL OR ${oneOf(SOURCE, 'esp_ids')})`)
      .limit(param<number>('limit')),
  )
  const rows = prepare<Wanted & { from: number; to: number; least: number; most: number }, ActuatorMark>(
    db,
    query
      .selectFrom('actuator_history')
      .selectAll()
      .where(sql<boolean>`id BETWEEN @least AND @most AND timestamp BETWEEN @from AND @to`)
      // An alert is in the audit too, and there in words.
      .where(sql<boolean>`substr(command_type, 1, 6) <> 'ALERT_'`)
      .where(sql<boolean>`(@esp_ids IS NULL OR ${oneOf(sql.ref('esp_id'), 'esp_ids')})`)
      .orderBy('timestamp', 'desc')
      .orderBy('id', 'desc')
      .limit(param<number>('limit')),
  )
  const ends = db
    .prepare<[], [least: number | null, most: number | null]>(
      'SELECT (SELECT min(id) FROM actuator_history WHERE id > 0), (SELECT max(id) FROM actuator_history)',
    )
    .raw()

  const wantedBy = ({ esp_ids, limit }: MarksRange): Wanted => ({
    esp_ids: esp_ids ? JSON.stringify(esp_ids) : null,
    limit,
  })

  return {
    async audit(events, range) {
      const found: AuditMark[] = []
      const from = Math.max(range.from, OLDEST.created_at)
      const asked = { ...wantedBy(range), events: JSON.stringify(events) }
      let before = range.to < NEWEST.created_at ? { created_at: range.to + 1, id: 0 } : NEWEST
      for (;;) {
        const last = step.get({ ...before, from })
        const after = last ?? { created_at: from, id: 0 }
        const slice = {
          after_at: after.created_at,
          after_id: after.id,
          before_at: before.created_at,
          before_id: before.id,
        }
        found.push(...entries.all({ ...asked, ...slice, limit: range.limit - found.length }))
        if (!last || found.length >= range.limit) return found
        before = last
        await nextTurn()
      }
    },
    async actuators(range) {
      const { from, to, limit } = range
      const [least, newest] = ends.get()!
      let found: ActuatorMark[] = []
      // Ids are the order of arrival, and what was reported late belongs to an earlier time: all are looked at.
      for (let most = newest ?? 0; most >= (least ?? 1) && most > 0; most -= SLICE) {
        const some = rows.all({ ...wantedBy(range), from, to, most, least: Math.max(1, most - SLICE + 1) })
        if (some.length > 0)
          found = [...found, ...some].sort((a, b) => b.timestamp - a.timestamp || b.id - a.id).slice(0, limit)
        await nextTurn()
      }
      return found
    },
  }
}
