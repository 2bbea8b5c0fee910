/**
 * The audit: who or what did what, and how it ended. Entries are appended through the group like every other
 * row, never changed, and forgotten by the sweep alone.
 */
import type { Database } from 'better-sqlite3'
import type { AuditEventName } from '../routing/contract/audit-events.js'
import { type AuditReads, createAuditReads } from './audit-reads.js'
import { type AuditSweep, createAuditSweep } from './audit-sweep.js'
import type { Group, Writer } from './group.js'
import { Porter } from './member.js'
import { params, prepare, query } from './statement.js'
import type { AuditLogsTable, Severity, SourceType } from './tables.js'

export type { AuditCounts, AuditFilter, AuditLog } from './audit-reads.js'
export type { Severity, SourceType } from './tables.js'

/** What is written down; everything that is left out is null, details are {}. */
export interface AuditEntry {
  event_type: AuditEventName
  severity: Severity
  source_type: SourceType
  /** Device id, user name, or whatever names the source. */
  source_id?: string | null
  status: 'success' | 'failed' | 'pending' | (string & {})
  message?: string | null
  details?: object
  error_code?: string | null
  error_description?: string | null
  ip_address?: string | null
  user_agent?: string | null
  correlation_id?: string | null
  request_id?: string | null
}

export interface AuditLogs extends AuditReads, AuditSweep {
  /** Queues the row with those of whoever joins the group now; inside the group only. */
  insert(entry: AuditEntry, now: number): void
  /**
   * Queues the row by itself and waits for nobody; anywhere. While storage fails it waits in memory; when too
   * many wait already it is left out, because an entry is not worth a command.
   */
  note(entry: AuditEntry, now: number): void
}

const COLUMNS = [
  'id',
  'event_type',
  'severity',
  'source_type',
  'source_id',
  'status',
  'message',
  'details',
  'error_code',
  'error_description',
  'ip_address',
  'user_agent',
  'correlation_id',
  'request_id',
  'created_at',
] as const satisfies readonly (keyof AuditLogsTable)[]

export function createAuditLogs(db: Database, group: Group, monotonic: () => number): AuditLogs {
  const insert = prepare<AuditLogsTable>(
    db,
    query.insertInto('audit_logs').values(params<AuditLogsTable>(COLUMNS)),
  )
  let lastId = Number(db.prepare('SELECT coalesce(max(id), 0) FROM audit_logs').pluck().get())
  const writer: Writer<AuditLogsTable> = {
    write: (row) => void insert.run(row),
    refer: ({ id, created_at }, trail, message) => trail.wrote(message, 'audit_logs', id, 0, created_at),
  }

  const insertEntry = (entry: AuditEntry, now: number): void =>
    group.write(writer, {
      id: ++lastId,
      event_type: entry.event_type,
      severity: entry.severity,
      source_type: entry.source_type,
      source_id: entry.source_id ?? null,
      status: entry.status,
      message: entry.message ?? null,
      details: JSON.stringify(entry.details ?? {}),
      error_code: entry.error_code ?? null,
      error_description: entry.error_description ?? null,
      ip_address: entry.ip_address ?? null,
      user_agent: entry.user_agent ?? null,
      correlation_id: entry.correlation_id ?? null,
      request_id: entry.request_id ?? null,
      created_at: now,
    })

  return {
    ...createAuditReads(db),
    ...createAuditSweep(db, group, monotonic),
    insert: insertEntry,
    note(entry, now) {
      if (!group.full) group.join(new Porter(), () => insertEntry(entry, now))
    },
  }
}
