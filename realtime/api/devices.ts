/**
 * `/esp/devices`: list, register, describe, remove. Who waits is listed apart from who is in. Wire format:
 * rest-contract §2, §5 and §16.1.
 */
import Type from 'typebox'
import { switchOff } from '../../routing/effect.js'
import type { Findings } from '../../routing/findings.js'
import type { Pairing } from '../../routing/pairing.js'
import {
  amend,
  checkRemoval,
  isKnown,
  type Credentials as LoginData,
  register,
  remove,
} from '../../routing/registry.js'
import { describeZone } from '../../routing/zones/describe.js'
import { asking, changing } from '../asking.js'
import {
  createDeviceBodies,
  type DeviceBodiesOptions,
  DeviceBody,
  StatusName,
  statusOf,
} from '../device-body.js'
import { Anything, Credentials, columnsOf, description, jsonOf, Registration } from '../device-description.js'
import { DeviceParams, deviceOf } from '../device-registry.js'
import type { OrderingOptions } from '../ordering.js'
import { type Asked, type Resource, route } from '../route.js'
import { given, ListOf, listed, PageQuery } from '../shapes.js'
import { byUser, type Doer } from '../user-audit.js'

export interface DevicesOptions extends OrderingOptions, Pick<DeviceBodiesOptions, 'fleet' | 'library'> {
  findings: Findings
  pairing: Pick<Pairing, 'waits'>
  /** Tells a device its new credentials; true when it is connected and was told. */
  handOver: (credentials: LoginData) => boolean
}

