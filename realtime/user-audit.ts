/** What people do over REST, as the audit keeps it: who, from where, by which request. */
import type { AuditEntry } from '../storage/audit-logs.js'
import type { User } from '../storage/users.js'

/** The part of a request that the audit keeps. */
export interface Doer {
  /** Missing where nobody is logged in. */
  readonly user: User | undefined
  readonly address: string
  readonly user_agent: string | null
  readonly request_id: string
}

const LONGEST_AGENT = 255

/** Where they asked from, and by which request. */
export const fromOf = ({
  address,
  user_agent,
  request_id,
}: Doer): Pick<AuditEntry, 'ip_address' | 'user_agent' | 'request_id'> => ({
  ip_address: address,
  // Whoever asks chooses it.
  user_agent: user_agent?.slice(0, LONGEST_AGENT) ?? null,
  request_id,
})

/** An entry of somebody who did something and succeeded, unless it says otherwise. */
export const byUser = (
  doer: Doer,
  entry: Pick<AuditEntry, 'event_type'> & Partial<AuditEntry>,
): AuditEntry => ({
  severity: 'info',
  source_type: 'user',
  source_id: doer.user?.username ?? null,
  status: 'success',
  ...fromOf(doer),
  ...entry,
})

/** Somebody could not log in. A name nobody has is not kept: people type their password there. */
export const loginFailed = (doer: Doer, user: User | undefined): AuditEntry =>
  byUser(
    { ...doer, user },
    {
      event_type: 'login_failed',
      severity: 'warning',
      status: 'failed',
      message: user ? `Login as ${user.username} failed` : 'Login under an unknown name failed',
      error_code: 'not_authenticated',
      details: { known: user !== undefined },
    },
  )

/** Somebody registered somebody else. */
export const userCreated = (doer: Doer, { id, username, role }: User): AuditEntry =>
  byUser(doer, { event_type: 'user_created', details: { id, username, role } })
