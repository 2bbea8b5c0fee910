/**
 * OFF that no person wished: of limits, of stops, and for who comes back. Never refused, never doubled. Of many that go
 * off at once each has its row before it is said, and all else that is written of it follows.
 */
import { type Command, isFinal } from '../../storage/actuator-history.js'
import type { Store } from '../../storage/store.js'
import { type Effect, sayOff, sendCommand } from '../effect.js'
import { isKnown } from '../registry.js'
import type { CommandBook } from './book.js'
import { commandReached } from './command-events.js'
import type { Issued, Request } from './commands.js'
import { desiredOf } from './desired.js'
import type { Passed } from './gate.js'
import type { Place } from './place.js'
import { gpiosOf, metadataOf } from './reports.js'

export interface SwitchingOff {
  /**
   * OFF for an actuator, or with null for every one of the device, as far as it is there; one that is on its way
   * already is not doubled, but said `again` if that is wanted. Never throws. Inside the group.
   */
  off(
    where: { readonly esp_id: string; readonly gpio: number | null; readonly issued_by: string },
    now: number,
    again?: boolean,
  ): Effect[]
  /**
   * OFF for an actuator that is known and reached, one of many, where nothing else is on its way: its row, and the effect
   * that says it; all else follows by `settleOff`. An OFF that is on its way already is said again. Inside the group.
   */
  offAtOnce(place: Place, issued_by: string, now: number): Effect[]
  /** The rest of an OFF that was said: what is wanted, timers, audit, events. Inside the group. */
  settleOff(correlation_id: string, now: number): Effect[]
}

/** How commands are given. */
export interface SwitchingOffOptions {
  store: Store
  book: CommandBook
  /** Is there a connection that obeys what this device is told? */
  reachable: (esp_id: string) => boolean
  typeOf: (place: Place) => string | null
  issue: (request: Request, now: number) => Issued
  /** It is what is wanted from now on. */
  want: (command: Command, passed: Passed, now: number) => void
  /** Its timers begin, and those before it end. */
  start: (command: Command, passed: Passed, now: number) => void
  note: (command: Command, severity: 'info', what: string, now: number) => void
}

/** What passes always. */
const OFF: Passed = {
  passes: true,
  command: 'OFF',
  value: 0,
  duration: 0,
  override: 0,
  warnings: [],
  warned: [],
}
/** How long it waits for its device to listen, ms. */
const SHORTLY = 5_000

export function createSwitchingOff(options: SwitchingOffOptions): SwitchingOff {
  const { store, book, reachable, typeOf, issue, want, start, note } = options
  const { actuatorConfigs, actuatorStates } = store
  const goingOff = ({ esp_id, gpio }: Place): Command | undefined =>
    book.unfinished(esp_id, gpio).find(({ command_type }) => command_type === 'OFF')

  return {
    off({ esp_id, gpio, issued_by }, now, again = false) {
      if (!isKnown(store.devices.find(esp_id))) return []
      return (gpio === null ? gpiosOf(store, esp_id) : [gpio]).flatMap((each): Effect[] => {
        const place = { esp_id, gpio: each }
        const under_way = goingOff(place)
        if (under_way) {
          // Kaiser may have been killed before that was written.
          const state = actuatorStates.find(esp_id, each)
          if (state && (desiredOf(state, now)?.value ?? 0) > 0) want(under_way, OFF, now)
          return again ? [sendCommand(under_way)] : []
        }
        if (!actuatorConfigs.find(esp_id, each) && !actuatorStates.find(esp_id, each)) return []
        // A device that has just connected speaks before it listens.
        const wait = reachable(esp_id) ? undefined : SHORTLY
        return [...issue({ ...place, command: 'OFF', issued_by, wait }, now).effects]
      })
    },
    offAtOnce(place, issued_by, now) {
      const under_way = goingOff(place)
      if (under_way) return [sendCommand(under_way)]
      const { esp_id, gpio } = place
      const { correlation_id } = book.open(
        {
          correlation_id: store.uuid(),
          esp_id,
          gpio,
          actuator_type: typeOf(place),
          command_type: OFF.command,
          value: OFF.value,
          duration: OFF.duration,
          issued_by,
          command_metadata: metadataOf({ leaves: true }),
        },
        now,
      )
      return [sayOff(correlation_id)]
    },
    settleOff(correlation_id, now) {
      const command = book.find(correlation_id)
      if (!command) return []
      want(command, OFF, now)
      start(command, OFF, now)
      note(command, 'info', `by ${command.issued_by}`, now)
      // It may have been answered by now, and that was told.
      return isFinal(command) ? [] : [commandReached(command, now)]
    },
  }
}
