/**
 * Requests that were turned away, as the audit keeps them: not allowed, too often, or failed inside kaiser. The
 * same from the same person at the same place is written once a minute, so that nobody fills the audit by asking.
 */
import type { AuditEventName } from '../routing/contract/audit-events.js'
import { type CodeName, codes } from '../routing/contract/codes.js'
import type { AuditLogs, Severity } from '../storage/audit-logs.js'
import type { User } from '../storage/users.js'
import { createAttempts } from './attempts.js'
import { byUser } from './user-audit.js'

export interface Denied {
  readonly code: CodeName
  /** As far as known. */
  readonly user: User | undefined
  readonly method: string
  /** The pattern of its path; '' when it was not looked up. */
  readonly route: string
  readonly path: string
  readonly address: string
  readonly user_agent: string | null
  readonly request_id: string
}

export type Deny = (denied: Denied) => void

const ONCE_IN_MS = 60_000
const LONGEST_PATH = 200

const KEPT: Readonly<Partial<Record<CodeName, { event_type: AuditEventName; severity: Severity }>>> = {
  permission_denied: { event_type: 'permission_denied', severity: 'warning' },
  rate_limited: { event_type: 'rate_limit_exceeded', severity: 'warning' },
  internal_error: { event_type: 'api_error', severity: 'error' },
}

export function createDenials(
  auditLogs: Pick<AuditLogs, 'note'>,
  now: () => number,
  monotonic: () => number,
): Deny {
  const once = createAttempts(1, ONCE_IN_MS, monotonic)
  return ({ code, user, method, path, route, ...from }) => {
    const kept = KEPT[code]
    if (!kept) return
    // Who asks too often does so everywhere; its paths do not matter.
    const place = code === 'rate_limited' ? '' : `${method} ${route}`
    if (once.attempt(`${code} ${user?.username ?? from.address} ${place}`) > 0) return
    auditLogs.note(
      byUser(
        { user, ...from },
        {
          ...kept,
          source_type: user ? 'user' : 'api',
          source_id: user?.username ?? from.address,
          status: 'failed',
          message: codes[code].sentence,
          error_code: code,
          details: { method, path: path.slice(0, LONGEST_PATH) },
        },
      ),
      now(),
    )
  }
}
