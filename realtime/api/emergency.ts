/**
 * `/actuators/emergency…`: stopping a greenhouse, seeing who has stopped, and letting go again in two steps. All of it
 * works while storage fails; the answer then says that it is not on disk yet. Wire format: rest-contract §10.
 */
import Type, { type Static } from 'typebox'
import { ActuatorRefused } from '../../routing/actuators/actuator-refusal.js'
import type { Actuators } from '../../routing/actuators/actuators.js'
import { spelledScope } from '../../routing/emergency/scope.js'
import type { Effect } from '../../routing/handler.js'
import type { Act } from '../../routing/speech.js'
import type { Store } from '../../storage/store.js'
import { refusalOf } from '../actuator-request.js'
import {
  EmergencyRequest,
  LatchedStop,
  latchedBody,
  PastStop,
  pastBody,
  StoppedDetails,
  selectorOf,
  stoppedDetails,
} from '../emergency-body.js'
import { type Asked, type Resource, route } from '../route.js'
import { given, Time } from '../shapes.js'
import { fromOf } from '../user-audit.js'
import { iso } from '../web.js'

export interface EmergencyOptions {
  store: Store
  actuators: Pick<Actuators, 'stops' | 'release'>
  act: Act
  now: () => number
}

const HISTORY = 20
const stored = Type.Optional(Type.Literal(false, { description: 'done, but not on disk yet: storage fails' }))
const Wanted = Type.Object(EmergencyRequest)

const ArmedBody = Type.Object({
  success: Type.Literal(true),
  message: Type.String(),
  stop_id: Type.Integer(),
  token: Type.String({ description: 'confirms the release, once' }),
  expires_at: Time,
  devices: LatchedStop.properties.devices,
  stored,
})

type Asking = Asked<unknown, unknown, Static<typeof Wanted>>

export function emergency({ store, actuators: { stops, release }, act, now }: EmergencyOptions): Resource {
  /** Throws Problem where it is refused. */
  const acting = async <T extends { readonly effects: readonly Effect[] }>(work: () => T) => {
    try {
      return await act(work)
    } catch (error) {
      throw error instanceof ActuatorRefused ? refusalOf(error) : error
    }
  }
  const wantedBy = (asked: Asking) => ({
    ...selectorOf(asked.body),
    reason: asked.body.reason.trim(),
    by: asked.user.username,
    from: fromOf(asked),
  })
  const unstored = (is_stored: boolean) => (is_stored ? {} : { stored: false as const })

  return {
    prefix: '/actuators',
    tag: 'Emergency',
    routes: [
      route({
        method: 'POST',
        path: '/emergency_stop',
        role: 'operator',
        summary:
          'Stop an actuator, a device, a zone, or everything, and keep it stopped until it is released',
        description:
          'Without `esp_id` and `zone_id` it is for everything. ON, PWM and TOGGLE are refused from then on, on every path, OFF never. A device that is away is told when it comes back; `GET /actuators/emergency` shows who has confirmed.',
        body: Wanted,
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          stop_id: Type.Integer(),
          scope: LatchedStop.properties.scope,
          devices_stopped: Type.Integer({ description: 'devices concerned, also those that are away' }),
          devices_reached: Type.Integer(),
          actuators_stopped: Type.Integer(),
          reason: Type.String(),
          timestamp: Time,
          details: StoppedDetails,
          stored,
        }),
        errors: ['not_found'],
        async handle(asked) {
          const at = now()
          const { result, stored: is_stored } = await acting(() => stops.trigger(wantedBy(asked), at))
          const { stop, devices } = result
          const reached = devices.filter((device) => device.reached).length
          return {
            success: true as const,
            message: `Emergency stop of ${spelledScope(stop)}: ${reached} of ${devices.length} devices were told${reached < devices.length ? '; who is away is told when it comes back' : ''}`,
            stop_id: stop.id,
            scope: stop.scope,
            devices_stopped: devices.length,
            devices_reached: reached,
            actuators_stopped: devices.reduce((sum, { gpios }) => sum + gpios.length, 0),
            reason: asked.body.reason,
            timestamp: iso(at)!,
            details: stoppedDetails(devices),
            ...unstored(is_stored),
          }
        },
      }),

      route({
        method: 'GET',
        path: '/emergency',
        role: 'viewer',
        summary:
          'Emergency stops that hold, with what each device said to it, and the latest ones that are over',
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          active: Type.Boolean({ description: 'at least one holds' }),
          stops: Type.Array(LatchedStop, { description: 'oldest first' }),
          history: Type.Array(PastStop, { description: 'released ones, newest first' }),
        }),
        handle() {
          const latched = store.emergencyStops.list()
          const message =
            latched.length === 0
              ? 'No emergency stop holds'
              : `Stopped: ${latched.map((stop) => spelledScope(stop)).join(', ')}`
          return {
            success: true as const,
            message,
            active: latched.length > 0,
            stops: latched.map((stop) => latchedBody(store, stop, now())),
            history: store.emergencyStops
              .history(HISTORY + latched.length)
              .filter(({ released_at }) => released_at !== null)
              .sort((a, b) => b.released_at! - a.released_at!)
              .slice(0, HISTORY)
              .map(pastBody),
          }
        },
      }),

      route({
        method: 'POST',
        path: '/clear_emergency',
        role: 'operator',
        summary:
          'Release an emergency stop: first without a token, then within a minute with the one it answers',
        description:
          'Names the same scope as the stop; each scope is released by itself. Nothing is switched on by it. Answers 202 with a token while it is only armed.',
        body: Type.Object({
          ...EmergencyRequest,
          token: given(Type.String({ minLength: 1, maxLength: 100, description: 'of the first step' })),
        }),
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          stop: PastStop,
          still_stopped: Type.Array(Type.String(), { description: 'other stops that hold' }),
          stored,
        }),
        other: { status: 202, summary: 'Armed; nothing is released yet', answer: ArmedBody },
        errors: ['not_found', 'request_refused'],
        async handle(asked) {
          const { token } = asked.body
          const wanted = wantedBy(asked)
          if (token) {
            const { result, stored: is_stored } = await acting(() =>
              release.confirm({ ...wanted, token }, now()),
            )
            return {
              success: true as const,
              message: `The emergency stop of ${spelledScope(result.stop)} is released; nothing was switched on`,
              stop: pastBody(result.stop),
              still_stopped: store.emergencyStops.list().map(spelledScope),
              ...unstored(is_stored),
            }
          }
          const { result, stored: is_stored } = await acting(() => release.arm(wanted, now()))
          const { stop, token: made, expires_at } = result
          return asked.c.json(
            {
              success: true as const,
              message: `Nothing is released yet: send the same with this token to release the emergency stop of ${spelledScope(stop)}`,
              stop_id: stop.id,
              token: made,
              expires_at: iso(expires_at)!,
              devices: latchedBody(store, stop, now()).devices,
              ...unstored(is_stored),
            } satisfies Static<typeof ArmedBody>,
            202,
          )
        },
      }),
    ],
  }
}
