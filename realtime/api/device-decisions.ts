/** `/esp/devices/{esp_id}/approve|reject|set-pending`: who is let in and who is not. protocol.md §3.5, §6 */
import Type from 'typebox'
import { switchOff } from '../../routing/effect.js'
import type { Findings } from '../../routing/findings.js'
import { approve, COOLDOWN, type Credentials, reject, renew, setPending } from '../../routing/registry.js'
import { describeZone } from '../../routing/zones/describe.js'
import type { Device } from '../../storage/devices.js'
import { changing } from '../asking.js'
import {
  createDeviceBodies,
  type DeviceBodiesOptions,
  DeviceBody,
  StatusName,
  statusOf,
} from '../device-body.js'
import { DeviceParams } from '../device-registry.js'
import type { OrderingOptions } from '../ordering.js'
import { type Resource, route } from '../route.js'
import { given, nullable, Time } from '../shapes.js'
import { byUser } from '../user-audit.js'
import { iso } from '../web.js'
import { ZoneIdGiven } from '../zone-body.js'

const params = Type.Object(DeviceParams)
const Decided = {
  success: Type.Literal(true),
  message: Type.String(),
  device_id: Type.String(),
  status: StatusName,
  device: DeviceBody,
}

export interface DeviceDecisionsOptions
  extends OrderingOptions,
    Pick<DeviceBodiesOptions, 'fleet' | 'library'> {
  findings: Findings
  /** Says that a device was let in or shut out; its status tells which. */
  decided: (device: Device, by: string) => void
  /** Tells a device its new credentials; true when it is connected and was told. */
  handOver: (credentials: Credentials) => boolean
}

export function deviceDecisions(options: DeviceDecisionsOptions): Resource {
  const { store, now, zoning, say, decided, handOver } = options
  const bodies = createDeviceBodies(options)
  const answer = (device: Device, what: string) => ({
    success: true as const,
    message: `${device.device_id} ${what}`,
    device_id: device.device_id,
    status: statusOf(device),
    device: bodies.one(device),
  })

  return {
    prefix: '/esp/devices/{esp_id}',
    tag: 'Devices',
    routes: [
      route({
        method: 'POST',
        path: '/approve',
        role: 'operator',
        summary: 'Let a device in; answers once with what it logs in with',
        params,
        body: Type.Object({
          name: given(Type.String({ maxLength: 100 })),
          zone_id: ZoneIdGiven,
          zone_name: given(Type.String({ maxLength: 100 })),
        }),
        answer: Type.Object({
          ...Decided,
          approved_by: Type.String(),
          approved_at: Time,
          mqtt_username: Type.String(),
          mqtt_password: Type.String({ description: 'said this once and never again' }),
          told: Type.Boolean({ description: 'the device waits inside and was told' }),
        }),
        errors: ['not_found', 'already_exists'],
        async handle(asked) {
          const { esp_id } = asked.params
          const by = asked.user.username
          const { name, zone_id, zone_name } = asked.body
          const zone = { ...(zone_id && { zone_id }), ...(zone_name && { zone_name }) }
          const { device, credentials, effects } = await changing(store, () => {
            const approved = approve(store, esp_id, by, now(), name ? { name } : {})
            const details = { device_id: esp_id }
            store.auditLogs.insert(byUser(asked, { event_type: 'device_approved', details }), now())
            return { ...approved, ...describeZone(store, zoning, approved.device, zone, by, now()) }
          })
          decided(device, by)
          const told = handOver(credentials)
          say(effects)
          return {
            ...answer(device, 'is approved'),
            approved_by: by,
            approved_at: iso(device.approved_at)!,
            ...credentials,
            told,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/reject',
        role: 'operator',
        summary: 'Shut a device out, its actuators told OFF first; it may ask again after five minutes',
        params,
        body: Type.Object({ reason: given(Type.String({ maxLength: 500 })) }),
        answer: Type.Object({
          ...Decided,
          rejection_reason: nullable(Type.String()),
          rejected_at: Time,
          cooldown_until: Time,
        }),
        errors: ['not_found'],
        async handle(asked) {
          const { esp_id } = asked.params
          const reason = asked.body.reason || null
          const at = now()
          // It leaves now: whoever is shut out is disconnected.
          say([switchOff(esp_id, null, 'device_rejected')])
          const device = await changing(store, () => {
            const rejected = reject(store, esp_id, reason, at)
            const details = { device_id: esp_id, reason }
            store.auditLogs.insert(byUser(asked, { event_type: 'device_rejected', details }), at)
            return rejected
          })
          decided(device, asked.user.username)
          return {
            ...answer(device, 'is rejected'),
            rejection_reason: reason,
            rejected_at: iso(at)!,
            cooldown_until: iso(at + COOLDOWN)!,
          }
        },
      }),

      route({
        method: 'POST',
        path: '/credentials',
        role: 'operator',
        summary: 'Give a device a new password; answers once with it',
        description:
          'A device that is connected is told on `mqtt/auth_update` and has ten seconds to come back with it. The old password ends at once.',
        params,
        answer: Type.Object({
          success: Type.Literal(true),
          message: Type.String(),
          device_id: Type.String(),
          mqtt_username: Type.String(),
          mqtt_password: Type.String({ description: 'said this once and never again' }),
          told: Type.Boolean({ description: 'the device is connected and was told' }),
        }),
        errors: ['not_found'],
        async handle(asked) {
          const { esp_id } = asked.params
          const { credentials } = await changing(store, () => {
            const details = { device_id: esp_id }
            store.auditLogs.insert(byUser(asked, { event_type: 'credentials_issued', details }), now())
            return renew(store, esp_id, now())
          })
          const told = handOver(credentials)
          const message = `${esp_id} has a new password`
          return { success: true as const, message, device_id: esp_id, ...credentials, told }
        },
      }),

      route({
        method: 'POST',
        path: '/set-pending',
        role: 'operator',
        summary: 'Put a device back to those who wait; until it is approved it counts as unknown',
        params,
        answer: Type.Object(Decided),
        errors: ['not_found'],
        async handle(asked) {
          const { esp_id } = asked.params
          const device = await changing(store, () => {
            const details = { device_id: esp_id, status: 'pending_approval' }
            store.auditLogs.insert(byUser(asked, { event_type: 'device_changed', details }), now())
            return setPending(store, esp_id, now())
          })
          return answer(device, 'waits to be let in')
        },
      }),
    ],
  }
}
