/** `/system`: everything the System page lists, in one answer. */
import Type from 'typebox'
import type { Findings } from '../../routing/findings.js'
import { type Health, HealthStatus, Sections, Warnings } from '../health-body.js'
import { type Resource, route } from '../route.js'
import { Time } from '../shapes.js'
import { Figures, type SystemFigures } from '../system-body.js'
import { iso } from '../web.js'
import { BoundBody, type BrokerBoundsOptions, boundBodies } from './broker-bounds.js'

const { subscriber, database, mqtt } = Sections

export interface SystemApiOptions extends BrokerBoundsOptions {
  findings: Findings
  look: () => Health
  figures: () => SystemFigures
  now: () => number
}

export const system = ({ findings, look, figures, boundStates, now }: SystemApiOptions): Resource => ({
  prefix: '/system',
  tag: 'Health',
  routes: [
    route({
      method: 'GET',
      path: '',
      role: 'viewer',
      summary: 'Versions, disk, rates, latencies, writes, clients, bounds and findings, for one page',
      answer: Type.Object({
        success: Type.Literal(true),
        timestamp: Time,
        status: HealthStatus,
        ...Warnings,
        uptime_seconds: Type.Integer({ minimum: 0 }),
        ...Figures,
        latency: subscriber.properties.latency,
        event_loop: Sections.event_loop,
        storage: Type.Object({
          state: database.properties.state,
          waiting: database.properties.waiting,
          intake_rows: database.properties.intake_rows,
        }),
        broker: Type.Object({
          connections: mqtt.properties.connections,
          unauthenticated: mqtt.properties.unauthenticated,
          subscriptions: mqtt.properties.subscriptions,
        }),
        websocket: Sections.websocket,
        bounds: Type.Array(BoundBody),
        findings: Type.Integer({ minimum: 0, description: 'how many there are; GET /findings lists them' }),
      }),
      handle() {
        const seen = look()
        const { subscriber, event_loop, database, mqtt, websocket } = seen.detailed()
        const { state, waiting, intake_rows } = database
        const { connections, unauthenticated, subscriptions } = mqtt
        return {
          success: true as const,
          timestamp: iso(now())!,
          status: seen.status,
          warnings: seen.warnings,
          warning_details: seen.warning_details,
          uptime_seconds: Math.floor(seen.uptime_seconds),
          ...figures(),
          latency: subscriber.latency,
          event_loop,
          storage: { state, waiting, intake_rows },
          broker: { connections, unauthenticated, subscriptions },
          websocket,
          bounds: boundBodies(boundStates()),
          findings: findings.list().length,
        }
      },
    }),
  ],
})
