/**
 * The audit in numbers. Counting looks at every entry, a slice at a time; so that many viewers do not make it
 * look all the time, an answer is used again for twenty times as long as it took.
 */
import type { AuditCounts, Severity } from '../storage/audit-logs.js'
import type { Store } from '../storage/store.js'
import type { RetentionRule } from './retention.js'

export interface AuditStatistics extends AuditCounts {
  /** ms since 1970 */
  oldest: number | null
  newest: number | null
  /** About what the entries take on disk. */
  bytes: number
  /** What the next cleanup would delete. */
  pending: Record<Severity, number>
}

const REST = 20

export function createAuditStatistics(
  store: Store,
  retention: RetentionRule,
  monotonic: () => number,
): () => Promise<AuditStatistics> {
  let answer: Promise<AuditStatistics> | undefined
  let goodUntil = 0

  const count = async (): Promise<AuditStatistics> => {
    const started = monotonic()
    goodUntil = Number.POSITIVE_INFINITY
    try {
      const counts = await store.auditLogs.counts()
      const { deleted_by_severity: pending } = await retention.cleanup(true)
      const { oldest, newest, bytes_each } = store.auditLogs.extent()
      return { ...counts, oldest, newest, bytes: counts.total * bytes_each, pending }
    } finally {
      const finished = monotonic()
      goodUntil = finished + REST * (finished - started)
    }
  }

  return () => {
    if (!answer || monotonic() >= goodUntil) answer = count()
    return answer
  }
}
