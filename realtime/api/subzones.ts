/**
 * `/subzone/devices/{esp_id}/subzones`: gpios of a device that belong together. As with zones, what people say
 * holds at once and the device is told. Wire format: rest-contract §8.
 */
import Type from 'typebox'
import type { CodeName } from '../../routing/contract/codes.js'
import { isLive, type SubzoneOrder } from '../../routing/zones/subzones.js'
import type { Device } from '../../storage/devices.js'
import type { Subzone } from '../../storage/subzones.js'
import { changing } from '../asking.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import { type OrderingOptions, ordered } from '../ordering.js'
import { Problem } from '../problem.js'
import { type Asked, type Resource, route } from '../route.js'
import { Gpio, given, nullable } from '../shapes.js'
import { byUser, type Doer } from '../user-audit.js'
import { Ordered, SubzoneBody, SubzoneId, subzoneBody, WaitQuery, ZoneIdGiven } from '../zone-body.js'

const OneParams = Type.Object({ ...DeviceParams, subzone_id: SubzoneId })
const params = Type.Object(DeviceParams)
const Done = { ...Ordered, subzone_id: Type.String() }
const refusals: readonly CodeName[] = ['request_refused', 'gpio_conflict', 'subzones_full']
const Reason = Type.Object({
  reason: given(Type.String({ maxLength: 100, description: 'default: manual' })),
})
const { acknowledged: _, ...Told } = Ordered
const RESTS = 'is in safe mode: its actuators are told OFF and rest until DELETE …/safe-mode'

