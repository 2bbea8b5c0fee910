/**
 * What the safe mode of a subzone means for its actuators: while people want it, none of them may be switched on, and
 * what runs is told OFF. They stay off when it ends: nothing comes back by itself.
 */
import { isOn } from '../../storage/actuator-states.js'
import type { Store } from '../../storage/store.js'
import type { Subzone } from '../../storage/subzones.js'
import { desiredOf } from '../actuators/desired.js'
import type { Place } from '../actuators/place.js'
import { type Effect, switchOff } from '../effect.js'

/** The subzone in safe mode that an actuator belongs to; undefined when there is none. */
export function safeModeOf(
  { subzones }: Pick<Store, 'subzones'>,
  { esp_id, gpio }: Place,
): string | undefined {
  const subzone_id = subzones.of(esp_id, gpio)
  if (subzone_id === undefined) return undefined
  return subzones.find(esp_id, subzone_id)?.safe_mode_active === 1 ? subzone_id : undefined
}

/** Tells OFF what runs there, or is to run; nothing where there is no safe mode. */
export const rest = (
  { actuatorStates }: Pick<Store, 'actuatorStates'>,
  { esp_id, assigned_gpios, safe_mode_active }: Subzone,
  now: number,
): Effect[] =>
  safe_mode_active === 0
    ? []
    : assigned_gpios
        .filter((gpio) => {
          const state = actuatorStates.find(esp_id, gpio)
          return state !== undefined && (isOn(state) || (desiredOf(state, now)?.value ?? 0) > 0)
        })
        .map((gpio) => switchOff(esp_id, gpio, 'safe_mode'))
