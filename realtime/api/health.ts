/** `/health`: is kaiser well, for people, dashboards and probes. Wire format: rest-contract §13. */
import Type from 'typebox'
import type { Findings } from '../../routing/findings.js'
import { isKnown } from '../../routing/registry.js'
import { isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { statusOf } from '../device-body.js'
import { DeviceVitals, vitalsOf } from '../device-vitals.js'
import { Checks, type Health, HealthStatus, Sections, Warnings } from '../health-body.js'
import { CONTENT_TYPE, exposition } from '../metrics.js'
import { problemBody } from '../problem.js'
import { type Resource, route } from '../route.js'
import { nullable, Time } from '../shapes.js'
import { uptimeText } from '../uptime.js'
import { iso } from '../web.js'

export type { Health } from '../health-body.js'

const Count = Type.Integer({ minimum: 0 })
const Basic = {
  success: Type.Boolean(),
  message: Type.String(),
  status: HealthStatus,
  version: Type.String(),
  environment: Type.Literal('production'),
  uptime_seconds: Type.Integer(),
  timestamp: Time,
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)

/** Mean of what is there, null when nothing is. */
const mean = (values: readonly (number | null)[]): number | null => {
  const numbers = values.filter((value) => value !== null)
  return numbers.length === 0 ? null : sum(numbers) / numbers.length
}

export interface HealthOptions {
  store: Store
  findings: Findings
  look: () => Health
  now: () => number
}

export function health({ store, findings, look, now }: HealthOptions): Resource {
  const basic = ({ status, version, uptime_seconds }: Health) => ({
    success: status !== 'unhealthy',
    message: `kaiser is ${status}`,
    status,
    version,
    environment: 'production' as const,
    uptime_seconds: Math.floor(uptime_seconds),
    timestamp: iso(now())!,
  })

  return {
    prefix: '/health',
    tag: 'Health',
    routes: [
      route({
        method: 'GET',
        path: '',
        role: 'public',
        summary: 'Is kaiser well?',
        answer: Type.Object(Basic),
        handle: () => basic(look()),
      }),

      route({
        method: 'GET',
        path: '/live',
        role: 'public',
        summary: 'Does kaiser answer at all?',
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          alive: Type.Literal(true),
        }),
        handle: () => ({ success: true as const, message: 'alive', alive: true as const }),
      }),

      route({
        method: 'GET',
        path: '/ready',
        role: 'public',
        summary: 'Can kaiser do its work? Answers 503 when it cannot',
        answer: Type.Object({
          success: Type.Boolean(),
          message: Type.String(),
          ready: Type.Boolean(),
          checks: Checks,
        }),
        errors: ['storage_unavailable'],
        handle({ c }) {
          const { checks, warnings } = look()
          // Without Redis devices are served all the same.
          const ready = Object.entries(checks).every(([name, ok]) => ok || name === 'redis')
          const answer = { success: ready, message: ready ? 'ready' : 'not ready', ready, checks }
          if (ready) return answer
          const detail = `kaiser is not ready: ${warnings.join('; ')}`
          return c.json({ ...problemBody('storage_unavailable', detail), ...answer }, 503)
        },
      }),

      route({
        method: 'GET',
        path: '/detailed',
        role: 'viewer',
        summary: 'How each part of kaiser is, and what it has counted',
        answer: Type.Object({
          ...Basic,
          uptime_formatted: Type.String({ description: '1d 2h 3m' }),
          components: Type.Array(
            Type.Object({ name: Type.String(), status: Type.Enum(['healthy', 'unhealthy']) }),
          ),
          ...Warnings,
          ...Sections,
        }),
        handle() {
          const seen = look()
          return {
            ...basic(seen),
            uptime_formatted: uptimeText(seen.uptime_seconds),
            components: Object.entries(seen.checks).map(([name, ok]) => ({
              name,
              status: ok ? ('healthy' as const) : ('unhealthy' as const),
            })),
            warnings: seen.warnings,
            warning_details: seen.warning_details,
            ...seen.detailed(),
          }
        },
      }),

      route({
        method: 'GET',
        path: '/esp',
        role: 'viewer',
        summary: 'How the devices are, all at once',
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          total_devices: Count,
          online_count: Count,
          offline_count: Count,
          error_count: Count,
          unknown_count: Count,
          total_sensors: Count,
          total_actuators: Count,
          avg_heap_free: nullable(Type.Number({ description: 'of those online, bytes' })),
          avg_wifi_rssi: nullable(Type.Number({ description: 'of those online, dBm' })),
          devices: Type.Array(DeviceVitals),
        }),
        handle() {
          const devices = store.devices.list().filter(isKnown)
          const online = devices.filter(({ status }) => status === 'online')
          const count = (status: string) => devices.filter((device) => statusOf(device) === status).length
          return {
            success: true as const,
            message: `${online.length} of ${devices.length} devices are online`,
            total_devices: devices.length,
            online_count: online.length,
            offline_count: count('offline'),
            error_count: count('error'),
            unknown_count: count('unknown'),
            total_sensors: sum(devices.map(({ sensor_count }) => sensor_count)),
            total_actuators: sum(devices.map(({ actuator_count }) => actuator_count)),
            avg_heap_free: mean(online.map(({ heap_free }) => heap_free)),
            avg_wifi_rssi: mean(online.map(({ wifi_rssi }) => wifi_rssi)),
            devices: devices.map(vitalsOf),
          }
        },
      }),

      route({
        method: 'GET',
        path: '/metrics',
        role: 'public',
        summary: 'Figures for Prometheus',
        media: ['text/plain'],
        handle() {
          const seen = look()
          const text = exposition({
            health: seen,
            detailed: seen.detailed(),
            devices: store.devices.list(),
            sensors: [...store.sensors.list()].length,
            findings: findings.list(),
            actuators: store.actuatorStates.list(),
            commands: store.actuatorHistory.list().filter((command) => !isFinal(command)).length,
            emergency_stops: store.emergencyStops.list().length,
            strange_reports_dropped: store.actuatorHistory.dropped,
          })
          return new Response(text, { headers: { 'Content-Type': CONTENT_TYPE } })
        },
      }),
    ],
  }
}
