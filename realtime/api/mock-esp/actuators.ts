/** Actuators of a mock: add, switch by hand, remove. */
import Type from 'typebox'
import { actuatorBody, done, MockResult } from '../../mock-body.js'
import { ActuatorRequest, asked, MockParams, named, PinParams } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import { given } from '../../shapes.js'
import type { MockEspOptions } from './options.js'

export const actuators = ({ fleet }: MockEspOptions): Route[] => [
  route({
    method: 'POST',
    path: '/{esp_id}/actuators',
    role: 'admin',
    summary: 'Add an actuator, in the place of the one on its gpio; it says its status at once',
    params: MockParams,
    body: ActuatorRequest,
    answer: MockResult,
    errors: ['not_found', 'gpio_conflict'],
    async handle({ params: { esp_id }, body }) {
      const actuator = await asked(() => fleet.addActuator(esp_id, named(body)))
      return done(esp_id, 'add_actuator', actuatorBody(actuator))
    },
  }),

  route({
    method: 'POST',
    path: '/{esp_id}/actuators/{gpio}',
    role: 'admin',
    summary: 'Switch an actuator as if by hand; it says status and response',
    description: 'What is stopped stays so: `success` is false then, and `error` says why.',
    params: PinParams,
    body: Type.Object({
      state: Type.Boolean(),
      pwm_value: given(Type.Number({ minimum: 0, maximum: 1 })),
      publish: given(Type.Boolean({ description: 'default true' })),
    }),
    answer: MockResult,
    errors: ['not_found'],
    async handle({ params: { esp_id, gpio }, body: { state, pwm_value, publish } }) {
      const wish = { state, publish: publish ?? true, ...(pwm_value != null && { pwm_value }) }
      const { refused, actuator } = await asked(() => fleet.setActuator(esp_id, gpio, wish))
      return done(esp_id, 'set_actuator_state', actuatorBody(actuator), refused ?? null)
    },
  }),

  route({
    method: 'DELETE',
    path: '/{esp_id}/actuators/{gpio}',
    role: 'admin',
    summary: 'Remove an actuator; it goes off first',
    params: PinParams,
    answer: MockResult,
    errors: ['not_found'],
    async handle({ params: { esp_id, gpio } }) {
      await asked(() => fleet.removeActuator(esp_id, gpio))
      return done(esp_id, 'remove_actuator', { gpio })
    },
  }),
]
