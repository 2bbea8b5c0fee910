/**
 * The end of an emergency stop, in two steps: armed with a reason, and confirmed with the token within a minute, by
 * whoever looked in between. Nothing is switched on by it. Pure steps on the store, inside the group.
 */
import { randomBytes } from 'node:crypto'
import type { EmergencyStop } from '../../storage/emergency-stops.js'
import type { Store } from '../../storage/store.js'
import { type Effect, sendStop } from '../effect.js'
import { RequestRefused } from '../request-refused.js'
import { type ByWhom, write } from './audit.js'
import { stopTold } from './events.js'
import { isSameScope, type Selector, scopeOf, spelledScope } from './scope.js'

export interface Armed {
  readonly stop: EmergencyStop
  readonly token: string
  /** ms since 1970 */
  readonly expires_at: number
  readonly effects: readonly Effect[]
}

export interface Released {
  readonly stop: EmergencyStop
  readonly effects: readonly Effect[]
}

export interface Release {
  /** Throws RequestRefused when no such stop is latched. */
  arm(wanted: Selector & ByWhom, now: number): Armed
  /** Throws RequestRefused when it was not armed with this token, or too long ago. */
  confirm(wanted: Selector & ByWhom & { token: string }, now: number): Released
  /** The token of a stop that this person armed less than a minute ago, for those who cannot carry one. */
  armedBy(wanted: Selector, by: string, now: number): string | undefined
}

/** How long a stop stays armed for its release, ms. */
export const ARMED = 60_000

export function createRelease(store: Store): Release {
  const { emergencyStops, emergencyDevices } = store
  const latched = (wanted: Selector): EmergencyStop => {
    const scope = scopeOf(wanted)
    const stop = emergencyStops.list().find((each) => isSameScope(each, scope))
    if (stop) return stop
    const others = emergencyStops.list().map(spelledScope)
    throw new RequestRefused(
      'not_found',
      `No emergency stop of ${spelledScope(scope)} is latched${others.length > 0 ? `; latched are ${others.join(', ')}` : ''}`,
    )
  }
  const isArmed = ({ armed_at }: EmergencyStop, now: number): boolean =>
    armed_at !== null && now >= armed_at && now - armed_at <= ARMED

  return {
    arm(wanted, now) {
      const { reason, by } = wanted
      // Hex: what begins with a dash is no value of a flag.
      const token = randomBytes(12).toString('hex')
      const stop = emergencyStops.update(latched(wanted), { armed_at: now, arm_token: token, armed_by: by })
      const devices = emergencyDevices.list(stop.id).length
      const effects = [stopTold(stop, 'armed', { reason, by, devices }, now)]
      write(
        store,
        stop,
        'emergency_armed',
        wanted,
        `is about to release ${spelledScope(stop)}`,
        { devices },
        now,
      )
      return { stop, token, expires_at: now + ARMED, effects }
    },
    confirm(wanted, now) {
      const { reason, by, token } = wanted
      const armed = latched(wanted)
      if (!isArmed(armed, now) || armed.arm_token !== token)
        throw new RequestRefused(
          'request_refused',
          `The release of ${spelledScope(armed)} is not armed with this token; ask without a token first, then confirm within ${ARMED / 1000} s`,
        )
      const stop = emergencyStops.update(armed, {
        released_at: now,
        released_by: by,
        release_reason: reason,
        arm_token: null,
      })
      const devices = emergencyDevices.list(stop.id)
      for (const { esp_id } of devices)
        if (stop.scope === 'actuator') emergencyDevices.upsert(stop.id, esp_id, { cleared_at: now })
      const figures = { devices: devices.length, armed_by: armed.armed_by }
      write(store, stop, 'emergency_released', wanted, `released ${spelledScope(stop)}`, figures, now)
      return {
        stop,
        effects: [
          stopTold(stop, 'released', { reason, by, devices: devices.length }, now),
          ...(stop.scope === 'actuator' ? [] : devices.map(({ esp_id }) => sendStop(stop.id, esp_id, false))),
        ],
      }
    },
    armedBy(wanted, by, now) {
      const stop = latched(wanted)
      return isArmed(stop, now) && stop.armed_by === by ? (stop.arm_token ?? undefined) : undefined
    },
  }
}
