/**
 * A device that comes back may be something else than is wanted of it: it rebooted, or missed an OFF. Its first
 * report after that is compared with what is wanted, and it is told again as soon as it listens; OFF that is wanted
 * does not wait for a report. What its own button did meanwhile is left alone: then nothing is wanted any more.
 * Inside the group only.
 */
import type { Store } from '../../storage/store.js'
import type { Effect } from '../effect.js'
import { RequestRefused } from '../request-refused.js'
import type { CommandBook } from './book.js'
import { isSame } from './book.js'
import type { Commands } from './commands.js'
import { type Desired, desiredOf, desiredText, restOf, shifted } from './desired.js'
import { keyOf, type Place } from './place.js'
import { isOn } from './surroundings.js'
import { TOLERANCE } from './timers.js'

export interface Reassert {
  /** Its first report since nobody knew what it is. */
  heardAgain(place: Place, now: number): void
  /** Their device has a new connection, on which it listens. */
  returned(places: readonly Place[], now: number): void
  /** They were reported to be something. */
  reported(places: readonly Place[], now: number): void
  /** Before something is wished: after a jump of the wall clock, earlier wishes end when they would have. */
  settle(now: number): void
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
  /** Is nothing of it to be switched on yet? */
  isHeld: (esp_id: string) => boolean
  /** ms since 1970 */
  now: () => number
  /** ms */
  monotonic: () => number
}

export function createReassert(options: ReassertOptions): Reassert {
  const { store, book, commands, reachable, isHeld, monotonic } = options
  const { actuatorStates } = store
  const waiting = new Map<string, Place & { readonly since: number }>()
  /** Their devices are back, and have not said what they are. */
  const expected = new Set<string>()

  const compare = ({ esp_id, gpio }: Place, since: number): void =>
    void waiting.set(keyOf({ esp_id, gpio }), { esp_id, gpio, since })

  /** `by` ms; undefined: to now. */
  const move = (by: number | undefined, concerns: (desired: Desired) => boolean, now: number): void => {
    for (const { esp_id, gpio, ...state } of actuatorStates.list()) {
      const desired = desiredOf(state, Number.NEGATIVE_INFINITY)
      if (!desired || desired.until === null || !concerns(desired)) continue
      const moved = shifted(desired, by ?? now - desired.from)
      actuatorStates.upsert(esp_id, gpio, { desired: desiredText(moved) }, now)
    }
  }
  /** What the wall clock was ahead of the monotonic one when wishes were dated, ms. */
  let ahead = options.now() - monotonic()
  let looked: number | undefined
  const settle = (now: number): void => {
    const before = looked
    const by = now - monotonic() - ahead
    looked = now
    // Nobody knows when it jumped while nobody ran: what was wished later than now was wished now.
    if (before === undefined) return move(undefined, ({ from }) => from > now, now)
    if (Math.abs(by) <= TOLERANCE) return
    ahead += by
    // One that was dated after the jump is right.
    move(by, ({ from }) => by < 0 || from <= before + by / 2, now)
  }

  /** What was not done in its time is not made up for later; OFF is. */
  const isWanted = ({ value, correlation_id }: Desired): boolean =>
    value === 0 || book.recall(correlation_id)?.state === 'done'

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
    const duration = until === null ? 0 : Math.floor(restOf(desired, now) / 1000)
    if (until !== null && duration < 1) return []
    const wish = value === 1 ? { command: 'ON' } : { command: 'PWM', value }
    try {
      return commands.issue({ esp_id, gpio, ...wish, duration, issued_by }, now).effects
    } catch (error) {
      // Its config changed meanwhile: what was wanted makes no sense any more.
      if (error instanceof RequestRefused) return []
      throw error
    }
  }

  const wantsOn = ({ esp_id, gpio }: Place, now: number): boolean => {
    const state = actuatorStates.find(esp_id, gpio)
    return ((state && desiredOf(state, now)?.value) ?? 0) > 0
  }

  return {
    settle,
    heardAgain: compare,
    returned(places, now) {
      for (const place of places) {
        expected.add(keyOf(place))
        const state = actuatorStates.find(place.esp_id, place.gpio)
        if (state && desiredOf(state, now)?.value === 0) compare(place, now)
      }
    },
    reported(places, now) {
      for (const place of places) if (expected.delete(keyOf(place))) compare(place, now)
    },
    look(now) {
      settle(now)
      const effects: Effect[] = []
      for (const [key, { since, ...place }] of waiting) {
        if (!reachable(place.esp_id)) {
          if (Math.abs(now - since) > PATIENCE) waiting.delete(key)
          continue
        }
        if (isHeld(place.esp_id) && wantsOn(place, now)) continue
        waiting.delete(key)
        effects.push(...tell(place, now))
      }
      return effects
    },
  }
}
