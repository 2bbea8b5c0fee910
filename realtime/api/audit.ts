/** `/audit`: who or what did what: pages of entries, what went wrong, figures. Wire format: rest-contract §12. */
import Type from 'typebox'
import type { AuditStatistics } from '../../routing/audit-statistics.js'
import { AUDIT_EVENTS, SEVERITIES, SOURCE_TYPES } from '../../routing/contract/audit-events.js'
import type { RetentionRule } from '../../routing/retention.js'
import type { Severity } from '../../storage/audit-logs.js'
import type { Store } from '../../storage/store.js'
import {
  AuditBody,
  auditBody,
  perSeverity,
  RetentionBody,
  retentionBody,
  SeverityWord,
  SourceWord,
} from '../audit-body.js'
import { instant } from '../instant.js'
import { type Resource, route } from '../route.js'
import { EspId, nullable, Time } from '../shapes.js'
import { iso } from '../web.js'

const HOUR = 3_600_000
const MEGABYTE = 1_048_576
/** Kinds of entries that the statistics name. */
const TOP = 10

const Count = Type.Integer({ minimum: 0 })
const Word = Type.Optional(Type.String({ maxLength: 255 }))
const Instant = Type.Optional(
  Type.String({ maxLength: 40, description: 'ISO 8601; UTC where no zone is said' }),
)
const hours = (most: number, standard: string) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, description: `back from now; ${standard}` }))
const limit = (most: number, standard: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: most, description: `default ${standard}` }))

const round = (n: number): number => Math.round(n * 100) / 100

export interface AuditOptions {
  store: Store
  now: () => number
  retention: RetentionRule
  auditStatistics: () => Promise<AuditStatistics>
}

export const audit = ({ store, now, retention, auditStatistics }: AuditOptions): Resource => ({
  prefix: '/audit',
  tag: 'Audit',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'viewer',
      summary: 'Who or what did what, newest first',
      description: 'Filters apply together; `hours` goes before `start_time`.',
      query: Type.Object({
        event_type: Word,
        severity: Type.Optional(SeverityWord),
        source_type: Type.Optional(SourceWord),
        source_id: Word,
        status: Word,
        error_code: Word,
        text: Type.Optional(
          Type.String({
            maxLength: 200,
            description: 'somewhere in message, description, source, kind or details, in any case',
          }),
        ),
        start_time: Instant,
        end_time: Instant,
        hours: hours(720, 'goes before start_time'),
        page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'default 1' })),
        page_size: limit(500, 50),
      }),
      answer: Type.Object({
        data: Type.Array(AuditBody),
        total: Count,
        page: Type.Integer(),
        page_size: Type.Integer(),
        total_pages: Count,
      }),
      async handle({ query: { start_time, end_time, hours, page = 1, page_size = 50, ...words } }) {
        const since = instant('start_time', start_time)
        const until = instant('end_time', end_time)
        const from = hours === undefined ? since : now() - hours * HOUR
        const { rows, total } = await store.auditLogs.page({ ...words, from, until }, page, page_size)
        return {
          data: rows.map(auditBody),
          total,
          page,
          page_size,
          total_pages: Math.ceil(total / page_size),
        }
      },
    }),

    route({
      method: 'GET',
      path: '/statistics',
      role: 'viewer',
      summary: 'How many entries there are, of what kind, and what the next cleanup would delete',
      answer: Type.Object({
        total_count: Count,
        count_by_severity: perSeverity('entries'),
        count_by_event_type: Type.Record(Type.String(), Count, { description: `the ${TOP} most frequent` }),
        oldest_entry: nullable(Time),
        newest_entry: nullable(Time),
        storage_estimate_mb: Type.Number(),
        pending_cleanup_count: Count,
        pending_cleanup_by_severity: perSeverity('entries that the next cleanup would delete'),
        retention_config: RetentionBody,
      }),
      async handle() {
        const { total, by_severity, by_event_type, oldest, newest, bytes, pending } = await auditStatistics()
        return {
          total_count: total,
          count_by_severity: { info: 0, warning: 0, error: 0, critical: 0, ...by_severity },
          count_by_event_type: Object.fromEntries(Object.entries(by_event_type).slice(0, TOP)),
          oldest_entry: iso(oldest),
          newest_entry: iso(newest),
          storage_estimate_mb: round(bytes / MEGABYTE),
          pending_cleanup_count: Object.values(pending).reduce((sum, n) => sum + n, 0),
          pending_cleanup_by_severity: pending,
          retention_config: retentionBody(retention),
        }
      },
    }),

    route({
      method: 'GET',
      path: '/event-types',
      role: 'viewer',
      summary: 'Every kind of entry',
      answer: Type.Array(
        Type.Object({
          value: Type.String(),
          description: Type.String(),
          category: Type.Enum(['Config', 'Auth', 'Security', 'Operations', 'Errors']),
        }),
      ),
      handle: () => Object.entries(AUDIT_EVENTS).map(([value, event]) => ({ value, ...event })),
    }),

    route({
      method: 'GET',
      path: '/severities',
      role: 'viewer',
      summary: 'Severities, least first, with the colours of their badges',
      answer: Type.Array(
        Type.Object({ value: SeverityWord, description: Type.String(), color: Type.String() }),
      ),
      handle: () => (Object.keys(SEVERITIES) as Severity[]).map((value) => ({ value, ...SEVERITIES[value] })),
    }),

    route({
      method: 'GET',
      path: '/source-types',
      role: 'viewer',
      summary: 'Who or what an entry can be about',
      answer: Type.Array(SourceWord),
      handle: () => [...SOURCE_TYPES],
    }),

    route({
      method: 'GET',
      path: '/errors',
      role: 'viewer',
      summary: 'What went wrong, errors and critical entries, newest first',
      query: Type.Object({ hours: hours(168, 'default 24'), limit: limit(500, 100) }),
      answer: Type.Array(AuditBody),
      handle: ({ query: { hours = 24, limit = 100 } }) =>
        store.auditLogs.errors(now() - hours * HOUR, limit).map(auditBody),
    }),

    route({
      method: 'GET',
      path: '/error-rate',
      role: 'viewer',
      summary: 'Which part of the entries are errors or critical',
      query: Type.Object({ hours: hours(720, 'default 24') }),
      answer: Type.Object({
        period_hours: Type.Integer(),
        total_events: Count,
        error_events: Count,
        error_rate_percent: Type.Number({ description: '0 without any entry' }),
      }),
      handle({ query: { hours = 24 } }) {
        const { total, errors } = store.auditLogs.rate(now() - hours * HOUR)
        return {
          period_hours: hours,
          total_events: total,
          error_events: errors,
          error_rate_percent: total === 0 ? 0 : round((100 * errors) / total),
        }
      },
    }),

    route({
      method: 'GET',
      path: '/esp/{esp_id}/config-history',
      role: 'viewer',
      summary: 'Which configurations a device was sent and what it answered, newest first',
      description: 'Also of a device that was removed since.',
      params: Type.Object({ esp_id: EspId }),
      query: Type.Object({ limit: limit(200, 50) }),
      answer: Type.Array(AuditBody),
      handle: async ({ params: { esp_id }, query: { limit = 50 } }) =>
        (await store.auditLogs.configHistory(esp_id, limit)).map(auditBody),
    }),
  ],
})
