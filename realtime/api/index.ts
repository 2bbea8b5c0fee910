/** The list of routes, nothing else. */
import { Hono } from 'hono'
import { Problem } from '../problem.js'
import { mount, type Resource } from '../route.js'
import { createGate, type Env } from '../web.js'
import { type AuthOptions, auth } from './auth.js'
import { type DevicesOptions, devices } from './devices.js'
import { type Health, health } from './health.js'
import { type RejectsOptions, rejects } from './rejects.js'
import { sensors } from './sensors.js'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

export type ApiOptions = AuthOptions &
  DevicesOptions &
  RejectsOptions & {
    look: () => Health
    failed: (error: unknown) => void
    /** For tests: each answer is compared with what its route says it answers. */
    checkAnswers: boolean
  }

/** Every resource under /api/v1, in the order of the API page. */
export const resources = (options: ApiOptions): readonly Resource[] => [rejects(options)]

export function createApi(options: ApiOptions): Hono<Env> {
  // A root may be asked for with a slash or without.
  const app = new Hono<Env>({ strict: false }).basePath('/api/v1')
  const gate = createGate(options.tokens, options.checkAnswers)
  for (const resource of resources(options)) mount(app, resource, gate)
  app.route('/auth', auth(options))
  app.route('/esp/devices', devices(options))
  app.route('/sensors', sensors(options))
  app.route('/health', health(options))
  app.notFound((c) => {
    const allowed = METHODS.filter((method) => app.router.match(method, c.req.path)[0].length > 0)
    if (allowed.length === 0) return new Problem('not_found').getResponse()
    return new Problem('method_not_allowed', undefined, { Allow: allowed.join(', ') }).getResponse()
  })
  app.onError((error) => {
    if (error instanceof Problem) return error.getResponse()
    if ((error as { code?: string }).code === 'storage_unavailable')
      return new Problem(
        'storage_unavailable',
        'Storage does not take writes now; try again later',
      ).getResponse()
    options.failed(error)
    return new Problem('internal_error').getResponse()
  })
  return app
}
