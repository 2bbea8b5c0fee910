/** Zones and subzones as pages know them. Wire format: rest-contract §7 and §8, and ours beyond it. */
import Type, { type Static } from 'typebox'
import { SUBZONE_ID, ZONE_ID } from '../routing/contract/zone-payloads.js'
import { pendingOf } from '../routing/zones/pending.js'
import type { CountOf } from '../routing/zones/wire.js'
import type { Device } from '../storage/devices.js'
import type { Subzone } from '../storage/subzones.js'
import { Gpio, given, nullable, Time } from './shapes.js'
import { iso } from './web.js'

const Text = nullable(Type.String())

export const ZoneId = Type.String({ pattern: ZONE_ID, description: 'kept in lower case' })
/** A zone that may be left out, or emptied. */
export const ZoneIdGiven = given(
  Type.String({ pattern: ZONE_ID.replace('{1,50}', '{0,50}'), description: 'kept in lower case' }),
)
export const SubzoneId = Type.String({ pattern: SUBZONE_ID })

export const WaitQuery = Type.Object({
  wait: Type.Optional(
    Type.Number({ minimum: 0, maximum: 15, description: 'seconds to wait for the answer of the device' }),
  ),
})

/** What every order to a device is answered with. */
export const Ordered = {
  success: Type.Boolean({ description: 'false: the device refused while we waited' }),
  message: Type.String(),
  device_id: Type.String(),
  mqtt_topic: Type.String(),
  mqtt_sent: Type.Boolean({ description: 'it went out; otherwise the device is told when it is back' }),
  acknowledged: Type.Boolean({ description: 'the device has done it; known only with ?wait=' }),
  correlation_id: Type.String({ description: 'comes back with what the device answers' }),
}

export const ZoneOfDevice = Type.Object({
  device_id: Type.String(),
  zone_id: Text,
  master_zone_id: Text,
  zone_name: Text,
  is_zone_master: Type.Boolean(),
  kaiser_id: Type.String(),
  pending: Type.Boolean({ description: 'the device has not answered yet' }),
})

export const zoneOfDevice = (device: Device, kaiser_id: string): Static<typeof ZoneOfDevice> => ({
  device_id: device.device_id,
  zone_id: device.zone_id,
  master_zone_id: device.master_zone_id,
  zone_name: device.zone_name,
  is_zone_master: device.is_zone_master === 1,
  kaiser_id: device.kaiser_id ?? kaiser_id,
  pending: pendingOf(device) !== undefined,
})

export const SubzoneBody = Type.Object({
  subzone_id: Type.String(),
  subzone_name: Text,
  parent_zone_id: Type.String(),
  assigned_gpios: Type.Array(Gpio),
  safe_mode_active: Type.Boolean({ description: 'as people want it; `reported` is what the device says' }),
  sensor_count: Type.Integer({ description: 'sensors heard on its gpios' }),
  actuator_count: Type.Integer(),
  status: Type.Enum(['pending', 'assigned', 'failed'], {
    description: 'pending: the device has not answered; failed: it refused',
  }),
  error: Text,
  reported: nullable(Type.Record(Type.String(), Type.Unknown())),
  last_ack_at: nullable(Time),
  created_at: Time,
  updated_at: Time,
})

/** A subzone that people see: one that is being removed is none. */
export const subzoneBody = (subzone: Subzone, countOf: CountOf): Static<typeof SubzoneBody> => ({
  subzone_id: subzone.subzone_id,
  subzone_name: subzone.subzone_name,
  parent_zone_id: subzone.parent_zone_id,
  assigned_gpios: [...subzone.assigned_gpios],
  safe_mode_active: subzone.safe_mode_active === 1,
  ...countOf(subzone),
  status: subzone.status as 'pending' | 'assigned' | 'failed',
  error: subzone.error,
  reported: subzone.reported,
  last_ack_at: iso(subzone.last_ack_at),
  created_at: iso(subzone.created_at)!,
  updated_at: iso(subzone.updated_at)!,
})
