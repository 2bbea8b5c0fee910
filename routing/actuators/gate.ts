/**
 * The gate below every path: whoever wishes something of an actuator, this says whether it may be, what goes out, and
 * for how long. Pure. What refuses says which limit it is and when it could pass; nothing refuses OFF but nonsense,
 * and a person's override when a rule says it.
 */

import type { Said } from '../contract/said.js'
import { type CommandSaid, commandSaid } from '../contract/sentences/commands.js'
import { formOf } from './kinds.js'
import { quotaLeft } from './limits/daily-quota.js'
import { type LimitName, limits } from './limits/index.js'
import type { Limit } from './limits/limit.js'
import { runtimeLeft } from './limits/max-runtime.js'
import { overrideOf } from './limits/override.js'
import { isOfPerson, type Order, orderOf, type Wish, warningsOf } from './order.js'
import type { Surroundings } from './surroundings.js'

export type { LimitName } from './limits/index.js'
export type { Wish } from './order.js'

export interface Passed {
  readonly passes: true
  /** TOGGLE never goes out. */
  readonly command: Order['command']
  /** 0 to 1 */
  readonly value: number
  /** s; 0 only where there is no limit to how long it may be on, and with OFF. */
  readonly duration: number
  /** How long this keeps rules away, s; 0 when no person said it. */
  readonly override: number
  /** What is not as it was wished, in words. */
  readonly warnings: readonly string[]
  /** The same by their codes. */
  readonly warned: readonly CommandSaid[]
}

export interface Stopped {
  readonly passes: false
  readonly limit: LimitName
  readonly detail: string
  /** The same by its code; a command that was refused long ago may have none. */
  readonly said?: Said | undefined
  /** ms since 1970; null when nobody knows. */
  readonly possible_at: number | null
}

export type Judgement = Passed | Stopped

const switchesOn = ({ value }: Order): boolean => value > 0

/** How long it may be on, s, and what there is to say about it. */
function durationOf(
  order: Order,
  surroundings: Surroundings,
): { duration: number; warning: CommandSaid | undefined } {
  const runtime = runtimeLeft(surroundings)
  const quota = quotaLeft(surroundings)
  const most = Math.floor(Math.min(runtime, quota) / 1000)
  const wished = order.duration || Number.POSITIVE_INFINITY
  if (wished <= most) return { duration: Number.isFinite(wished) ? wished : 0, warning: undefined }
  const isQuota = quota < runtime
  if (!Number.isFinite(wished))
    return { duration: most, warning: isQuota ? commandSaid('stops_by_quota', { most }) : undefined }
  const { max_runtime } = surroundings
  const warning = isQuota
    ? commandSaid('duration_cut_quota', { wished, most })
    : commandSaid('duration_cut_runtime', { wished, most, max_runtime })
  return { duration: most, warning }
}

/** A part of full is no state of a switch: what its device makes of it, on or off, it does not say. protocol.md §2.7 */
function partOfSwitch({ value }: Order, { config, state, kind }: Surroundings): CommandSaid | undefined {
  if (value === 0 || value === 1 || (!config && !state)) return undefined
  if (kind.type === 'unknown' || formOf(kind, config) !== 'digital') return undefined
  return commandSaid('part_of_switch', { kind: kind.type, value })
}

/** Throws RequestRefused when the wish makes no sense. */
export function judge(wish: Wish, surroundings: Surroundings): Judgement {
  const order = orderOf(wish, { on: surroundings.on, full: surroundings.config?.max_value ?? 1 })
  const said: (CommandSaid | undefined)[] = []
  for (const limit of limits as readonly (Limit & { name: LimitName })[]) {
    if (!(limit.concerns ?? switchesOn)(order)) continue
    const blocked = limit.blocks?.(order, surroundings)
    if (blocked) return { passes: false, limit: limit.name, ...blocked }
    said.push(limit.warns?.(surroundings))
  }
  const { command, value } = order
  const { duration, warning } = switchesOn(order)
    ? durationOf(order, surroundings)
    : { duration: 0, warning: undefined }
  return {
    passes: true,
    command,
    value,
    duration,
    override: isOfPerson(order.issued_by) ? overrideOf(order.duration) : 0,
    ...warningsOf(
      [...order.warned, partOfSwitch(order, surroundings), ...said, warning].filter(
        (each) => each !== undefined,
      ),
    ),
  }
}
