/**
 * What travels on the realtime WebSocket, both ways: events as they happen, and what a page may ask for. A cursor
 * names one event; it is opaque, belongs to one start of kaiser, and orders nothing by itself.
 */
import Type, { type Static } from 'typebox'
import { ActuatorStatusEvent, EmergencyDeviceEvent, EmergencyStopEvent } from './actuator-events.js'
import { EspHealthEvent, SensorDataEvent } from './events.js'

const Time = Type.Number({ description: 'server time, Unix seconds' })
const Cursor = Type.String({
  maxLength: 64,
  pattern: '^[0-9a-z]+\\.[0-9]+$',
  description: 'names an event; opaque',
})
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])
const Words = Type.Optional(orNull(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 1000 })))

/** Which events a client wants: an AND over the lists; an empty or missing list asks for all. */
export const Filters = Type.Object({ types: Words, esp_ids: Words, sensor_types: Words })
export type Filters = Static<typeof Filters>

/** What a client may send, by its action. */
export const clientFrames = {
  /** Replaces the filter. With `batch`, what leaves together is one frame. More frames a second only for operators. */
  subscribe: Type.Object({
    action: Type.Literal('subscribe'),
    filters: Type.Optional(orNull(Filters)),
    batch: Type.Optional(Type.Boolean()),
    rate: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1000, description: 'frames a second, 0 = no limit' }),
    ),
  }),
  /** Takes the listed words out of the filter; null clears it. */
  unsubscribe: Type.Object({
    action: Type.Literal('unsubscribe'),
    filters: Type.Optional(orNull(Filters)),
  }),
  /** Asks for the latest values and states, within the filter. */
  snapshot: Type.Object({ action: Type.Literal('snapshot') }),
  /** Asks for what happened after an event, within the filter. */
  replay: Type.Object({ action: Type.Literal('replay'), since: Cursor }),
  /** Goes on with another token of the same person: a ticket or an access token. */
  renew: Type.Object({ action: Type.Literal('renew'), token: Type.String({ maxLength: 4096 }) }),
} as const
export type ClientAction = keyof typeof clientFrames
export type ClientFrame = { [K in ClientAction]: Static<(typeof clientFrames)[K]> }[ClientAction]

/** An event. Whoever comes back replays since `since` of the last frame heard, or where there is none, its `cursor`. */
export const EventFrame = Type.Object({
  type: Type.String({ description: 'one of the events' }),
  timestamp: Time,
  data: Type.Record(Type.String(), Type.Unknown()),
  cursor: Type.Optional(Cursor),
  since: Type.Optional(
    Type.String({ description: 'earlier events still wait for this client: it has all of them up to here' }),
  ),
  skipped: Type.Optional(Type.Integer({ description: 'events left out before this one' })),
})
export type EventFrame = Static<typeof EventFrame>

/** Events that left together, in their order. */
export const BatchFrame = Type.Object({ type: Type.Literal('batch'), events: Type.Array(EventFrame) })
export type BatchFrame = Static<typeof BatchFrame>

/** The latest values and states; each part holds whole devices, and counts from the moment it was sent. */
export const SnapshotFrame = Type.Object({
  type: Type.Literal('snapshot'),
  timestamp: Time,
  data: Type.Object({
    cursor: Type.String({ description: 'replay since here brings what happened after the first part' }),
    part: Type.Integer({ minimum: 1 }),
    parts: Type.Integer({ minimum: 1 }),
    readings: Type.Array(SensorDataEvent),
    devices: Type.Array(EspHealthEvent),
    actuators: Type.Array(ActuatorStatusEvent),
    stops: Type.Array(EmergencyStopEvent, { description: 'those that hold; in the first part' }),
    stop_devices: Type.Array(EmergencyDeviceEvent, { description: 'how each stop stands with each device' }),
  }),
})
export type SnapshotFrame = Static<typeof SnapshotFrame>

/** What follows in batches: every event after `since` that is still remembered, up to `cursor`. */
export const ReplayFrame = Type.Object({
  type: Type.Literal('replay'),
  timestamp: Time,
  data: Type.Object({
    since: Type.String(),
    cursor: Type.String(),
    complete: Type.Boolean({ description: 'nothing that was asked for is missing' }),
    missed: orNull(Type.Integer({ description: 'events that are forgotten; null: nobody knows how many' })),
    events: Type.Integer({ description: 'how many follow' }),
  }),
})
export type ReplayFrame = Static<typeof ReplayFrame>

/** The new token counts. The socket is closed with 4001 at `expires_at`, unless it is renewed again. */
export const RenewedFrame = Type.Object({
  type: Type.Literal('renewed'),
  timestamp: Time,
  data: Type.Object({ expires_at: Type.Number({ description: 'Unix seconds' }) }),
})
export type RenewedFrame = Static<typeof RenewedFrame>

/** What the client said was not understood, or not done. The socket stays open. */
export const ErrorFrame = Type.Object({
  type: Type.Literal('error'),
  timestamp: Time,
  data: Type.Object({ code: Type.String(), detail: Type.String() }),
})
export type ErrorFrame = Static<typeof ErrorFrame>

export type ServerFrame = EventFrame | BatchFrame | SnapshotFrame | ReplayFrame | RenewedFrame | ErrorFrame
