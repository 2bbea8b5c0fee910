/** The audit in figures and how long it is kept, as REST has them. */
import type { Severity } from '../../../../routing/contract/audit-events.js'
import { call } from '../../api.js'
import { t } from '../../words/index.js'
import { number } from '../../words/times.js'
import { SEVERITY_NAMES } from './entries.js'

type PerSeverity = Record<Severity, number>

export interface Retention {
  enabled: boolean
  default_days: number
  severity_days: PerSeverity
  max_records: number
  batch_size: number
  preserve_emergency_stops: boolean
  last_cleanup: string | null
}

export interface Statistics {
  total_count: number
  count_by_severity: PerSeverity
  oldest_entry: string | null
  newest_entry: string | null
  storage_estimate_mb: number
  pending_cleanup_count: number
  retention_config: Retention
}

export interface ErrorRate {
  total_events: number
  error_events: number
  error_rate_percent: number
}

export interface Cleanup {
  deleted_count: number
  deleted_by_severity: PerSeverity
  errors: string[]
}

export type Changes = Omit<Retention, 'default_days' | 'last_cleanup'>

/** Counts what a cleanup would delete, as the settings are, or as if `supposed` were set. */
export const tryCleanup = (supposed: Partial<Changes> = {}): Promise<Cleanup> =>
  call<Cleanup>('POST', '/audit/retention/cleanup?dry_run=true', supposed)

/** "12 entries would go: 10 information, 2 warning." */
export function wouldGo({ deleted_count, deleted_by_severity }: Cleanup): string {
  const which = SEVERITY_NAMES.filter((name) => deleted_by_severity[name] > 0).map((name) =>
    t('retention.short', { n: number(deleted_by_severity[name]), severity: t(`audit.severities.${name}`) }),
  )
  return t('retention.would_go', { which: which.join(', '), n: number(deleted_count) }, deleted_count)
}
