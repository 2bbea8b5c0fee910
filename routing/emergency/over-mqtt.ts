/**
 * What both topics of an emergency stop share: stop, or the end of a stop, which is said twice: `clear_emergency`, and
 * within a minute again with `confirm: true`, by the same person.
 */

import type { OperatorEmergency } from '../contract/operator-payloads.js'
import type { Context, Effect, Refused } from '../handler.js'
import { detailOf, RequestRefused } from '../request-refused.js'
import type { Selector } from './scope.js'

const STOPS: ReadonlySet<string> = new Set(['emergency_stop', 'stop_all', 'stop_actuator'])
const CLEARS = 'clear_emergency'

const wordOf = ({ command, action }: OperatorEmergency): string => (command ?? action ?? '').toLowerCase()

/** What is wrong with it, in words. */
export function invalid(payload: OperatorEmergency): string | undefined {
  const word = wordOf(payload)
  if (word === CLEARS || STOPS.has(word)) return undefined
  return `command is ${word || 'missing'}; allowed: ${[...STOPS, CLEARS].join(', ')}`
}

/** Does it. */
export function take(
  { actuators: { stops, release } }: Context,
  selector: Selector,
  payload: OperatorEmergency,
  by: string,
  now: number,
): readonly Effect[] | Refused {
  const wanted = { ...selector, gpio: payload.gpio ?? null, reason: payload.reason || 'over MQTT', by }
  try {
    if (wordOf(payload) !== CLEARS) return stops.trigger(wanted, now).effects
    if (!payload.confirm) return release.arm(wanted, now).effects
    const token = release.armedBy(wanted, by, now) ?? ''
    return release.confirm({ ...wanted, token }, now).effects
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    return { code: 'payload_invalid', detail: detailOf(error) }
  }
}
