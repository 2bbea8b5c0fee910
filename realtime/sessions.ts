/**
 * Sessions of people: one begins with a password, goes on with refresh tokens, and ends at once. Attempts are
 * limited per address, and an unknown name costs as much time as a wrong password.
 */
import { hashPassword, isPassword } from '../routing/passwords.js'
import type { Store } from '../storage/store.js'
import type { User } from '../storage/users.js'
import { createAttempts } from './attempts.js'
import { CHALLENGE, Problem, rateLimited } from './problem.js'
import type { Claims, TokenSet, Tokens } from './tokens.js'

export interface Sessions {
  /** Throws Problem (401 for a wrong name, a wrong password and a disabled account alike, 429). */
  begin(
    credentials: { username: string; password: string; remember_me?: boolean },
    address: string,
  ): Promise<{ user: User; tokens: TokenSet }>
  /** Exchanges a refresh token for a new pair. Throws Problem (401). */
  renew(refresh_token: string): Promise<{ user: User; tokens: TokenSet }>
  /** Ends this session, with its refresh token when that is given, or all of this user's. */
  end(own: Claims, asked: { all_devices?: boolean; refresh_token?: string | null }): Promise<void>
}

const LOGINS = 10
const LOGINS_MS = 60_000

/** A hash nobody has the password of. */
const NOBODY = await hashPassword(crypto.randomUUID())

export interface SessionsOptions {
  store: Store
  tokens: Tokens
  now: () => number
  monotonic: () => number
}

export function createSessions({ store, tokens, now, monotonic }: SessionsOptions): Sessions {
  const attempts = createAttempts(LOGINS, LOGINS_MS, monotonic)

  return {
    async begin({ username, password, remember_me }, address) {
      const wait = attempts.attempt(address)
      if (wait > 0) throw rateLimited(wait, 'Too many login attempts')
      const user = store.users.find(username)
      const right = await isPassword(password, user?.password_hash ?? NOBODY)
      if (!user || !right || !user.is_active)
        throw new Problem('not_authenticated', 'Wrong user name or password', CHALLENGE)
      return { user, tokens: await tokens.issue(user, remember_me === true) }
    },

    async renew(refresh_token) {
      const claims = await tokens.verify(refresh_token, 'refresh')
      if (!claims?.user.is_active)
        throw new Problem('not_authenticated', 'The session is over; log in again', CHALLENGE)
      const { user, jti, expires_at, remembered } = claims
      // The first exchange counts: a second one within the grace time does not prolong it.
      if (!store.revokedTokens.find(jti))
        await store.group.run(() =>
          store.revokedTokens.insert({ jti, reason: 'rotated', revoked_at: now(), expires_at }),
        )
      return { user, tokens: await tokens.issue(user, remembered) }
    },

    async end(own, { all_devices, refresh_token }) {
      const other = refresh_token ? await tokens.verify(refresh_token, 'refresh') : undefined
      const ended = other && other.user.id === own.user.id ? [own, other] : [own]
      await store.group.run(() => {
        for (const { jti, expires_at } of ended)
          store.revokedTokens.insert({ jti, reason: 'logout', revoked_at: now(), expires_at })
        const user = store.users.get(own.user.id)
        if (all_devices && user)
          store.users.update(
            user,
            { token_version: user.token_version + 1, session_version: user.session_version + 1 },
            now(),
          )
      })
    },
  }
}
