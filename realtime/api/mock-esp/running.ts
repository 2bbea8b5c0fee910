/** A mock as a whole: run or rest, beat, be in a state, stop in an emergency. */
import Type from 'typebox'
import { deviceOf } from '../../device-registry.js'
import { done, MockBody, MockResult, mockBody, SYSTEM_STATES } from '../../mock-body.js'
import { asked, HeartbeatInterval, MockParams } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import { given, Time } from '../../shapes.js'
import { byUser, type Doer } from '../../user-audit.js'
import { iso } from '../../web.js'
import type { MockEspOptions } from './options.js'

const Reason = Type.Optional(Type.String({ maxLength: 200 }))

export function running({ fleet, store, now }: MockEspOptions): Route[] {
  const changes = (path: string, runs: boolean, summary: string): Route =>
    route({
      method: 'POST',
      path,
      role: 'admin',
      summary,
      params: MockParams,
      answer: MockBody,
      errors: ['not_found'],
      async handle(request) {
        const { esp_id } = request.params
        const doer: Doer = request
        const details = { device_id: esp_id, changed: ['simulation_state'], running: runs }
        const note = (): void =>
          void store.auditLogs.insert(byUser(doer, { event_type: 'device_changed', details }), now())
        return mockBody(await asked(() => fleet.run(esp_id, runs, note)), deviceOf(store, esp_id))
      },
    })

  return [
    changes('/{esp_id}/start', true, 'Run it, from now on and after each restart'),
    changes('/{esp_id}/stop', false, 'Let it rest: it is offline until somebody starts it'),

    route({
      method: 'POST',
      path: '/{esp_id}/heartbeat',
      role: 'admin',
      summary: 'Let it say that it is alive, at once',
      params: MockParams,
      answer: Type.Object({
        success: Type.Boolean(),
        esp_id: Type.String(),
        timestamp: Time,
        message_published: Type.Boolean({ description: 'false: it is not connected' }),
        payload: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
      errors: ['not_found'],
      handle: ({ params: { esp_id } }) =>
        asked(() => {
          const { published, payload } = fleet.heartbeat(esp_id)
          return {
            success: published,
            esp_id,
            timestamp: iso(now())!,
            message_published: published,
            ...(payload && { payload }),
          }
        }),
    }),

    route({
      method: 'POST',
      path: '/{esp_id}/state',
      role: 'admin',
      summary: 'Put it into a state of the firmware; SAFE_MODE rests its actuators',
      params: MockParams,
      body: Type.Object({
        state: Type.Enum([...SYSTEM_STATES]),
        reason: given(Type.String({ maxLength: 200 })),
      }),
      answer: MockResult,
      errors: ['not_found', 'request_refused'],
      async handle({ params: { esp_id }, body: { state, reason: given } }) {
        const reason = given || 'manual'
        const previous_state = await asked(() => fleet.setState(esp_id, state, reason))
        return done(esp_id, 'set_state', {
          esp_id,
          previous_state,
          current_state: state,
          reason: given ?? null,
        })
      },
    }),

    route({
      method: 'POST',
      path: '/{esp_id}/auto-heartbeat',
      role: 'admin',
      summary: 'Beat regularly, or not',
      params: MockParams,
      query: Type.Object({
        enabled: Type.Boolean(),
        interval_seconds: Type.Optional(HeartbeatInterval),
      }),
      answer: MockResult,
      errors: ['not_found'],
      async handle({ params: { esp_id }, query: { enabled, interval_seconds } }) {
        await asked(() => fleet.setAutoHeartbeat(esp_id, enabled, interval_seconds))
        const { config } = fleet.find(esp_id)
        return done(esp_id, 'auto_heartbeat', { enabled, interval_seconds: config.heartbeat_interval })
      },
    }),

    route({
      method: 'POST',
      path: '/{esp_id}/emergency-stop',
      role: 'admin',
      summary: 'All its actuators off, and stopped until that is cleared',
      params: MockParams,
      query: Type.Object({ reason: Reason }),
      answer: MockResult,
      errors: ['not_found'],
      async handle({ params: { esp_id }, query: { reason = 'manual' } }) {
        const actuators_stopped = await asked(() => fleet.emergencyStop(esp_id, reason))
        return done(esp_id, 'emergency_stop', { reason, actuators_stopped })
      },
    }),

    route({
      method: 'POST',
      path: '/{esp_id}/clear-emergency',
      role: 'admin',
      summary: 'End its own stop; its actuators stay off, and a stop that kaiser holds goes on',
      params: MockParams,
      answer: MockResult,
      errors: ['not_found'],
      async handle({ params: { esp_id } }) {
        await asked(() => fleet.clearEmergency(esp_id))
        return done(esp_id, 'clear_emergency', { emergency_stopped: false })
      },
    }),
  ]
}
