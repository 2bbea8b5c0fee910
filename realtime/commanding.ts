/**
 * Giving commands to actuators over REST: judged and written in one group, answered when they are on disk. While
 * storage fails OFF goes out all the same and the answer says so; what would switch on is refused. A command that came
 * to nothing here is a problem that carries its id: its row is there.
 */

import type { Issued, Request } from '../routing/actuators/commands.js'
import { orderOf, type Wish } from '../routing/actuators/order.js'
import type { Actuators } from '../routing/actuators.js'
import { withoutSentence } from '../routing/contract/said.js'
import { commandSaid } from '../routing/contract/sentences/commands.js'
import { RequestRefused } from '../routing/request-refused.js'
import type { Act } from '../routing/speech.js'
import type { Command } from '../storage/actuator-history.js'
import type { Store } from '../storage/store.js'
import { Problem } from './problem.js'
import { iso } from './web.js'

export interface CommandingOptions {
  store: Store
  actuators: Actuators
  act: Act
  now: () => number
}

/** What became of one of them: a command that was accepted, or why not. */
export type Outcome = { readonly command: Command; readonly stored: boolean } | { readonly problem: Problem }

/** Throws RequestRefused when it makes no sense, whatever the actuator is. */
export const checkWish = (wish: Wish): void => void orderOf(wish, { on: false, full: 1 })

const isOff = ({ command }: Wish): boolean => command.trim().toUpperCase() === 'OFF'

const UNSTORED =
  'Storage does not take writes now, and nothing is switched on that is not written down; OFF works'

const AWAY = withoutSentence(commandSaid('away'))

const unavailable = (beside: object = {}): Problem =>
  new Problem('storage_unavailable', UNSTORED, {}, { ...beside })

/** Gives them in this order; one outcome for each. Only OFF goes out while storage fails. */
export async function give(
  { store, actuators, act, now }: CommandingOptions,
  requests: readonly Request[],
  problemOf: (error: RequestRefused, index: number) => Problem,
): Promise<Outcome[]> {
  const { result, stored } = await act(() => {
    const items = requests.map((request, index): Issued | Problem => {
      // Too much waits for the disk already; an OFF is worth its place.
      if (store.group.full && !isOff(request)) return unavailable()
      try {
        return actuators.issue(request, now())
      } catch (error) {
        if (error instanceof RequestRefused) return problemOf(error, index)
        throw error
      }
    })
    return { items, effects: items.flatMap((item) => (item instanceof Problem ? [] : item.effects)) }
  })
  return result.items.map((item) =>
    item instanceof Problem ? { problem: item } : outcomeOf(item, actuators, stored),
  )
}

function outcomeOf({ command, stopped }: Issued, { book }: Actuators, stored: boolean): Outcome {
  const { correlation_id, esp_id } = command
  if (stopped) {
    const possible_at = iso(stopped.possible_at)
    const when = possible_at ? `possible at ${possible_at}` : 'when it could pass, nobody can say'
    const detail = `Refused by ${stopped.limit}: ${stopped.detail}; ${when}`
    const beside = {
      limit_name: stopped.limit,
      possible_at,
      correlation_id,
      error_detail: stopped.detail,
      error_said: stopped.said ?? null,
    }
    return { problem: new Problem('limit_refused', detail, {}, beside) }
  }
  const latest = book.find(correlation_id) ?? command
  const neverLeft = latest.state === 'failed' && latest.sent_at === null
  if (!neverLeft) return { command: latest, stored }
  const wasThere = command.state !== 'failed'
  if (!stored && wasThere && (command.value ?? 0) > 0) return { problem: unavailable({ correlation_id }) }
  const later =
    command.command_type === 'OFF'
      ? 'it is told OFF when it is back and still on'
      : 'a command is not kept until it comes back, unless `wait` says how long'
  const detail = `Device ${esp_id} is not connected: ${later}`
  return { problem: new Problem('device_offline', detail, {}, { correlation_id, error_said: AWAY }) }
}
