/**
 * Which pages of other origins may ask: a dashboard on its development server, or served elsewhere. It is about
 * reading answers only: who asks brings a token by hand, and a browser sends none by itself. rest-contract §1
 */
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import type { Fetch } from './http.js'
import type { Env } from './web.js'

/** Every origin. */
export const ANY = '*'

/** How long a browser remembers that it may, s. */
const REMEMBERED = 600

/** `fetch`, and what a browser wants to be told about it for pages of these origins. */
export function acrossOrigins(origins: readonly string[], fetch: Fetch): Fetch {
  const allowed = new Set(origins)
  const app = new Hono<Env>()
  app.use(
    cors({
      origin: (origin) => origin,
      credentials: true,
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposeHeaders: ['Retry-After', 'X-Request-ID', 'ETag', 'Content-Disposition'],
      maxAge: REMEMBERED,
    }),
  )
  app.all('*', (c) => fetch(c.req.raw, c.env))

  return (request, env) => {
    const origin = request.headers.get('origin')
    const crosses = origin !== null && (allowed.has(origin) || allowed.has(ANY))
    return crosses ? app.fetch(request, env) : fetch(request, env)
  }
}
