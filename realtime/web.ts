/**
 * The Hono app's own vocabulary: what a request carries, who may do what. Routes are tables of these; the
 * list of routes is in api/index.ts.
 */
import type { Context, MiddlewareHandler } from 'hono'
import type { Role, User } from '../storage/users.js'
import { CHALLENGE, Problem } from './problem.js'
import type { Claims, Tokens } from './tokens.js'

export type { Claims } from './tokens.js'

export interface Env {
  Bindings: { address: string; request_id: string }
  Variables: { claims: Claims }
}

export type WebContext = Context<Env>

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/** The token of an Authorization header. RFC 6750 2.1 */
export const bearer = (header: string | null | undefined): string | undefined =>
  /^Bearer (.+)$/i.exec(header ?? '')?.[1]

/** Hears that a token from an address is good. */
export type Trust = (token: string, address: string) => void

/** Who asks, when the access token is good and the role at least this one. Throws Problem (401, 403). */
async function claimsOf(c: WebContext, tokens: Tokens, role: Role, trust: Trust = () => {}): Promise<Claims> {
  const token = bearer(c.req.header('authorization'))
  const claims = token ? await tokens.verify(token, 'access') : undefined
  if (!token || !claims) throw new Problem('not_authenticated', undefined, CHALLENGE)
  trust(token, c.env.address)
  // Known from here on, also to whoever answers a refusal.
  c.set('claims', claims)
  if (!claims.user.is_active) throw new Problem('account_inactive')
  if (RANK[claims.user.role] < RANK[role])
    throw new Problem('permission_denied', `This needs the role ${role}; you are ${claims.user.role}`)
  return claims
}

export interface Gate {
  /** Lets in who may ask. Throws Problem (401, 403, 429). */
  enter(c: WebContext, role: Role): Promise<Claims>
  /** For tests: what a route answers and refuses is compared with what it says. */
  readonly checkAnswers: boolean
}

/** The gate of all routes; `trust` hears of each good token. */
export const createGate = (tokens: Tokens, checkAnswers: boolean, trust: Trust): Gate => ({
  enter: (c, role) => claimsOf(c, tokens, role, trust),
  checkAnswers,
})

/** Lets in who has a good access token of at least this role. Throws Problem (401, 403). */
export function requires(tokens: Tokens, role: Role = 'viewer'): MiddlewareHandler<Env> {
  return async function authenticated(c, next) {
    c.set('claims', await claimsOf(c, tokens, role))
    await next()
  }
}

/** The user behind a request that passed `requires`. */
export const userOf = (c: WebContext): User => c.get('claims').user

/** ms since 1970 → ISO 8601 with a zone; null stays null. */
export const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
