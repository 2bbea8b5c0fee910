/**
 * Finds out who an MQTT client is: a certificate, a device's password, a claim code, a token, or a person's password,
 * asked in the order of what they cost. Failures are counted per address and name, and nobody learns from the answer
 * what exactly was wrong.
 */
import type { AuditEntry } from '../storage/audit-logs.js'
import type { Store } from '../storage/store.js'
import type { User } from '../storage/users.js'
import type { CodeName, Report } from './contract/codes.js'
import type { Credentials, Identify, Identity } from './contract/identities.js'
import { COOLDOWN_MS, createCooldown, pairOf, plainAddress } from './cooldown.js'
import type { Pairing } from './pairing.js'
import { createPasswordChecks } from './password-checks.js'
import { isSecret } from './passwords.js'
import { createPeopleLogin } from './people-login.js'
import { isKnown } from './registry.js'

export interface IdentifyOptions {
  store: Pick<Store, 'devices' | 'users'>
  allowAnonymous: boolean
  /** Whose access token that is; undefined when it is none that holds. */
  tokenOwner: (token: string) => { user: User; jti: string; expires_at: number } | undefined
  pairing: Pick<Pairing, 'admit' | 'loggedIn'>
  report: Report
  /** Keeps an entry; it limits how often. */
  record: (entry: AuditEntry & { source_id: string }) => void
  /** ms */
  monotonic: () => number
}

/** A signed token has three parts, and the first begins with `{"`. RFC 7519 */
const TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/
/** User names that stand for the one inside the token. */
const ANY_NAME = ['', 'jwt']

const identityOf = (
  { id, username, role }: User,
  token?: { readonly jti: string; readonly expires_at: number },
): Identity => ({
  kind: 'user',
  user_id: id,
  username,
  role,
  ...(token && { jti: token.jti, expires_at: token.expires_at }),
})

export function createIdentify(options: IdentifyOptions): Identify {
  const { store, pairing, tokenOwner, report, record, monotonic } = options
  const cooldown = createCooldown(monotonic)
  const people = createPeopleLogin(store.users, createPasswordChecks(), monotonic)

  /** With a certificate nothing else is needed, and nothing else counts. */
  const byCertificate = (name: string, username: string | undefined): Identity | CodeName => {
    if (username !== undefined && username !== name) return 'certificate_mismatch'
    const device = store.devices.find(name)
    return isKnown(device) ? { kind: 'device', esp_id: name } : 'certificate_mismatch'
  }

  const byToken = (token: string, username: string): Identity | undefined => {
    if (!TOKEN.test(token)) return undefined
    const owner = tokenOwner(token)
    if (!owner?.user.is_active) return undefined
    const named = [...ANY_NAME, owner.user.username.toLowerCase()].includes(username.toLowerCase())
    return named ? identityOf(owner.user, owner) : undefined
  }

  /** Who that is without looking at people's passwords; undefined when only those are left. */
  const atOnce = (username: string, secret: Uint8Array, address: string): Identity | 'wrong' | undefined => {
    const device = store.devices.find(username)
    if (isKnown(device) && device.password_hash && isSecret(secret, device.password_hash)) {
      pairing.loggedIn(username)
      return { kind: 'device', esp_id: username }
    }
    if (pairing.admit(username, secret, address)) return { kind: 'pairing', esp_id: username }
    const text = Buffer.from(secret).toString('utf8')
    const owner = byToken(text, username)
    if (owner) return owner
    // It names a device, or brings a token: neither is a person's password.
    return (device && !store.users.find(username)) || TOKEN.test(text) ? 'wrong' : undefined
  }

  /** Counts a failure. People type their password where the name belongs, so a name nobody has is not kept. */
  const fail = (pair: string, username: string, address: string): CodeName => {
    const device = store.devices.find(username)
    const known = device ? username : store.users.find(username)?.username
    record({
      event_type: 'login_failed',
      severity: 'warning',
      source_type: 'mqtt',
      source_id: known ?? address,
      status: 'failed',
      message: known ? `MQTT login as ${known} failed` : 'MQTT login under an unknown name failed',
      error_code: 'bad_credentials',
      ip_address: address,
      details: { known: known !== undefined },
    })
    if (cooldown.failed(pair))
      report('login_cooldown', address, { address, username: known ?? null, seconds: COOLDOWN_MS / 1000 })
    return 'bad_credentials'
  }

  const byPassword = (
    { username, password, address: from }: Credentials & { username: string },
    settle: (verdict: Identity | CodeName) => void,
  ): void => {
    const address = plainAddress(from)
    const pair = pairOf(address, username)
    if (cooldown.waits(pair)) return settle('login_cooldown')
    const succeed = (identity: Identity): void => {
      cooldown.succeeded(pair)
      settle(identity)
    }
    const secret = password ?? new Uint8Array()
    const found = atOnce(username, secret, address)
    if (found === 'wrong') return settle(fail(pair, username, address))
    if (found) return succeed(found)
    people.login(username, Buffer.from(secret).toString('utf8'), address, (who) => {
      if (who === 'busy') return settle('login_busy')
      // Guesses that were made at once count one after the other: what came too late was not looked at.
      if (cooldown.waits(pair)) return settle('login_cooldown')
      if (who === 'wrong') return settle(fail(pair, username, address))
      succeed(identityOf(who))
    })
  }

  return (credentials, settle) => {
    const { username, certificate_cn } = credentials
    if (certificate_cn !== undefined) return settle(byCertificate(certificate_cn, username))
    if (username !== undefined) return byPassword({ ...credentials, username }, settle)
    settle(options.allowAnonymous ? { kind: 'anonymous' } : 'not_authorized')
  }
}
