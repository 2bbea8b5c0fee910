/**
 * Does what the limits find has to be done: writes their rows, switches off what may not be on, and tells people.
 */
import type { Store } from '../../storage/store.js'
import type { DeviceAudit } from '../audit.js'
import { alarm, type Effect } from '../effect.js'
import { RequestRefused } from '../request-refused.js'
import type { Commands } from './commands.js'
import { type Guard, keep } from './guard.js'
import { type Place, spelled } from './place.js'
import type { Action, Tell } from './watch.js'

export interface Enforcement {
  /** What has to be said now, about all actuators or about these and those that depend on them. Inside the group. */
  look(now: number, places?: readonly Place[]): Effect[]
  /** The same about a share of all: the nth of so many, from 0. Inside the group. */
  lookAtShare(now: number, nth: number, of: number): Effect[]
}

export interface EnforcementOptions {
  store: Store
  guard: Pick<Guard, 'look' | 'lookAtShare'>
  commands: Commands
  audit: DeviceAudit
}

const SENTENCES = {
  no_flow: 'no flow',
  level_unchanged: 'the level does not change',
  not_obeying: 'it does not do what it is told',
} as const

export function createEnforcement({ store, guard, commands, audit }: EnforcementOptions): Enforcement {
  const perform = (tell: Tell, at: number): readonly Effect[] => {
    const { esp_id, gpio, limit, command, value } = tell
    const issued_by = `gate:${limit}`
    if (tell.kind === 'off') return commands.off({ esp_id, gpio, issued_by }, at, true)
    try {
      return commands.issue({ esp_id, gpio, command, issued_by, ...(command === 'PWM' && { value }) }, at)
        .effects
    } catch (error) {
      // Its device was removed a moment ago.
      if (error instanceof RequestRefused) return []
      throw error
    }
  }

  const note = ({ esp_id, gpio, limit, command, detail, alarm }: Tell, at: number): Effect[] => {
    audit.record(
      {
        event_type: alarm ? 'actuator_alert' : 'actuator_limited',
        severity: alarm ? 'critical' : 'warning',
        source_type: 'system',
        source_id: esp_id,
        status: 'success',
        message: `${spelled({ esp_id, gpio })} is told ${command}: ${detail}`,
        details: { gpio, limit_name: limit, command, alarm: alarm ?? null },
        error_code: `${limit} ${gpio}`,
      },
      at,
    )
    return alarm ? [limitAlarm(store, { esp_id, gpio }, alarm, `${SENTENCES[alarm]}: ${detail}`, at)] : []
  }

  const enforce = (actions: readonly Action[], at: number): Effect[] => {
    if (actions.length === 0) return []
    keep(store, actions)
    return actions.flatMap((action) =>
      action.kind === 'off' || action.kind === 'set' ? [...note(action, at), ...perform(action, at)] : [],
    )
  }

  return {
    look: (at, places) => enforce(guard.look(places), at),
    lookAtShare: (at, nth, of) => enforce(guard.lookAtShare(nth, of), at),
  }
}

/** What a limit found, told at once. */
const limitAlarm = (
  store: Store,
  { esp_id, gpio }: Place,
  alert_type: string,
  message: string,
  now: number,
): Effect =>
  alarm('actuator_alert', {
    esp_id,
    gpio,
    alert_type,
    severity: 'critical',
    message,
    zone_id: store.devices.find(esp_id)?.zone_id ?? null,
    timestamp: now / 1000,
  })
