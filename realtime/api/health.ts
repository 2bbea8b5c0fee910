/** `/health`: is kaiser well, for people, dashboards and probes. Wire format: rest-contract §13. */
import { Hono } from 'hono'
import type { Tokens } from '../tokens.js'
import { type Env, requires } from '../web.js'

export interface Health {
  status: 'healthy' | 'degraded' | 'unhealthy'
  version: string
  uptime_seconds: number
  /** Each check and whether it holds. */
  checks: Record<string, boolean>
  warnings: string[]
  /** Sections of the detailed answer. */
  detailed: () => Record<string, unknown>
}

const uptime = (seconds: number): string =>
  `${Math.floor(seconds / 86_400)}d ${Math.floor((seconds % 86_400) / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`

export function health({
  tokens,
  look,
  now,
}: {
  tokens: Tokens
  look: () => Health
  now: () => number
}): Hono<Env> {
  const basic = ({ status, version, uptime_seconds }: Health) => ({
    success: status !== 'unhealthy',
    message: `kaiser is ${status}`,
    status,
    version,
    environment: 'production',
    uptime_seconds: Math.floor(uptime_seconds),
    timestamp: new Date(now()).toISOString(),
  })

  return new Hono<Env>()
    .get('/', (c) => c.json(basic(look())))
    .get('/live', (c) => c.json({ success: true, message: 'alive', alive: true }))
    .get('/ready', (c) => {
      const { checks } = look()
      const ready = Object.values(checks).every(Boolean)
      return c.json(
        { success: ready, message: ready ? 'ready' : 'not ready', ready, checks },
        ready ? 200 : 503,
      )
    })
    .get('/detailed', requires(tokens), (c) => {
      const seen = look()
      return c.json({
        ...basic(seen),
        uptime_formatted: uptime(seen.uptime_seconds),
        components: Object.entries(seen.checks).map(([name, ok]) => ({
          name,
          status: ok ? 'healthy' : 'unhealthy',
        })),
        warnings: seen.warnings,
        ...seen.detailed(),
      })
    })
}
