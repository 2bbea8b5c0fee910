/** Emergency stops as REST knows them: whom one is for, who was stopped, who has confirmed, who let it go. */
import Type, { type Static } from 'typebox'
import { gpiosOf } from '../routing/actuators/reports.js'
import { ARMED, type Armed, type Released } from '../routing/emergency/release.js'
import { spelledScope } from '../routing/emergency/scope.js'
import type { Stopped } from '../routing/emergency/stops.js'
import type { EmergencyDevice } from '../storage/emergency-devices.js'
import type { EmergencyStop } from '../storage/emergency-stops.js'
import type { Store } from '../storage/store.js'
import { ActuatorGpio } from './actuator-request.js'
import { EspId, given, nullable, Time } from './shapes.js'
import { iso } from './web.js'
import { ZoneId } from './zone-body.js'

/** Whom it is for, and why. */
const EmergencyRequest = {
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'why; people will ask' }),
  esp_id: given(EspId),
  zone_id: given(ZoneId),
  gpio: given(ActuatorGpio),
}
/** A field of another name is refused: a misspelt scope must not become a wider one. */
const strict = { additionalProperties: false }
export const StopRequest = Type.Object(EmergencyRequest, strict)
export const ReleaseRequest = Type.Object(
  {
    ...EmergencyRequest,
    token: given(Type.String({ minLength: 1, maxLength: 100, description: 'of the first step' })),
  },
  strict,
)

/** As the routing takes it. */
export const selectorOf = ({ esp_id, zone_id, gpio }: Static<typeof StopRequest>) => ({
  esp_id,
  zone_id,
  gpio,
})

const Scope = {
  stop_id: Type.Integer(),
  scope: Type.Enum(['all', 'zone', 'device', 'actuator']),
  esp_id: nullable(Type.String()),
  zone_id: nullable(Type.String()),
  gpio: nullable(Type.Integer()),
  reason: Type.String({ description: 'of the first who stopped it' }),
  issued_by: Type.String({ description: 'emergency:NAME, the first' }),
  stopped_at: Time,
  repeated: nullable(
    Type.Object(
      { reason: Type.String(), issued_by: Type.String(), stopped_at: Time },
      { description: 'who stopped it last while it was stopped already; the audit has everybody' },
    ),
  ),
}

const scopeBody = (stop: EmergencyStop) => ({
  stop_id: stop.id,
  scope: stop.scope,
  esp_id: stop.esp_id,
  zone_id: stop.zone_id,
  gpio: stop.gpio,
  reason: stop.reason,
  issued_by: stop.issued_by,
  stopped_at: iso(stop.stopped_at)!,
  repeated:
    stop.repeated_at === null
      ? null
      : {
          reason: stop.repeated_reason ?? '',
          issued_by: stop.repeated_by ?? '',
          stopped_at: iso(stop.repeated_at)!,
        },
})

export const LatchedStop = Type.Object({
  ...Scope,
  armed: nullable(
    Type.Object(
      { armed_by: nullable(Type.String()), armed_at: Time, expires_at: Time },
      { description: 'its release was asked for, and waits to be confirmed' },
    ),
  ),
  confirmed: Type.Integer({ description: 'devices that confirmed' }),
  devices: Type.Array(
    Type.Object({
      esp_id: Type.String(),
      name: nullable(Type.String()),
      state: Type.Enum(['waiting', 'sent', 'confirmed', 'not_confirmed'], {
        description:
          'waiting: it was not reached yet; not_confirmed: it may still run. Without actuators it stays waiting or sent.',
      }),
      actuators: Type.Integer({
        description:
          'how many of its actuators are stopped; 0: it has none that kaiser knows of, so nothing runs',
      }),
      sent_at: nullable(Time),
      attempts: Type.Integer(),
      confirmed_at: nullable(Time),
      confirmed_by: nullable(Type.String({ description: 'ack, states or response' })),
    }),
  ),
})

export const PastStop = Type.Object({
  ...Scope,
  released_at: nullable(Time),
  released_by: nullable(Type.String()),
  release_reason: nullable(Type.String()),
})

const ORDER: readonly EmergencyDevice['state'][] = ['not_confirmed', 'waiting', 'sent', 'confirmed']

/** Who worries most comes first. */
const byWorry = (a: EmergencyDevice, b: EmergencyDevice): number =>
  ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.esp_id < b.esp_id ? -1 : 1)

