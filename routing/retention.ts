/**
 * How long the audit is kept: days per severity and a number of entries, set by people, kept in the settings.
 * Once an hour what is over goes, in steps too small to notice. Defaults and fields: rest-contract §2, §12.
 */
import type { Severity } from '../storage/audit-logs.js'
import type { Store } from '../storage/store.js'
import { type Every, every as really } from './every.js'

export interface Retention {
  /** Clean up once an hour; asked for by hand it happens in any case. */
  readonly enabled: boolean
  /** Of a severity that has no days of its own. */
  readonly default_days: number
  readonly severity_days: Readonly<Record<Severity, number | null>>
  /** 0 = no limit. */
  readonly max_records: number
  readonly batch_size: number
  readonly preserve_emergency_stops: boolean
}

/** What is to be changed; the rest stays. */
export type RetentionChanges = Partial<Omit<Retention, 'severity_days'>> & {
  readonly severity_days?: Partial<Record<Severity, number | null>>
}

export interface Cleanup {
  deleted_by_severity: Record<Severity, number>
  deleted_count: number
  duration_ms: number
  /** Why it ended early; empty when it did not. */
  errors: string[]
}

export interface RetentionRule {
  config(): Retention
  /** When entries were cleaned up last, ms since 1970. */
  lastCleanup(): number | null
  /** Days until an entry of this severity goes. */
  daysOf(severity: Severity): number
  /** Inside the group. */
  change(changes: RetentionChanges, now: number): void
  /** Deletes what is over, or with `dry_run` only counts it, as if `supposed` were set. Never rejects. */
  cleanup(dry_run: boolean, supposed?: RetentionChanges): Promise<Cleanup>
  /** Cleans up now and once an hour. */
  start(): void
  close(): Promise<void>
}

const DAY = 86_400_000
const HOUR = 3_600_000
const SETTING = 'audit_retention'
const LAST_CLEANUP = 'audit_last_cleanup'

export const DEFAULT_RETENTION: Retention = {
  enabled: true,
  default_days: 90,
  severity_days: { info: 14, warning: 30, error: 90, critical: 365 },
  max_records: 100_000,
  batch_size: 1_000,
  preserve_emergency_stops: true,
}

/** What is allowed; rest-contract §12. */
export const DAYS = { least: 1, most: 3_650 }
const BATCH = { least: 100, most: 10_000 }
const RECORDS = { least: 0, most: Number.MAX_SAFE_INTEGER }

/** The first value that is not allowed, and what is; undefined when all are. */
export function retentionFault({
  default_days,
  severity_days,
  max_records,
  batch_size,
}: RetentionChanges): string | undefined {
  const numbers: [string, number | null | undefined, { least: number; most: number }][] = [
    ['default_days', default_days, DAYS],
    ['max_records', max_records, RECORDS],
    ['batch_size', batch_size, BATCH],
    ...Object.entries(severity_days ?? {}).map(([severity, days]): [string, number | null, typeof DAYS] => [
      `severity_days.${severity}`,
      days,
      DAYS,
    ]),
  ]
  for (const [name, value, { least, most }] of numbers)
    if (value != null && !(Number.isInteger(value) && value >= least && value <= most))
      return `${name} is ${value}; allowed: ${least} to ${most}`
  return undefined
}

const merged = (config: Retention, changes: RetentionChanges): Retention => ({
  ...config,
  ...changes,
  severity_days: { ...config.severity_days, ...changes.severity_days },
})

export interface RetentionOptions {
  store: Store
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
  every?: Every | undefined
}

export function createRetention({ store, now, monotonic, every = really }: RetentionOptions): RetentionRule {
  const { settings, auditLogs, group } = store
  const stop = new AbortController()
  let timer: ReturnType<Every> | undefined
  let running: Promise<unknown> = Promise.resolve()

  const config = (): Retention =>
    merged(DEFAULT_RETENTION, (settings.find(SETTING) ?? {}) as RetentionChanges)

  const daysIn = ({ severity_days, default_days }: Retention, severity: Severity): number =>
    severity_days[severity] ?? default_days

  const sweep = async (dry_run: boolean, supposed: RetentionChanges = {}): Promise<Cleanup> => {
    const started = monotonic()
    const at = now()
    const set = merged(config(), supposed)
    const { max_records, batch_size, preserve_emergency_stops } = set
    const before = (severity: Severity): number => at - daysIn(set, severity) * DAY
    const { by_severity, errors } = await auditLogs.sweep(
      {
        before: {
          info: before('info'),
          warning: before('warning'),
          error: before('error'),
          critical: before('critical'),
        },
        max_records,
        batch_size,
        preserve_emergency_stops,
      },
      dry_run,
      stop.signal,
    )
    if (!dry_run && errors.length === 0)
      await group
        .run(() => settings.upsert(LAST_CLEANUP, at, at))
        .catch((error: Error) => void errors.push(error.message))
    return {
      deleted_by_severity: by_severity,
      deleted_count: Object.values(by_severity).reduce((sum, n) => sum + n, 0),
      duration_ms: Math.round(monotonic() - started),
      errors,
    }
  }

  /** Two that delete at once would both count the same entries. */
  const cleanup = (dry_run: boolean, supposed?: RetentionChanges): Promise<Cleanup> => {
    if (dry_run) return sweep(true, supposed)
    const result = running.then(() => sweep(false))
    running = result
    return result
  }

  const everyHour = async (): Promise<void> => {
    if (!config().enabled) return
    const { deleted_count, deleted_by_severity, errors } = await cleanup(false)
    if (deleted_count === 0) return
    auditLogs.note(
      {
        event_type: 'audit_cleaned',
        severity: 'info',
        source_type: 'scheduler',
        source_id: 'audit_retention',
        status: errors.length === 0 ? 'success' : 'failed',
        message: `${deleted_count} old entries were deleted`,
        details: { deleted_count, deleted_by_severity, ...(errors.length > 0 && { errors }) },
      },
      now(),
    )
  }

  return {
    config,
    daysOf: (severity) => daysIn(config(), severity),
    cleanup,
    lastCleanup: () => (settings.find(LAST_CLEANUP) as number | undefined) ?? null,
    change(changes, at) {
      settings.upsert(SETTING, merged(config(), changes), at)
    },
    start() {
      void everyHour()
      timer = every(HOUR, () => void everyHour())
    },
    async close() {
      timer?.stop()
      stop.abort()
      await running
    },
  }
}
