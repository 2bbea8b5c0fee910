/**
 * Tokens: who somebody is, signed. Access tokens live 30 minutes (7 days when remembered), refresh tokens 7
 * days, tickets for the WebSocket one minute. The JWT library does the cryptography; the claims are those of
 * rest-contract §3. A rotated refresh token is honoured for 30 s more, because pages send it twice at once.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import type { RevokedToken } from '../storage/revoked-tokens.js'
import type { User } from '../storage/users.js'

export type TokenType = 'access' | 'refresh' | 'ticket'

export interface Claims {
  user: User
  jti: string
  /** ms since 1970 */
  expires_at: number
  /** It belongs to a session that lasts (`remember_me`). */
  remembered: boolean
  type: TokenType
}

export interface TokenSet {
  access_token: string
  refresh_token: string
  token_type: 'bearer'
  /** seconds */
  expires_in: number
}

const MINUTE = 60
const DAY = 86_400
export const ACCESS_SECONDS = 30 * MINUTE
export const REMEMBERED_SECONDS = 7 * DAY
const REFRESH_SECONDS = 7 * DAY
export const TICKET_SECONDS = 60
/** Tokens whose signature is remembered. */
const REMEMBERED_TOKENS = 1_000
/** A refresh token that was just exchanged is still good for this long, ms. */
const GRACE = 30_000

export interface Tokens {
  issue(user: User, remembered: boolean): Promise<TokenSet>
  /** An access token that lives this long, for scripts. */
  access(user: User, seconds: number): Promise<string>
  ticket(user: User): Promise<string>
  /** Whom a token belongs to, when it is good and of one of these types. */
  verify(token: string, ...types: TokenType[]): Promise<Claims | undefined>
  /** The same at once: a WebSocket is upgraded in the call that asks for it, or uWS may lose it. */
  verifyNow(token: string, ...types: TokenType[]): Claims | undefined
  /** May what began with these claims go on: not logged out, not disabled, no new password? Expiry does not count. */
  stands(claims: Claims): boolean
}

export interface TokensOptions {
  secret: Uint8Array
  userOf: (id: number) => User | undefined
  revoked: (jti: string) => RevokedToken | undefined
  now: () => number
}

export function createTokens({ secret, userOf, revoked, now }: TokensOptions): Tokens {
  const sign = (user: User, type: TokenType, seconds: number, extra: object): Promise<string> => {
    const issued = Math.floor(now() / 1000)
    return new SignJWT({ type, ...extra })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(String(user.id))
      .setJti(randomUUID())
      .setIssuedAt(issued)
      .setExpirationTime(issued + seconds)
      .sign(secret)
  }

  const access = (user: User, seconds: number): Promise<string> =>
    sign(user, 'access', seconds, { role: user.role, token_version: user.token_version })

  const isRevoked = (jti: string): boolean => {
    const entry = revoked(jti)
    return entry !== undefined && !(entry.reason === 'rotated' && now() - entry.revoked_at < GRACE)
  }

  const judge = (payload: JWTPayload, types: readonly TokenType[]): Claims | undefined => {
    const { sub, jti, exp, type, token_version, session_version } = payload
    if (!jti || exp === undefined || !types.includes(type as TokenType) || isRevoked(jti)) return undefined
    const user = userOf(Number(sub))
    if (!user) return undefined
    const current =
      type === 'refresh' ? session_version === user.session_version : token_version === user.token_version
    return current
      ? {
          user,
          jti,
          expires_at: exp * 1000,
          remembered: payload.remembered === true,
          type: type as TokenType,
        }
      : undefined
  }

  /** Whoever works sends the same token with every request: its signature is checked once, all else each time. */
  const genuine = new Map<string, JWTPayload>()
  const remember = (token: string, payload: JWTPayload): void => {
    if (genuine.size >= REMEMBERED_TOKENS) genuine.delete(genuine.keys().next().value!)
    genuine.set(token, payload)
  }
  const isOver = ({ exp = 0 }: JWTPayload): boolean => exp * 1000 <= now()

  return {
    async issue(user, remembered) {
      const expires_in = remembered ? REMEMBERED_SECONDS : ACCESS_SECONDS
      const { session_version } = user
      return {
        access_token: await access(user, expires_in),
        refresh_token: await sign(user, 'refresh', REFRESH_SECONDS, { session_version, remembered }),
        token_type: 'bearer',
        expires_in,
      }
    },
    access,
    ticket: (user) => sign(user, 'ticket', TICKET_SECONDS, { token_version: user.token_version }),
    async verify(token, ...types) {
      const known = genuine.get(token)
      if (known) return isOver(known) ? undefined : judge(known, types)
      try {
        const { payload } = await jwtVerify(token, secret, {
          algorithms: ['HS256'],
          currentDate: new Date(now()),
        })
        remember(token, payload)
        return judge(payload, types)
      } catch {
        // Malformed, forged, expired: to the caller they are all the same.
        return undefined
      }
    },
    stands({ user, jti }) {
      const current = userOf(user.id)
      return current?.is_active === 1 && current.token_version === user.token_version && !isRevoked(jti)
    },
    verifyNow(token, ...types) {
      try {
        const [header = '', body = '', signature = ''] = token.split('.')
        const wanted = createHmac('sha256', secret).update(`${header}.${body}`).digest()
        const given = Buffer.from(signature, 'base64url')
        if (decodeProtectedHeader(token).alg !== 'HS256') return undefined
        if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
        const payload = decodeJwt(token)
        return isOver(payload) ? undefined : judge(payload, types)
      } catch {
        return undefined
      }
    },
  }
}
