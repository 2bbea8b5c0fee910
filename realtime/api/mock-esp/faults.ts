/** What is wrong with a mock: injected and healed while it runs. */
import Type from 'typebox'
import { MockFault } from '../../../routing/contract/mock.js'
import { done, MockResult } from '../../mock-body.js'
import { asked, MockParams } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import type { MockEspOptions } from './options.js'

export const faults = ({ fleet }: MockEspOptions): Route[] => [
  route({
    method: 'POST',
    path: '/{esp_id}/faults',
    role: 'admin',
    summary: 'Let something go wrong with it, from now on and after each start',
    description: 'In the place of the fault of the same name.',
    params: MockParams,
    body: MockFault,
    answer: MockResult,
    errors: ['not_found'],
    async handle({ params: { esp_id }, body }) {
      return done(esp_id, 'inject_fault', await asked(() => fleet.inject(esp_id, body)))
    },
  }),

  route({
    method: 'DELETE',
    path: '/{esp_id}/faults',
    role: 'admin',
    summary: 'Heal it: one fault, or all',
    params: MockParams,
    query: Type.Object({ fault: Type.Optional(Type.String({ maxLength: 32 })) }),
    answer: MockResult,
    errors: ['not_found'],
    async handle({ params: { esp_id }, query: { fault } }) {
      const healed = await asked(() => fleet.heal(esp_id, fault))
      return done(esp_id, 'heal_fault', { healed, fault: fault ?? null })
    },
  }),
]
