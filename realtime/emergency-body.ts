/** Emergency stops as REST knows them: whom one is for, who was stopped, who has confirmed, who let it go. */
import Type, { type Static } from 'typebox'
import { ARMED } from '../routing/emergency/release.js'
import type { Stopped } from '../routing/emergency/stops.js'
import type { EmergencyDevice } from '../storage/emergency-devices.js'
import type { EmergencyStop } from '../storage/emergency-stops.js'
import type { Store } from '../storage/store.js'
import { ActuatorGpio } from './actuator-request.js'
import { EspId, given, nullable, Time } from './shapes.js'
import { iso } from './web.js'
import { ZoneId } from './zone-body.js'

/** Whom it is for, and why. */
export const EmergencyRequest = {
  reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'why; people will ask' }),
  esp_id: given(EspId),
  zone_id: given(ZoneId),
  gpio: given(ActuatorGpio),
}
const Wanted = Type.Object(EmergencyRequest)

/** As the routing takes it. */
export const selectorOf = ({ esp_id, zone_id, gpio }: Static<typeof Wanted>) => ({ esp_id, zone_id, gpio })

const Scope = {
  stop_id: Type.Integer(),
  scope: Type.Enum(['all', 'zone', 'device', 'actuator']),
  esp_id: nullable(Type.String()),
  zone_id: nullable(Type.String()),
  gpio: nullable(Type.Integer()),
  reason: Type.String(),
  issued_by: Type.String({ description: 'emergency:NAME' }),
  stopped_at: Time,
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
        description: 'waiting: it was not reached yet; not_confirmed: it may still run',
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

export const StoppedDetails = Type.Array(
  Type.Object({
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
  }),
)

const AWAY = 'its device is not connected; it is told when it comes back'

export const stoppedDetails = (devices: Stopped['devices']): Static<typeof StoppedDetails> =>
  devices.map(({ esp_id, reached, gpios }) => ({
    esp_id,
    reached,
    actuators: gpios.map((gpio) => ({
      esp_id,
      gpio,
      success: reached,
      ...(!reached && { message: AWAY }),
    })),
  }))
