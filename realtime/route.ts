/**
 * A REST route is one object: where it is, who may ask, the shapes of what goes in and out, and what happens. The
 * engine in mount.ts serves it; the OpenAPI document is made from the same objects (openapi.ts), so it cannot say
 * anything else.
 */
import type { Static, TObject, TSchema } from 'typebox'
import type { CodeName } from '../routing/contract/codes.js'
import type { Role, User } from '../storage/users.js'
import type { Claims, WebContext } from './web.js'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a handler is given: everything is checked already. */
export interface Asked<P, Q, B, R extends Role | 'public' = Role> {
  readonly params: P
  readonly query: Q
  readonly body: B
  /** Who asks; a public route does not know. */
  readonly user: R extends 'public' ? undefined : User
  readonly claims: R extends 'public' ? undefined : Claims
  /** Network address of who asks. */
  readonly address: string
  readonly user_agent: string | null
  /** `X-Request-ID` of this request, for the log and the audit. */
  readonly request_id: string
  readonly c: WebContext
}

export interface Definition<
  P extends TObject,
  Q extends TObject,
  B extends TSchema,
  A extends TSchema,
  R extends Role | 'public',
> {
  readonly method: Method
  /** Below the resource's prefix; `{name}` is a parameter, as OpenAPI writes it. '' is the root. */
  readonly path: string
  /** The least role that may ask; `public` needs no login. */
  readonly role: R
  /** One line for the API page. */
  readonly summary: string
  readonly description?: string
  readonly params?: P
  /** Query values are text: those a schema wants as number or boolean are read as such. */
  readonly query?: Q
  /** A JSON body; an empty one and `null` count as `{}`. */
  readonly body?: B
  /** The body is a form (application/x-www-form-urlencoded), not JSON. */
  readonly form?: boolean
  /** What is answered; missing for 204. */
  readonly answer?: A
  /** Other media types this route can answer with, besides JSON. */
  readonly media?: readonly string[]
  /** HTTP status of success: 200, or 204 without an answer. */
  readonly status?: number
  /** Another way it can succeed; `handle` returns it as a Response. */
  readonly other?: { readonly status: number; readonly summary: string; readonly answer: TSchema }
  /** Codes it can refuse with, besides those of login, role and validation. */
  readonly errors?: readonly CodeName[]
  /** Returns the answer, or a Response of its own. Throws Problem. */
  readonly handle: (
    asked: Asked<Static<P>, Static<Q>, Static<B>, R>,
  ) => Static<A> | Response | undefined | Promise<Static<A> | Response | undefined>
}

/** A route with its types forgotten, as the engine and the OpenAPI document read it. */
export type Route = Definition<TObject, TObject, TSchema, TSchema, Role | 'public'>

/** Routes of one resource. */
export interface Resource {
  /** Below /api/v1, e.g. `/esp`. */
  readonly prefix: string
  /** Heading on the API page. */
  readonly tag: string
  readonly routes: readonly Route[]
}

/** Gives a route its types: params, query and body from the schemas, the user from the role. */
export const route = <
  P extends TObject = TObject<Record<never, never>>,
  Q extends TObject = TObject<Record<never, never>>,
  B extends TSchema = TSchema,
  A extends TSchema = TSchema,
  R extends Role | 'public' = Role | 'public',
>(
  definition: Definition<P, Q, B, A, R>,
): Route => definition as unknown as Route
