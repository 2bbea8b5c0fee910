/** Mock devices: list, make, look at, remove. */
import Type from 'typebox'
import { deviceOf } from '../../device-registry.js'
import type { MockView } from '../../fleet.js'
import { type MockBody as Body, MockBody, mockBody } from '../../mock-body.js'
import { asked, MockParams, MockRequest, newMock } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import { byUser } from '../../user-audit.js'
import type { MockEspOptions } from './options.js'

export function devices({ fleet, store, now }: MockEspOptions): Route[] {
  const body = (mock: MockView): Body => mockBody(mock, deviceOf(store, mock.esp_id))

  return [
    route({
      method: 'POST',
      path: '',
      role: 'admin',
      summary: 'Make a mock device: it is registered, and runs from now on',
      description:
        'Without `zone_id` the zone is that of `zone_name`. A sensor is measured each 30 s and stays at its value unless it is told otherwise.',
      status: 201,
      body: MockRequest,
      answer: MockBody,
      errors: ['already_exists', 'gpio_conflict'],
      async handle(request) {
        const wish = newMock(request.body)
        const { esp_id } = wish
        const note = (): void =>
          void store.auditLogs.insert(
            byUser(request, { event_type: 'device_registered', details: { device_id: esp_id, mock: true } }),
            now(),
          )
        return body(await asked(() => fleet.create(wish, request.user.username, note)))
      },
    }),

    route({
      method: 'GET',
      path: '',
      role: 'admin',
      summary: 'All mock devices, with what they measure and switch',
      answer: Type.Object({
        success: Type.Literal(true),
        data: Type.Array(MockBody),
        total: Type.Integer({ minimum: 0 }),
      }),
      handle() {
        // One that is being removed has no row any more.
        const data = fleet
          .list()
          .filter(({ esp_id }) => store.devices.find(esp_id))
          .map(body)
        return { success: true as const, data, total: data.length }
      },
    }),

    route({
      method: 'GET',
      path: '/{esp_id}',
      role: 'admin',
      summary: 'One mock device',
      params: MockParams,
      answer: MockBody,
      errors: ['not_found'],
      handle: ({ params }) => asked(() => body(fleet.find(params.esp_id))),
    }),

    route({
      method: 'DELETE',
      path: '/{esp_id}',
      role: 'admin',
      summary: 'Remove a mock device, and its registration; its readings stay unless they are to go too',
      params: MockParams,
      query: Type.Object({ readings: Type.Optional(Type.Enum(['keep', 'delete'])) }),
      status: 204,
      errors: ['not_found', 'actuator_needed', 'sensor_needed'],
      async handle(request) {
        const { esp_id } = request.params
        const { readings = 'keep' } = request.query
        const details = { device_id: esp_id, mock: true, readings }
        const note = (): void =>
          void store.auditLogs.insert(byUser(request, { event_type: 'device_removed', details }), now())
        await asked(() => fleet.remove(esp_id, readings, note))
        return undefined
      },
    }),
  ]
}
