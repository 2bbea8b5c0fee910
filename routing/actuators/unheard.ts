/**
 * What may have happened to an actuator that nobody can hear: it was told to go on, and its device was gone before it
 * said what it is. Looks at the commands that are in memory, then at the latest rows; where the disk cannot be read,
 * it may be on.
 */
import type { Store } from '../../storage/store.js'
import { type Command, type CommandBook, mayStillAct } from './book.js'
import type { Place } from './place.js'

/** Rows that are looked at: what a device does by itself stands between the commands. */
const ROWS = 50

export const createUnheard =
  (
    { actuatorHistory, actuatorStates }: Pick<Store, 'actuatorHistory' | 'actuatorStates'>,
    { mayHaveLeft }: Pick<CommandBook, 'mayHaveLeft'>,
  ) =>
  ({ esp_id, gpio }: Place): boolean => {
    const heard = actuatorStates.find(esp_id, gpio)?.reported_at ?? Number.NEGATIVE_INFINITY
    const wentOn = (commands: readonly Command[]): boolean => {
      const left = commands.filter(mayHaveLeft)
      const ended = left.findLastIndex(
        ({ value, state }) => !value && (state === 'done' || state === 'acknowledged'),
      )
      return left
        .slice(ended + 1)
        .some((command) => (command.value ?? 0) > 0 && mayStillAct(command) >= heard)
    }
    const recent = actuatorHistory.list(esp_id, gpio)
    try {
      const old = actuatorHistory
        .latest(esp_id, gpio, ROWS)
        .filter(
          (row): row is Command =>
            row.correlation_id !== null &&
            row.expires_at !== null &&
            !actuatorHistory.find(row.correlation_id),
        )
        .reverse()
      return wentOn([...old, ...recent])
    } catch {
      return true
    }
  }
