/** `/actuators/{esp_id}/{gpio}/status` and `/history`: what an actuator is, may be, and was. rest-contract §10 */
import Type from 'typebox'
import { type Place, spelled } from '../../routing/actuators/place.js'
import type { Actuators } from '../../routing/actuators.js'
import type { HistoryRow } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { ActuatorConfigBody, actuatorConfigBody } from '../actuator-config-body.js'
import { ActuatorParams } from '../actuator-request.js'
import { HistoryEntry, historyEntry, StatusBody, statusBody } from '../actuator-status-body.js'
import { deviceOf } from '../device-registry.js'
import { Problem } from '../problem.js'
import { type Resource, route } from '../route.js'
import { EspId, Gpio } from '../shapes.js'

export interface ActuatorStatusOptions {
  store: Store
  actuators: Actuators
  now: () => number
}

export function actuatorStatus({ store, actuators, now }: ActuatorStatusOptions): Resource {
  const { actuatorConfigs, actuatorStates, actuatorHistory } = store
  const isKnown = ({ esp_id, gpio }: Place): boolean =>
    actuatorConfigs.find(esp_id, gpio) !== undefined || actuatorStates.find(esp_id, gpio) !== undefined

  /** Newest first; what is in memory is newer than its row. */
  const rows = ({ esp_id, gpio }: Place, limit: number): HistoryRow[] => {
    const found = new Map<number, HistoryRow>(
      [...actuatorHistory.latest(esp_id, gpio, limit), ...actuatorHistory.list(esp_id, gpio)].map((row) => [
        row.id,
        row,
      ]),
    )
    return [...found.values()].sort((a, b) => b.timestamp - a.timestamp || b.id - a.id).slice(0, limit)
  }

  return {
    prefix: '/actuators',
    tag: 'Actuators',
    routes: [
      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}/status',
        role: 'viewer',
        summary: 'What an actuator is, what is wanted of it, and what its limits leave',
        params: Type.Object(ActuatorParams),
        query: Type.Object({ include_config: Type.Optional(Type.Boolean()) }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          ...StatusBody,
          config: Type.Optional(ActuatorConfigBody),
        }),
        errors: ['not_found'],
        handle({ params, query: { include_config }, user }) {
          const { esp_id, gpio } = params
          deviceOf(store, esp_id)
          if (!isKnown(params)) throw new Problem('not_found', `There is no actuator on ${spelled(params)}`)
          const body = statusBody(actuators, params, user.username, now())
          const config = include_config ? actuatorConfigs.find(esp_id, gpio) : undefined
          return {
            success: true as const,
            message: `${spelled(params)} is ${body.state.state}${body.state.stale_since ? ', or was when it was last heard' : ''}`,
            ...body,
            ...(config && { config: actuatorConfigBody(store, config) }),
          }
        },
      }),

      route({
        method: 'GET',
        path: '/{esp_id}/{gpio}/history',
        role: 'viewer',
        summary: 'What happened to an actuator, newest first; gpio 255 is the device as a whole',
        params: Type.Object({ esp_id: EspId, gpio: Gpio }),
        query: Type.Object({
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'default 20' })),
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          esp_id: Type.String(),
          gpio: Gpio,
          entries: Type.Array(HistoryEntry),
          total_count: Type.Integer(),
        }),
        errors: ['not_found'],
        handle({ params, query: { limit = 20 } }) {
          const { esp_id, gpio } = params
          const entries = rows(params, limit).map(historyEntry)
          if (entries.length === 0 && !isKnown(params)) {
            deviceOf(store, esp_id)
            if (gpio !== 255) throw new Problem('not_found', `There is no actuator on ${spelled(params)}`)
          }
          const total_count = Math.max(actuatorHistory.total(esp_id, gpio), entries.length)
          return {
            success: true as const,
            message: `${total_count} entries`,
            esp_id,
            gpio,
            entries,
            total_count,
          }
        },
      }),
    ],
  }
}
