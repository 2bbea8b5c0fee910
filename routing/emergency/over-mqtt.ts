/**
 * What both topics of an emergency stop share: stop, or the end of a stop, which is said twice: `clear_emergency`, and
 * within a minute again with `confirm: true`, by the same person.
 */

import { type OperatorEmergency, strangeInEmergency } from '../contract/operator-payloads.js'
import type { Effect } from '../effect.js'
import type { Context, Refused } from '../handler.js'
import { detailOf, RequestRefused } from '../request-refused.js'
import type { ByWhom } from './audit.js'
import type { Selector } from './scope.js'

const STOP_ALL = 'stop_all'
const STOP_ACTUATOR = 'stop_actuator'
const STOPS: ReadonlySet<string> = new Set(['emergency_stop', STOP_ALL, STOP_ACTUATOR])
const CLEARS = 'clear_emergency'

const wordOf = ({ command, action }: OperatorEmergency): string => (command ?? action ?? '').toLowerCase()

/** What is wrong with it, in words. A scope that is misspelt or half said never becomes a wider one. */
export function invalid(payload: OperatorEmergency): string | undefined {
  const word = wordOf(payload)
  const strange = strangeInEmergency(payload)
  if (strange !== undefined) return strange
  if (word !== CLEARS && !STOPS.has(word))
    return `command is ${word || 'missing'}; allowed: ${[...STOPS, CLEARS].join(', ')}`
  if (word === STOP_ACTUATOR && payload.gpio == null) return `${word} needs the gpio of the actuator`
  if (word === STOP_ALL && payload.gpio != null)
    return `${word} is for all actuators; gpio ${payload.gpio} names one: use ${STOP_ACTUATOR}`
  return undefined
}

/** Does it. */
export function take(
  { actuators: { stops, release } }: Context,
  selector: Selector,
  payload: OperatorEmergency,
  who: Pick<ByWhom, 'by' | 'from'>,
  now: number,
): readonly Effect[] | Refused {
  const wanted = { ...selector, gpio: payload.gpio ?? null, reason: payload.reason || 'over MQTT', ...who }
  try {
    if (wordOf(payload) !== CLEARS) return stops.trigger(wanted, now).effects
    if (!payload.confirm) return release.arm(wanted, now).effects
    const token = release.armedBy(wanted, who.by, now) ?? ''
    return release.confirm({ ...wanted, token }, now).effects
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    return { code: 'payload_invalid', detail: detailOf(error) }
  }
}
