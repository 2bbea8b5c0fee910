/** Who stopped what, and who let it go again: written down, whoever it was and however often. */
import type { AuditEntry } from '../../storage/audit-logs.js'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { Store } from '../../storage/store.js'

/** Who wants it, why, and where they asked from as far as that is known. */
export interface ByWhom {
  readonly reason: string
  readonly by: string
  readonly from?: Pick<AuditEntry, 'ip_address' | 'user_agent' | 'request_id'>
}

/** Inside the group only. */
export const write = (
  { auditLogs }: Pick<Store, 'auditLogs'>,
  { id, scope, esp_id, zone_id, gpio }: EmergencyStop,
  event_type: 'emergency_stop' | 'emergency_armed' | 'emergency_released',
  { reason, by, from }: ByWhom,
  what: string,
  figures: object,
  now: number,
): void =>
  void auditLogs.insert(
    {
      event_type,
      severity: event_type === 'emergency_armed' ? 'warning' : 'critical',
      source_type: 'user',
      source_id: by,
      status: 'success',
      message: `${by} ${what}: ${reason}`,
      details: { stop_id: id, scope, esp_id, zone_id, gpio, reason, ...figures },
      correlation_id: `stop-${id}`,
      ...from,
    },
    now,
  )
