/**
 * `/zone`: which zone a device is in. What people say holds at once; the answer of the device comes as event
 * `zone_assignment`, or is waited for with `?wait=`. Wire format: rest-contract §7.
 */
import Type from 'typebox'
import { isKnown } from '../../routing/registry.js'
import { listZones } from '../../routing/zones/list.js'
import type { Device } from '../../storage/devices.js'
import { changing } from '../asking.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import { type OrderingOptions, ordered } from '../ordering.js'
import { type Asked, type Resource, route } from '../route.js'
import { given, nullable } from '../shapes.js'
import { byUser, type Doer } from '../user-audit.js'
import { Ordered, WaitQuery, ZoneId, ZoneIdGiven, ZoneOfDevice, zoneOfDevice } from '../zone-body.js'

const params = Type.Object(DeviceParams)
const Text = nullable(Type.String())
const ZoneBody = Type.Object({
  zone_id: Type.String(),
  zone_name: Text,
  master_zone_id: Text,
  device_count: Type.Integer(),
  online_count: Type.Integer(),
  subzone_count: Type.Integer(),
})

export function zones(options: OrderingOptions): Resource {
  const { store, now, zoning } = options
  const known = (): Device[] => store.devices.list().filter(isKnown)

  /** Writes down who moved the device where, and tells it. */
  const move = async (
    asked: Doer & { readonly user: { username: string } },
    esp_id: string,
    zone: Parameters<typeof zoning.zones.assign>[1],
    wait: number | undefined,
  ) => {
    const order = await changing(store, () => {
      const before = deviceOf(store, esp_id)
      const order = zoning.zones.assign(before, zone, asked.user.username, now())
      const { zone_id, zone_name } = order.device
      const entry = byUser(asked, {
        event_type: zone ? 'zone_assigned' : 'zone_removed',
        details: { device_id: esp_id, zone_id, zone_name, previous_zone_id: before.zone_id },
        correlation_id: order.correlation_id,
      })
      store.auditLogs.insert(entry, now())
      return order
    })
    const { zone_id } = order.device
    const what = zone_id ? `${esp_id} is in zone ${zone_id}` : `${esp_id} is in no zone`
    const answer = await ordered(options, { ...order, device_id: esp_id }, what, wait)
    return { answer, device: order.device }
  }

  const removal = {
    method: 'DELETE',
    role: 'operator',
    summary: 'Take a device out of its zone; its subzones are removed',
    params,
    query: WaitQuery,
    answer: Type.Object(Ordered),
    errors: ['not_found'],
    async handle(asked: Asked<{ esp_id: string }, { wait?: number }, unknown>) {
      return (await move(asked, asked.params.esp_id, null, asked.query.wait)).answer
    },
  } as const

  return {
    prefix: '/zone',
    tag: 'Zones',
    routes: [
      route({
        method: 'GET',
        path: '/zones',
        role: 'viewer',
        summary: 'All zones that have a device or a name',
        answer: Type.Object({
          success: Type.Literal(true),
          zones: Type.Array(ZoneBody),
          total: Type.Integer(),
        }),
        handle() {
          const all = listZones(store)
          return { success: true as const, zones: all, total: all.length }
        },
      }),

      route({
        method: 'GET',
        path: '/unassigned',
        role: 'viewer',
        summary: 'Ids of devices that are in no zone',
        answer: Type.Array(Type.String()),
        handle: () =>
          known()
            .filter(({ zone_id }) => zone_id === null)
            .map(({ device_id }) => device_id),
      }),

      route({
        method: 'GET',
        path: '/devices/{esp_id}',
        role: 'viewer',
        summary: 'The zone of a device',
        params,
        answer: ZoneOfDevice,
        errors: ['not_found'],
        handle: ({ params: { esp_id } }) => zoneOfDevice(deviceOf(store, esp_id), zoning.kaiser_id),
      }),

      route({
        method: 'POST',
        path: '/devices/{esp_id}/assign',
        role: 'operator',
        summary: 'Put a device into a zone; its subzones go along',
        description:
          'Holds at once, also for a device that is away: it is told when it is back. A device that refuses ' +
          'stays where people say it is, and is a finding.',
        params,
        query: WaitQuery,
        body: Type.Object({
          zone_id: ZoneId,
          zone_name: given(Type.String({ maxLength: 100 })),
          master_zone_id: ZoneIdGiven,
        }),
        answer: Type.Object({ ...Ordered, zone_id: Type.String(), master_zone_id: Text, zone_name: Text }),
        errors: ['not_found'],
        async handle(asked) {
          const { zone_id, zone_name, master_zone_id } = asked.body
          const zone = { zone_id, zone_name: zone_name || null, master_zone_id: master_zone_id || null }
          const { answer, device } = await move(asked, asked.params.esp_id, zone, asked.query.wait)
          return {
            ...answer,
            zone_id: device.zone_id!,
            master_zone_id: device.master_zone_id,
            zone_name: device.zone_name,
          }
        },
      }),

      route({ ...removal, path: '/devices/{esp_id}/assign' }),
      route({ ...removal, path: '/devices/{esp_id}/zone' }),

      route({
        method: 'GET',
        path: '/{zone_id}/devices',
        role: 'viewer',
        summary: 'The devices of a zone',
        params: Type.Object({ zone_id: ZoneId }),
        answer: Type.Array(ZoneOfDevice),
        handle({ params: { zone_id } }) {
          const wanted = zone_id.toLowerCase()
          return known()
            .filter((device) => device.zone_id === wanted)
            .map((device) => zoneOfDevice(device, zoning.kaiser_id))
        },
      }),
    ],
  }
}
