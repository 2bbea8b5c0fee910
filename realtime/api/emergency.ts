/**
 * `/actuators/emergency…`: stopping a greenhouse, seeing who has stopped, and letting go again in two steps. All of it
 * works while storage fails; the answer then says that it is not on disk yet. Wire format: rest-contract §10.
 */
import Type, { type Static } from 'typebox'
import type { Actuators } from '../../routing/actuators.js'
import type { Effect } from '../../routing/effect.js'
import type { Act } from '../../routing/speech.js'
import type { Store } from '../../storage/store.js'
import { answered } from '../asking.js'
import {
  ArmedBody,
  armedBody,
  EmergencyBody,
  emergencyBody,
  ReleasedBody,
  ReleaseRequest,
  releasedBody,
  StoppedBody,
  StopRequest,
  selectorOf,
  stoppedBody,
} from '../emergency-body.js'
import { type Asked, type Resource, route } from '../route.js'
import { fromOf } from '../user-audit.js'

export interface EmergencyOptions {
  store: Store
  actuators: Pick<Actuators, 'stops' | 'release'>
  act: Act
  now: () => number
}

const success = Type.Literal(true)
const stored = Type.Optional(Type.Literal(false, { description: 'done, but not on disk yet: storage fails' }))
const Armed = Type.Object({ success, ...ArmedBody, stored })

type Asking = Asked<unknown, unknown, Static<typeof StopRequest>>

export function emergency({ store, actuators: { stops, release }, act, now }: EmergencyOptions): Resource {
  /** Throws Problem where it is refused. */
  const acting = async <T extends { readonly effects: readonly Effect[] }>(work: () => T) => {
    try {
      return await act(work)
    } catch (error) {
      throw answered(error)
    }
  }
  const wantedBy = (asked: Asking) => ({
    ...selectorOf(asked.body),
    reason: asked.body.reason.trim(),
    by: asked.user.username,
    from: fromOf(asked),
  })
  const done = (is_stored: boolean) => ({
    success: true as const,
    ...(!is_stored && { stored: false as const }),
  })

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
        body: StopRequest,
        answer: Type.Object({ success, ...StoppedBody, stored }),
        errors: ['not_found'],
        async handle(asked) {
          const at = now()
          const acted = await acting(() => stops.trigger(wantedBy(asked), at))
          return { ...done(acted.stored), ...stoppedBody(acted.result, asked.body.reason, at) }
        },
      }),

      route({
        method: 'GET',
        path: '/emergency',
        role: 'viewer',
        summary:
          'Emergency stops that hold, with what each device said to it, and the latest ones that are over',
        answer: Type.Object({ success, ...EmergencyBody }),
        handle: () => ({ success: true as const, ...emergencyBody(store, now()) }),
      }),

      route({
        method: 'POST',
        path: '/clear_emergency',
        role: 'operator',
        summary:
          'Release an emergency stop: first without a token, then within a minute with the one it answers',
        description:
          'Names the same scope as the stop; each scope is released by itself. Nothing is switched on by it. Answers 202 with a token while it is only armed.',
        body: ReleaseRequest,
        answer: Type.Object({ success, ...ReleasedBody, stored }),
        other: { status: 202, summary: 'Armed; nothing is released yet', answer: Armed },
        errors: ['not_found', 'request_refused'],
        async handle(asked) {
          const { token } = asked.body
          const wanted = wantedBy(asked)
          if (token) {
            const released = await acting(() => release.confirm({ ...wanted, token }, now()))
            return { ...done(released.stored), ...releasedBody(store, released.result) }
          }
          const armed = await acting(() => release.arm(wanted, now()))
          const body: Static<typeof Armed> = {
            ...done(armed.stored),
            ...armedBody(store, armed.result, now()),
          }
          return asked.c.json(body, 202)
        },
      }),
    ],
  }
}
