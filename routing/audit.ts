/**
 * What devices make kaiser write down. A device must not be able to fill the disk with its troubles: the same
 * thing from the same device is written at most once a minute, with how often it was repeated, a device writes
 * at most 100 entries an hour, and all of them, real or made up, 20,000; what is left out is counted.
 */
import type { AuditEntry, AuditLogs } from '../storage/audit-logs.js'

export interface DeviceAudit {
  /** Queues an entry of a device, unless it said the same a moment ago. Inside the group only. */
  record(entry: AuditEntry & { source_id: string }, now: number): void
}

const MINUTE = 60_000
const HOUR = 3_600_000
const AN_HOUR = 100
/** Of all devices together; what is critical is written beyond it. */
const AN_HOUR_IN_ALL = 20_000
/** Kinds of entries remembered; beyond, the oldest may be written again early. */
const KINDS = 10_000

export function createDeviceAudit(audit: Pick<AuditLogs, 'insert'>, left: () => void): DeviceAudit {
  const written = new Map<string, { at: number; repeated: number }>()
  const hours = new Map<string, { since: number; entries: number }>()

  let all = { since: 0, entries: 0 }

  /** Another entry of this device is not too many for it, nor for all. */
  const admitted = ({ source_id, severity }: AuditEntry & { source_id: string }, now: number): boolean => {
    if (now - all.since >= HOUR || now < all.since) all = { since: now, entries: 0 }
    const known = hours.get(source_id)
    const hour = known && now - known.since < HOUR ? known : { since: now, entries: 0 }
    hour.entries++
    hours.delete(source_id)
    hours.set(source_id, hour)
    if (hours.size > KINDS) hours.delete(hours.keys().next().value!)
    if (hour.entries > AN_HOUR) return false
    if (severity === 'critical') return true
    return ++all.entries <= AN_HOUR_IN_ALL
  }

  return {
    record(entry, now) {
      const key = [
        entry.source_id,
        entry.event_type,
        entry.error_code,
        entry.status,
        entry.correlation_id,
      ].join(' ')
      const before = written.get(key)
      if (before && now - before.at < MINUTE) {
        before.repeated++
        return left()
      }
      if (!admitted(entry, now)) return left()
      written.delete(key)
      written.set(key, { at: now, repeated: 0 })
      if (written.size > KINDS) written.delete(written.keys().next().value!)
      const repeated = before?.repeated ?? 0
      audit.insert(repeated > 0 ? { ...entry, details: { ...entry.details, repeated } } : entry, now)
    },
  }
}
