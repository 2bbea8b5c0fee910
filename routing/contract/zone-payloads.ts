/**
 * What devices are told about zones and subzones, and what they say to it: one TypeBox schema per payload.
 * Liberal in, strict out, as everywhere. protocol.md §1.2 D11 to D14, §2.8, §1.1 U22
 */
import Type, { type Static } from 'typebox'
import { Counter, EspId, Gpio, given, Text, Timestamp } from './fields.js'

/** A zone: one level of a topic, in lower case. */
export const ZONE_ID = '^[A-Za-z0-9_-]{1,50}$'
export const SUBZONE_ID = '^[A-Za-z0-9_]{1,32}$'

const said = { esp_id: given(EspId), ts: given(Timestamp), timestamp: given(Timestamp), seq: given(Counter) }
const answer = {
  ...said,
  message: given(Text(512)),
  reason_code: given(Text(64)),
  error_code: given(Type.Union([Type.Integer({ minimum: 0, maximum: 999_999 }), Text(64)])),
  correlation_id: given(Text(100)),
}

/** `zone/ack`: what became of an assignment. An empty zone_id is none. */
export const ZoneAck = Type.Object(
  {
    ...answer,
    status: Type.Enum(['zone_assigned', 'zone_removed', 'error']),
    zone_id: given(Text(50)),
    master_zone_id: given(Text(50)),
  },
  { description: 'What became of a zone assignment' },
)
export type ZoneAck = Static<typeof ZoneAck>

/** `subzone/ack`: what became of a subzone. */
export const SubzoneAck = Type.Object(
  {
    ...answer,
    status: Type.Enum(['subzone_assigned', 'subzone_removed', 'error']),
    subzone_id: Type.String({ pattern: SUBZONE_ID }),
  },
  { description: 'What became of a subzone' },
)
export type SubzoneAck = Static<typeof SubzoneAck>

/** How many of something work, or whether any does. */
const Active = given(Type.Union([Type.Boolean(), Counter]))
const condition = {
  active: given(Type.Boolean()),
  sensors_active: Active,
  actuators_active: Active,
  safe_mode: given(Type.Boolean()),
}
export const SUBZONE_CONDITION = Object.keys(condition) as (keyof typeof condition)[]
/** `subzone/status`: how a subzone is. */
export const SubzoneStatus = Type.Object(
  { ...said, subzone_id: Type.String({ pattern: SUBZONE_ID }), ...condition },
  { description: 'How a subzone is' },
)
export type SubzoneStatus = Static<typeof SubzoneStatus>

const told = {
  correlation_id: Type.String(),
  timestamp: Type.Integer({ description: 'seconds since 1970' }),
}
const SubzoneId = Type.String({ pattern: SUBZONE_ID })

/** `zone/assign`: the zone of a device; empty: it has none any more. */
export const ZoneAssign = Type.Object({
  zone_id: Type.String({ pattern: '^[a-z0-9_-]{0,50}$' }),
  master_zone_id: Type.String(),
  zone_name: Type.String(),
  kaiser_id: Type.String(),
  ...told,
})
export type ZoneAssign = Static<typeof ZoneAssign>

/** `subzone/assign`: which gpios belong together. */
export const SubzoneAssign = Type.Object({
  subzone_id: SubzoneId,
  subzone_name: Type.String(),
  parent_zone_id: Type.String(),
  assigned_gpios: Type.Array(Gpio),
  safe_mode_active: Type.Boolean(),
  sensor_count: Counter,
  actuator_count: Counter,
  ...told,
})
export type SubzoneAssign = Static<typeof SubzoneAssign>

/** `subzone/remove`: its gpios belong to the device as a whole again. */
export const SubzoneRemove = Type.Object({ subzone_id: SubzoneId, reason: Type.String(), ...told })
export type SubzoneRemove = Static<typeof SubzoneRemove>

/** `subzone/safe`: its actuators rest, or may work again. */
export const SubzoneSafe = Type.Object({
  subzone_id: SubzoneId,
  action: Type.Enum(['enable', 'disable']),
  reason: Type.String(),
  ...told,
})
export type SubzoneSafe = Static<typeof SubzoneSafe>
