/**
 * A device that comes back may be something else than is wanted of it: it rebooted, or missed an OFF. Its first
 * report after that is compared with what is wanted, and it is told again as soon as it listens. What its own button
 * did meanwhile is left alone: then nothing is wanted any more. Inside the group only.
 */
import type { Store } from '../../storage/store.js'
import type { Effect } from '../handler.js'
import { ActuatorRefused } from './actuator-refusal.js'
import type { CommandBook } from './book.js'
import { isSame } from './book.js'
import type { Commands } from './commands.js'
import { type Desired, desiredOf } from './desired.js'
import { keyOf, type Place } from './place.js'
import { isOn } from './surroundings.js'

export interface Reassert {
  /** Its first report since nobody knew what it is. */
  heardAgain(place: Place, now: number): void
  /** Tells those that listen what is still wanted of them. */
  look(now: number): Effect[]
}

/** A device that does not listen by then has its own reasons, ms. */
const PATIENCE = 60_000

export interface ReassertOptions {
  store: Store
  book: CommandBook
  commands: Commands
  reachable: (esp_id: string) => boolean
}

export function createReassert({ store, book, commands, reachable }: ReassertOptions): Reassert {
  const { actuatorStates, actuatorHistory } = store
  const waiting = new Map<string, Place & { readonly since: number }>()

  /** What was not done in its time is not made up for later; OFF is. */
  const isWanted = ({ value, correlation_id }: Desired): boolean => {
    if (value === 0) return true
    const state = book.find(correlation_id)?.state ?? stageOf(actuatorHistory, correlation_id)
    return state === 'done'
  }

  /** What it takes to make it what is wanted; nothing when it is that. */
  const tell = ({ esp_id, gpio }: Place, now: number): readonly Effect[] => {
    const state = actuatorStates.find(esp_id, gpio)
    const desired = state && desiredOf(state, now)
    if (!state || !desired || !isWanted(desired) || book.unfinished(esp_id, gpio).length > 0) return []
    const { value, until } = desired
    const value_now = isOn(state) ? (state.state === 'on' ? 1 : state.current_value) : 0
    if (value > 0 === value_now > 0 && (state.state !== 'pwm' || isSame(value, value_now))) return []
    const issued_by = 'reassert'
    if (value === 0) return commands.off({ esp_id, gpio, issued_by }, now)
    const duration = until === null ? 0 : Math.floor((until - now) / 1000)
    if (until !== null && duration < 1) return []
    const wish = value === 1 ? { command: 'ON' } : { command: 'PWM', value }
    try {
      return commands.issue({ esp_id, gpio, ...wish, duration, issued_by }, now).effects
    } catch (error) {
      // Its config changed meanwhile: what was wanted makes no sense any more.
      if (error instanceof ActuatorRefused) return []
      throw error
    }
  }

  return {
    heardAgain: ({ esp_id, gpio }, since) =>
      void waiting.set(keyOf({ esp_id, gpio }), { esp_id, gpio, since }),
    look(now) {
      const effects: Effect[] = []
      for (const [key, { since, ...place }] of waiting) {
        if (!reachable(place.esp_id)) {
          if (Math.abs(now - since) > PATIENCE) waiting.delete(key)
          continue
        }
        waiting.delete(key)
        effects.push(...tell(place, now))
      }
      return effects
    },
  }
}

/** Long over; undefined also where the disk cannot be read now. */
function stageOf(actuatorHistory: Store['actuatorHistory'], correlation_id: string): string | undefined {
  try {
    return actuatorHistory.row(correlation_id)?.state
  } catch {
    return undefined
  }
}
