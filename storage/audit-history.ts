/**
 * What a device was configured, from the audit: newest first, a slice of the device's entries at a time, because
 * most of what a device writes is about something else.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { sql } from 'kysely'
import { type AuditLog, NEWEST, OLDEST, type Place, SLICE, type Slice, within } from './audit-pages.js'
import { param, prepare, query } from './statement.js'

export type AuditHistory = (esp_id: string, limit: number) => Promise<AuditLog[]>

export function createHistory(db: Database): AuditHistory {
  const ofDevice = query
    .selectFrom('audit_logs')
    .where('source_id', '=', param<string>('source_id'))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
  const step = prepare<Place & { source_id: string; offset: number }, Place>(
    db,
    ofDevice
      .select(['created_at', 'id'])
      .where(sql<boolean>`(created_at, id) < (@created_at, @id)`)
      .limit(sql.lit(1))
      .offset(param<number>('offset')),
  )
  const configs = prepare<Slice & { source_id: string; limit: number }, AuditLog>(
    db,
    ofDevice
      .selectAll()
      .where(within)
      .where(sql<boolean>`event_type GLOB 'config_*'`)
      .limit(param<number>('limit')),
  )

  return async (source_id, limit) => {
    const rows: AuditLog[] = []
    for (let before = NEWEST; ; ) {
      const last = step.get({ ...before, source_id, offset: SLICE - 1 })
      const after = last ?? OLDEST
      rows.push(
        ...configs.all({
          source_id,
          limit: limit - rows.length,
          after_at: after.created_at,
          after_id: after.id,
          before_at: before.created_at,
          before_id: before.id,
        }),
      )
      if (!last || rows.length === limit) return rows
      before = last
      await nextTurn()
    }
  }
}
