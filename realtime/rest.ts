/**
 * The frame of the REST API: puts the routes of all resources below /api/v1, lets in no more requests than are
 * allowed, and answers what goes wrong in the one shape. The page at /api/docs shows the same routes.
 */
import { Hono } from 'hono'
import { routePath } from 'hono/route'
import type { CodeName } from '../routing/contract/codes.js'
import { apiPage } from './api-page.js'
import { acrossOrigins } from './cross-origin.js'
import type { Deny } from './denials.js'
import type { Fetch } from './http.js'
import { mount } from './mount.js'
import { openApi } from './openapi.js'
import { Problem, rateLimited } from './problem.js'
import { createRateLimit } from './rate-limit.js'
import type { Resource } from './route.js'
import type { Tokens } from './tokens.js'
import { bearer, createGate, type Env } from './web.js'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export interface RestOptions {
  tokens: Tokens
  monotonic: () => number
  /** Requests per minute and token, or per address without one; 0 for no limit. */
  restRate: number
  /** Origins of other pages that may ask. */
  corsOrigins: readonly string[]
  /** Of kaiser. */
  version: string
  failed: (error: unknown) => void
  /** Hears of requests that are turned away. */
  denied?: Deny
  /** For tests: each answer is compared with what its route says it answers. */
  checkAnswers: boolean
}

export interface Rest {
  readonly fetch: Fetch
  /** What it serves. */
  readonly resources: readonly Resource[]
}

/** An emergency stop is not kept waiting by what was asked before it: it has an allowance of its own. */
const STOP = '/api/v1/actuators/emergency_stop'
/** Stops a minute. */
const STOPS = 60
const isStop = ({ method, url }: Request): boolean =>
  method === 'POST' && new URL(url).pathname.replace(/\/$/, '') === STOP

/** Where a request comes from and what it is for. */
const from = (request: Request, { address, request_id }: Env['Bindings']) => ({
  method: request.method,
  path: new URL(request.url).pathname,
  address,
  user_agent: request.headers.get('user-agent'),
  request_id,
})

export function createRest(
  resources: readonly Resource[],
  options: RestOptions,
  more: (api: Hono<Env>) => void = () => {},
): Rest {
  const limit = createRateLimit(options.restRate, options.monotonic)
  const stopLimit = createRateLimit(STOPS, options.monotonic)
  const gate = createGate(options.tokens, options.checkAnswers, limit.trust)
  // A root may be asked for with a slash or without.
  const app = new Hono<Env>({ strict: false })
  const api = app.basePath('/api/v1')
  for (const resource of resources) mount(api, resource, gate)
  more(api)
  for (const [path, serve] of Object.entries(apiPage(() => openApi(resources, options.version))))
    app.get(path, serve)

  app.notFound((c) => {
    const allowed = METHODS.filter((method) => app.router.match(method, c.req.path)[0].length > 0)
    if (allowed.length === 0) return new Problem('not_found').getResponse()
    return new Problem('method_not_allowed', undefined, { Allow: allowed.join(', ') }).getResponse()
  })
  app.onError((error, c) => {
    const denied = (code: CodeName): void =>
      options.denied?.({
        ...from(c.req.raw, c.env),
        code,
        user: c.var.claims?.user,
        route: routePath(c),
      })
    if (error instanceof Problem) {
      denied(error.code)
      return error.getResponse()
    }
    if ((error as { code?: string }).code === 'storage_unavailable')
      return new Problem(
        'storage_unavailable',
        'Storage does not take writes now; try again later',
      ).getResponse()
    options.failed(error)
    denied('internal_error')
    return new Problem('internal_error').getResponse()
  })

  const fetch: Fetch = (request, env) => {
    // Before anything is looked up, parsed or computed: who asks too often costs next to nothing.
    const token = bearer(request.headers.get('authorization'))
    const wait = limit.ask(token, env.address)
    if (wait === 0 || (isStop(request) && stopLimit.ask(token, env.address) === 0))
      return app.fetch(request, env)
    options.denied?.({ ...from(request, env), code: 'rate_limited', user: undefined, route: '' })
    return rateLimited(wait, 'Too many requests').getResponse()
  }
  return { resources, fetch: acrossOrigins(options.corsOrigins, fetch) }
}