export function subzones(options: OrderingOptions): Resource {
  const { store, now, zoning } = options

  const liveOf = (esp_id: string): readonly Subzone[] => store.subzones.list(esp_id).filter(isLive)

  /** Throws Problem (404). */
  const subzoneOf = ({ esp_id, subzone_id }: { esp_id: string; subzone_id: string }): Subzone => {
    deviceOf(store, esp_id)
    const subzone = store.subzones.find(esp_id, subzone_id)
    if (!subzone || !isLive(subzone))
      throw new Problem('not_found', `Subzone ${subzone_id} of ${esp_id} is not known`)
    return subzone
  }

  /** Runs an order, writes down who gave it, tells the device. */
  const order = async (
    doer: Doer,
    esp_id: string,
    event_type: 'subzone_assigned' | 'subzone_removed' | 'subzone_safe_mode',
    work: (device: Device) => SubzoneOrder,
    what: string,
    wait = 0,
  ) => {
    const given = await changing(store, () => {
      const made = work(deviceOf(store, esp_id))
      const { subzone_id, parent_zone_id, assigned_gpios, safe_mode_active, correlation_id } = made.subzone
      const details = {
        device_id: esp_id,
        subzone_id,
        parent_zone_id,
        assigned_gpios,
        safe_mode_active: safe_mode_active === 1,
      }
      store.auditLogs.insert(byUser(doer, { event_type, details, correlation_id }), now())
      return { ...made, device_id: esp_id, correlation_id }
    })
    const answer = await ordered(options, given, what, wait)
    return { answer: { ...answer, subzone_id: given.subzone.subzone_id }, subzone: given.subzone }
  }

  const safeMode = (active: boolean) =>
    ({
      path: '/{subzone_id}/safe-mode',
      role: 'operator',
      params: OneParams,
      body: Reason,
      answer: Type.Object({ ...Told, subzone_id: Type.String(), safe_mode_active: Type.Boolean() }),
      errors: ['not_found'],
      async handle(asked: Asked<Type.Static<typeof OneParams>, unknown, Type.Static<typeof Reason>>) {
        const { esp_id, subzone_id } = asked.params
        const reason = asked.body.reason || 'manual'
        const { answer } = await order(
          asked,
          esp_id,
          'subzone_safe_mode',
          (device) => zoning.subzones.safe(device, subzoneOf(asked.params), active, reason, now()),
          `Subzone ${subzone_id} ${active ? RESTS : 'may work again; nothing is switched on by that'}`,
        )
        const { acknowledged: _, ...told } = answer
        return { ...told, safe_mode_active: active }
      },
    }) as const

  return {
    prefix: '/subzone/devices/{esp_id}/subzones',
    tag: 'Zones',
    routes: [
      route({
        method: 'POST',
        path: '/assign',
        role: 'operator',
        summary: 'Make some gpios of a device a subzone, or change one',
        description:
          'The device must be in a zone. What is left out stays, but safe_mode_active, which is true then: its actuators are told OFF, and rest. Say false where they are to work.',
        params,
        query: WaitQuery,
        body: Type.Object({
          subzone_id: SubzoneId,
          assigned_gpios: Type.Array(Gpio, { minItems: 1, maxItems: 20 }),
          subzone_name: given(Type.String({ maxLength: 100 })),
          parent_zone_id: ZoneIdGiven,
          safe_mode_active: given(Type.Boolean({ description: 'default true: its actuators rest' })),
        }),
        answer: Type.Object({
          ...Done,
          assigned_gpios: Type.Array(Gpio),
          safe_mode_active: Type.Boolean({ description: 'its actuators rest' }),
        }),
        errors: ['not_found', ...refusals],
        async handle(asked) {
          const { safe_mode_active, subzone_name, parent_zone_id, ...body } = asked.body
          const described = {
            ...body,
            safe_mode_active: safe_mode_active ?? true,
            ...(subzone_name !== undefined && { subzone_name }),
            ...(parent_zone_id !== undefined && { parent_zone_id }),
          }
          const { answer, subzone } = await order(
            asked,
            asked.params.esp_id,
            'subzone_assigned',
            (device) => zoning.subzones.assign(device, described, now()),
            `Subzone ${body.subzone_id} is assigned${described.safe_mode_active ? ` and ${RESTS}` : ''}`,
            asked.query.wait,
          )
          return {
            ...answer,
            assigned_gpios: [...subzone.assigned_gpios],
            safe_mode_active: described.safe_mode_active,
          }
        },
      }),

      route({
        method: 'GET',
        path: '',
        role: 'viewer',
        summary: 'The subzones of a device',
        params,
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          device_id: Type.String(),
          zone_id: nullable(Type.String()),
          subzones: Type.Array(SubzoneBody),
          total_count: Type.Integer(),
        }),
        errors: ['not_found'],
        handle({ params: { esp_id } }) {
          const { zone_id } = deviceOf(store, esp_id)
          const all = liveOf(esp_id).map((subzone) => subzoneBody(subzone, zoning.countOf))
          return {
            success: true as const,
            message: `${all.length} subzones`,
            device_id: esp_id,
            zone_id,
            subzones: all,
            total_count: all.length,
          }
        },
      }),

      route({
        method: 'GET',
        path: '/{subzone_id}',
        role: 'viewer',
        summary: 'One subzone of a device',
        params: OneParams,
        answer: SubzoneBody,
        errors: ['not_found'],
        handle: ({ params }) => subzoneBody(subzoneOf(params), zoning.countOf),
      }),

      route({
        method: 'DELETE',
        path: '/{subzone_id}',
        role: 'operator',
        summary: 'Remove a subzone; its gpios belong to the device as a whole again',
        params: OneParams,
        query: WaitQuery,
        answer: Type.Object(Done),
        errors: ['not_found'],
        async handle(asked) {
          const { esp_id, subzone_id } = asked.params
          const { answer } = await order(
            asked,
            esp_id,
            'subzone_removed',
            (device) => zoning.subzones.remove(device, subzoneOf(asked.params), 'manual', now()),
            `Subzone ${subzone_id} is removed`,
            asked.query.wait,
          )
          return answer
        },
      }),

      route({
        ...safeMode(true),
        method: 'POST',
        summary: 'Let the actuators of a subzone rest',
        description:
          'They are told OFF. Until it is ended ON, PWM and TOGGLE are refused on every path (`limit_name` is `safe_mode`), OFF never.',
      }),
      route({
        ...safeMode(false),
        method: 'DELETE',
        summary: 'Let the actuators of a subzone work again',
        description: 'They may be switched on again; nothing is switched on by that.',
      }),
    ],
  }
}