export function devices(options: DevicesOptions): Resource {
  const { store, now, zoning, say, pairing, handOver } = options
  const bodies = createDeviceBodies(options)
  const waiting = () => store.devices.list().filter((device) => !isKnown(device))

  const registration = {
    method: 'POST',
    role: 'operator',
    summary: 'Register a device and let it in; answers once with what it logs in with',
    status: 201,
    body: Registration,
    answer: Type.Object({ ...DeviceBody.properties, ...Credentials }),
    errors: ['already_exists'],
    async handle(asked: Asked<unknown, unknown, Type.Static<typeof Registration>> & Doer) {
      const { device_id, hardware_type, zone_id, zone_name, ...described } = asked.body
      const columns = { ...columnsOf(described), ...(hardware_type && { hardware_type }) }
      const { device, credentials, effects } = await changing(store, () => {
        const by = asked.user.username
        const { device, credentials } = register(store, device_id, columns, by, now())
        store.auditLogs.insert(
          byUser(asked, { event_type: 'device_registered', details: { device_id } }),
          now(),
        )
        return {
          credentials,
          ...describeZone(store, zoning, device, columnsOf({ zone_id, zone_name }), by, now()),
        }
      })
      handOver(credentials)
      say(effects)
      return { ...bodies.one(device), ...credentials }
    },
  } as const

  return {
    prefix: '/esp',
    tag: 'Devices',
    routes: [
      route({
        method: 'GET',
        path: '/devices',
        role: 'viewer',
        summary: 'Devices with their sensors and latest values, by id',
        description:
          'Who waits or was rejected is listed only when `status` asks for it. Filters apply together.',
        query: Type.Object({
          zone_id: Type.Optional(Type.String()),
          status: Type.Optional(StatusName),
          hardware_type: Type.Optional(Type.String()),
          ...PageQuery,
        }),
        answer: ListOf(DeviceBody),
        handle({ query: { zone_id, status, hardware_type, ...page } }) {
          const zone = zone_id?.toLowerCase()
          const found = store.devices
            .list()
            .filter((device) => (status === undefined ? isKnown(device) : statusOf(device) === status))
            .filter((device) => zone === undefined || device.zone_id === zone)
            .filter((device) => hardware_type === undefined || device.hardware_type === hardware_type)
          return listed(found, page, 'devices', bodies.many)
        },
      }),

      route({
        method: 'GET',
        path: '/devices/pending',
        role: 'operator',
        summary: 'Devices that wait to be let in, and those that were rejected',
        answer: Type.Object({
          success: Type.Literal(true),
          devices: Type.Array(
            Type.Object({
              ...DeviceBody.properties,
              paired: Type.Boolean({
                description: 'it proved the claim code of a pairing window, and is told its credentials',
              }),
            }),
          ),
          count: Type.Integer(),
        }),
        handle() {
          const devices = bodies
            .many(waiting())
            .map((device) => ({ ...device, paired: pairing.waits(device.device_id) }))
          return { success: true as const, devices, count: devices.length }
        },
      }),

      route({
        method: 'GET',
        path: '/discovery',
        role: 'viewer',
        summary: 'Devices that have asked to be let in; they report by themselves, nothing is scanned',
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          discovered_count: Type.Integer(),
          new_count: Type.Integer(),
          devices: Type.Array(DeviceBody),
          scan_duration_ms: Type.Literal(0),
        }),
        handle() {
          const devices = bodies.many(waiting().filter(({ status }) => status === 'pending_approval'))
          const count = devices.length
          return {
            success: true as const,
            message: `${count} devices wait to be let in`,
            discovered_count: count,
            new_count: count,
            devices,
            scan_duration_ms: 0 as const,
          }
        },
      }),

      route({ ...registration, path: '/devices' }),
      route({ ...registration, path: '/register' }),

      route({
        method: 'GET',
        path: '/devices/{esp_id}',
        role: 'viewer',
        summary: 'One device with its sensors and latest values',
        params: Type.Object(DeviceParams),
        answer: DeviceBody,
        errors: ['not_found'],
        handle: ({ params: { esp_id } }) => bodies.one(deviceOf(store, esp_id)),
      }),

      route({
        method: 'PATCH',
        path: '/devices/{esp_id}',
        role: 'operator',
        summary: 'Change what people say about a device',
        description:
          'What is left out stays; an empty text is none. `metadata` replaces all keys but those kaiser keeps there itself.',
        params: Type.Object(DeviceParams),
        body: Type.Object({
          ...description,
          hardware_type: given(
            Type.String({ maxLength: 50, description: 'the board; its pins are known by it' }),
          ),
          metadata: given(Anything),
        }),
        answer: DeviceBody,
        errors: ['not_found'],
        async handle(asked) {
          const { esp_id } = asked.params
          const { metadata, zone_id, zone_name, hardware_type, ...described } = asked.body
          const columns = { ...columnsOf(described), ...(hardware_type && { hardware_type }) }
          if (metadata) jsonOf('metadata', metadata)
          const zone = columnsOf({ zone_id, zone_name })
          const { device, effects } = await changing(store, () => {
            const changed = Object.keys({ ...columns, ...zone, ...(metadata && { metadata }) })
            const details = { device_id: esp_id, changed }
            store.auditLogs.insert(byUser(asked, { event_type: 'device_changed', details }), now())
            const amended = amend(store, esp_id, columns, metadata ?? undefined, now())
            return describeZone(store, zoning, amended, zone, asked.user.username, now())
          })
          say(effects)
          return bodies.one(device)
        },
      }),

      route({
        method: 'DELETE',
        path: '/devices/{esp_id}',
        role: 'operator',
        summary: 'Forget a device and how its sensors are read; its readings stay',
        description:
          'Its actuators are told OFF first. Refused while an interlock of another device names one of them, or an actuator of another device must hear from a sensor of it: who needs it is said.',
        params: Type.Object(DeviceParams),
        status: 204,
        errors: ['not_found', 'actuator_needed', 'sensor_needed'],
        async handle(asked) {
          const device_id = asked.params.esp_id
          asking(() => checkRemoval(store, device_id))
          // It leaves now: as soon as the device is forgotten, its connection ends.
          say([switchOff(device_id, null, 'device_removed')])
          await changing(store, () => {
            remove(store, device_id)
            store.auditLogs.insert(
              byUser(asked, { event_type: 'device_removed', details: { device_id } }),
              now(),
            )
          })
          return undefined
        },
      }),
    ],
  }
}