export function latchedBody(store: Store, stop: EmergencyStop, now: number): Static<typeof LatchedStop> {
  const devices = store.emergencyDevices.list(stop.id).sort(byWorry)
  const { armed_at, armed_by } = stop
  const isArmed = armed_at !== null && now >= armed_at && now - armed_at <= ARMED
  return {
    ...scopeBody(stop),
    armed: isArmed ? { armed_by, armed_at: iso(armed_at)!, expires_at: iso(armed_at + ARMED)! } : null,
    confirmed: devices.filter(({ state }) => state === 'confirmed').length,
    devices: devices.map(({ esp_id, state, sent_at, attempts, confirmed_at, confirmed_by }) => ({
      esp_id,
      name: store.devices.find(esp_id)?.name ?? null,
      state,
      actuators: stop.gpio === null ? gpiosOf(store, esp_id).length : 1,
      sent_at: iso(sent_at),
      attempts,
      confirmed_at: iso(confirmed_at),
      confirmed_by,
    })),
  }
}

export const pastBody = (stop: EmergencyStop): Static<typeof PastStop> => ({
  ...scopeBody(stop),
  released_at: iso(stop.released_at),
  released_by: stop.released_by,
  release_reason: stop.release_reason,
})

const StoppedDevice = Type.Object({
  esp_id: Type.String(),
  reached: Type.Boolean({ description: 'it is connected and was told' }),
  actuators: Type.Array(
    Type.Object({
      esp_id: Type.String(),
      gpio: ActuatorGpio,
      success: Type.Boolean({ description: 'OFF is on its way' }),
      message: Type.Optional(Type.String()),
    }),
  ),
})

/** What a stop is answered with. */
export const StoppedBody = {
  message: Type.String(),
  stop_id: Type.Integer(),
  scope: Scope.scope,
  devices_stopped: Type.Integer({ description: 'devices concerned, also those that are away' }),
  devices_reached: Type.Integer(),
  actuators_stopped: Type.Integer(),
  reason: Type.String(),
  timestamp: Time,
  details: Type.Array(StoppedDevice),
}

const AWAY = 'its device is not connected; it is told when it comes back'

/** Behind what is said of a stop that was latched before. */
const holds = ({ issued_by, reason, stopped_at }: EmergencyStop): string =>
  `; it holds since ${iso(stopped_at)}, by ${issued_by}: ${reason}`

export function stoppedBody({ stop, again, devices }: Stopped, reason: string, now: number) {
  const reached = devices.filter((device) => device.reached).length
  const rest = reached < devices.length ? '; who is away is told when it comes back' : ''
  return {
    message: `Emergency stop of ${spelledScope(stop)}: ${reached} of ${devices.length} devices were told${rest}${again ? holds(stop) : ''}`,
    stop_id: stop.id,
    scope: stop.scope,
    devices_stopped: devices.length,
    devices_reached: reached,
    actuators_stopped: devices.reduce((sum, { gpios }) => sum + gpios.length, 0),
    reason,
    timestamp: iso(now)!,
    details: devices.map(({ esp_id, reached, gpios }) => ({
      esp_id,
      reached,
      actuators: gpios.map((gpio) => ({
        esp_id,
        gpio,
        success: reached,
        ...(!reached && { message: AWAY }),
      })),
    })),
  }
}

/** What the first step of a release is answered with. */
export const ArmedBody = {
  message: Type.String(),
  token: Type.String({ description: 'confirms the release, once' }),
  expires_at: Time,
  stop: LatchedStop,
}

export const armedBody = (store: Store, { stop, token, expires_at }: Armed, now: number) => ({
  message: `Nothing is released yet: say the same with this token to release the emergency stop of ${spelledScope(stop)}`,
  token,
  expires_at: iso(expires_at)!,
  stop: latchedBody(store, stop, now),
})

/** And the second. */
export const ReleasedBody = {
  message: Type.String(),
  stop: PastStop,
  still_stopped: Type.Array(Type.String(), { description: 'other stops that hold' }),
}

export const releasedBody = (store: Store, { stop }: Released) => ({
  message: `The emergency stop of ${spelledScope(stop)} is released; nothing was switched on`,
  stop: pastBody(stop),
  still_stopped: store.emergencyStops.list().map(spelledScope),
})

/** What holds, and what was over last. */
export const EmergencyBody = {
  message: Type.String(),
  active: Type.Boolean({ description: 'at least one holds' }),
  stops: Type.Array(LatchedStop, { description: 'oldest first' }),
  history: Type.Array(PastStop, { description: 'released ones, newest first' }),
}

const HISTORY = 20

export function emergencyBody(store: Store, now: number) {
  const latched = store.emergencyStops.list()
  return {
    message:
      latched.length === 0 ? 'No emergency stop holds' : `Stopped: ${latched.map(spelledScope).join(', ')}`,
    active: latched.length > 0,
    stops: latched.map((stop) => latchedBody(store, stop, now)),
    history: store.emergencyStops
      .history(HISTORY + latched.length)
      .filter(({ released_at }) => released_at !== null)
      .sort((a, b) => b.released_at! - a.released_at!)
      .slice(0, HISTORY)
      .map(pastBody),
  }
}
