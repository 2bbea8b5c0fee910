/** Who may come in, composed: the tokens of people, the pairing of devices, and who an MQTT client is. */
import { createTokens, type Tokens } from '../realtime/tokens.js'
import { createDeviceAudit } from '../routing/audit.js'
import type { Report } from '../routing/contract/codes.js'
import { createIdentify } from '../routing/identify.js'
import { createPairing, type Pairing, type PairingOptions } from '../routing/pairing.js'
import { createRefusedLogins, type RefusedLogins } from '../routing/refused-logins.js'
import type { Store } from '../storage/store.js'

export interface EntranceOptions {
  store: Store
  kaiser_id: string
  allowAnonymous: boolean
  /** What tokens are signed with. */
  secret: Uint8Array
  tell: PairingOptions['tell']
  say: PairingOptions['say']
  report: Report
  /** An entry of the audit was left out. */
  leftOut: () => void
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

export interface Entrance {
  readonly tokens: Tokens
  readonly pairing: Pairing
  readonly identify: ReturnType<typeof createIdentify>
  readonly refusedLogins: RefusedLogins
}

export function createEntrance(options: EntranceOptions): Entrance {
  const { store, kaiser_id, allowAnonymous, secret, tell, say, report, leftOut, now, monotonic } = options
  const tokens = createTokens({
    secret,
    userOf: store.users.get,
    revoked: store.revokedTokens.find,
    now,
  })
  const pairing = createPairing({
    store,
    kaiser_id,
    tell,
    say,
    note: (entry) => store.auditLogs.note(entry, now()),
    failed: (error) => report('internal_error', 'pairing', { err: error }),
    now,
  })
  const audit = createDeviceAudit({ insert: store.auditLogs.note }, leftOut)
  const identify = createIdentify({
    store,
    pairing,
    allowAnonymous,
    tokenOwner: (token) => tokens.verifyNow(token, 'access'),
    report,
    record: (entry) => audit.record(entry, now()),
    monotonic,
  })
  const refusedLogins = createRefusedLogins({
    isDevice: (name) => store.devices.find(name) !== undefined,
    now,
  })
  return { tokens, pairing, identify: refusedLogins.watch(identify), refusedLogins }
}
