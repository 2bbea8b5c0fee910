/** The audit as REST shows it: an entry, the retention. rest-contract §2 */
import Type, { type Static } from 'typebox'
import { SEVERITIES, SOURCE_TYPES } from '../routing/contract/audit-events.js'
import type { RetentionRule } from '../routing/retention.js'
import type { AuditLog, Severity } from '../storage/audit-logs.js'
import { nullable, Time } from './shapes.js'
import { iso } from './web.js'

export const SeverityWord = Type.Enum(Object.keys(SEVERITIES) as Severity[])
export const SourceWord = Type.Enum([...SOURCE_TYPES])

/** A number per severity. */
export const perSeverity = (description: string) =>
  Type.Object(
    { info: Type.Integer(), warning: Type.Integer(), error: Type.Integer(), critical: Type.Integer() },
    { description },
  )

export const AuditBody = Type.Object({
  id: Type.Integer(),
  event_type: Type.String({ description: 'one of GET /audit/event-types' }),
  severity: SeverityWord,
  source_type: SourceWord,
  source_id: nullable(Type.String({ description: 'device id, user name, or what else names the source' })),
  status: Type.String({ description: 'success, failed, pending, …' }),
  message: nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
  error_code: nullable(Type.String()),
  error_description: nullable(Type.String()),
  ip_address: nullable(Type.String()),
  user_agent: nullable(Type.String()),
  correlation_id: nullable(Type.String({ description: 'of the command or configuration it belongs to' })),
  request_id: nullable(Type.String({ description: 'X-Request-ID of the request it came of' })),
  created_at: Time,
})

export const auditBody = (entry: AuditLog): Static<typeof AuditBody> => ({
  ...entry,
  details: JSON.parse(entry.details) as Record<string, unknown>,
  created_at: iso(entry.created_at)!,
})

export const RetentionBody = Type.Object({
  enabled: Type.Boolean({ description: 'clean up once an hour' }),
  default_days: Type.Integer({ description: 'of a severity without days of its own' }),
  severity_days: perSeverity('days until an entry goes'),
  max_records: Type.Integer({ description: 'beyond, the oldest go; 0 = no limit' }),
  batch_size: Type.Integer({ description: 'entries deleted at once, at most' }),
  preserve_emergency_stops: Type.Boolean({ description: 'emergency stops stay for ever' }),
  last_cleanup: nullable(Time),
})

export const retentionBody = (retention: RetentionRule): Static<typeof RetentionBody> => ({
  ...retention.config(),
  severity_days: {
    info: retention.daysOf('info'),
    warning: retention.daysOf('warning'),
    error: retention.daysOf('error'),
    critical: retention.daysOf('critical'),
  },
  last_cleanup: iso(retention.lastCleanup()),
})
