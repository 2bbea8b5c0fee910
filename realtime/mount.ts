/**
 * The engine behind the tables of routes: it checks role and shapes before `handle` runs, and turns what that returns
 * into the answer.
 */
import type { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Role } from '../storage/users.js'
import type { Asked, Resource, Route } from './route.js'
import { type Word, wordOf } from './route-word.js'
import { reader } from './validate.js'
import type { Env, Gate, WebContext } from './web.js'

const pathOf = (prefix: string, path: string): string => `${prefix}${path}`.replaceAll(/\{(\w+)\}/g, ':$1')

/** Puts the routes of a resource into a Hono app; schemas are compiled here, once. */
export function mount(app: Hono<Env>, { prefix, routes }: Resource, gate: Gate): void {
  for (const route of routes) app.on(route.method, pathOf(prefix, route.path) || '/', serve(route, gate))
}

function serve(route: Route, gate: Gate): (c: WebContext) => Promise<Response> {
  const read = reader({ path: route.params, query: route.query, body: route.body }, route.form)
  const status = (route.status ?? 200) as ContentfulStatusCode
  const word = gate.checkAnswers ? wordOf(route) : undefined

  return async function served(c) {
    const claims = route.role === 'public' ? undefined : await gate.enter(c, route.role)
    const { path, query, body } = await read(c)
    const result = await handled(c, route, { params: path, query, body, claims, user: claims?.user }, word)
    word?.answered(result)
    if (result instanceof Response) return result
    if (result === undefined) return c.body(null, 204)
    return c.json(result as object, status)
  }
}

async function handled(c: WebContext, route: Route, given: object, word: Word | undefined): Promise<unknown> {
  try {
    return await route.handle({
      ...given,
      address: c.env.address,
      user_agent: c.req.header('user-agent') ?? null,
      request_id: c.env.request_id,
      c,
    } as Asked<never, never, never, Role>)
  } catch (error) {
    word?.refused(error)
    throw error
  }
}
