/**
 * What is heard about zones and subzones. Names and fields are the original's (protocol.md §5.6); `pending` is
 * ours: people have said it and the device has not answered. Times are Unix seconds.
 */
import Type, { type Static, type TSchema } from 'typebox'

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const born = {
  esp_id: Type.String(),
  timestamp: Type.Number({ description: 'server time, Unix seconds' }),
  topic: Type.String(),
}
const answered = {
  correlation_id: nullable(Type.String()),
  message: Type.Optional(Type.String()),
  reason_code: Type.Optional(Type.String()),
  error_code: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
}

/** A device was put into a zone or taken out of one, or has answered to that. */
export const ZoneAssignmentEvent = Type.Object({
  ...born,
  status: Type.Enum(['pending', 'zone_assigned', 'zone_removed', 'error'], {
    description: 'pending: the device has not answered; error: it refused, and the zone is what people said',
  }),
  zone_id: nullable(Type.String({ description: 'where the device is, as people say' })),
  master_zone_id: nullable(Type.String()),
  zone_name: nullable(Type.String()),
  kaiser_id: Type.String(),
  ...answered,
})
export type ZoneAssignmentEvent = Static<typeof ZoneAssignmentEvent>

/** The same of a subzone. */
export const SubzoneAssignmentEvent = Type.Object({
  ...born,
  subzone_id: Type.String(),
  status: Type.Enum(['pending', 'subzone_assigned', 'subzone_removed', 'error']),
  ...answered,
})
export type SubzoneAssignmentEvent = Static<typeof SubzoneAssignmentEvent>

/** A device said how a subzone is. */
export const SubzoneStatusEvent = Type.Object({
  ...born,
  subzone_id: Type.String(),
  known: Type.Boolean({ description: 'it is one that people made' }),
  status: Type.Record(Type.String(), Type.Unknown()),
})
export type SubzoneStatusEvent = Static<typeof SubzoneStatusEvent>
