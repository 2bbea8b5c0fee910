/** What an actuator is and what was asked of it, in words and marks for people; no meaning hangs on colour alone. */

import { now } from '../clock.js'
import type { Trust } from '../shown.js'
import type { Actuator } from '../store/actuators.js'
import { type Asked, stepOf } from '../store/asked.js'
import { ago, duration, timeOfDay } from '../words/times.js'

export const percent = (value: number): string => `${Math.round(value * 100)} %`

/** On, as it was reported last. */
export const isOn = ({ state, value }: Actuator): boolean =>
  state === 'on' || (state === 'pwm' && (value ?? 0) > 0)

/** The state as it was reported, with its mark. */
export function stateShown(actuator: Actuator): { word: string; mark: string; trust: Trust } {
  const { state, value, stale_reason } = actuator
  if (state === null) return { word: 'Not reported', mark: '◌', trust: 'plain' }
  const words = {
    on: 'On',
    off: 'Off',
    pwm: value ? percent(value) : 'Off',
    error: 'Error',
    unknown: 'Unknown',
  }
  const word = words[state]
  if (state === 'error') return { word, mark: '■', trust: 'wrong' }
  if (stale_reason !== null || state === 'unknown') return { word, mark: '▲', trust: 'doubtful' }
  return isOn(actuator) ? { word, mark: '●', trust: 'sound' } : { word, mark: '○', trust: 'plain' }
}

const doubts: Record<string, string> = {
  heartbeat_timeout: 'its device fell silent',
  server_restart: 'not heard since kaiser started',
}

/** Why nobody knows whether it still is what it was reported to be; empty when it may be believed. */
export function doubtOf({ stale_reason, state }: Actuator): string {
  if (stale_reason !== null)
    return doubts[stale_reason] ?? `connection lost (${stale_reason.replaceAll('_', ' ')})`
  return state === 'unknown' ? 'its device does not know' : ''
}

/** Since when, and how long still. */
export function timesOf(actuator: Actuator): string {
  const { on_since, off_at, reported_at, stale_reason, state } = actuator
  if (state === null) return ''
  const doubtful = stale_reason !== null
  if (!isOn(actuator) || on_since === null)
    return reported_at === null ? '' : `${doubtful ? 'last reported' : 'reported'} ${ago(reported_at)}`
  const since = `since ${timeOfDay(on_since)}`
  if (doubtful) return reported_at === null ? since : `${since}, last reported ${ago(reported_at)}`
  if (off_at === null) return since
  const left = (off_at - now.value) / 1000
  return left > 0 ? `${since}, goes off in ${duration(left)}` : `${since}, is being switched off`
}

/** Who gave a command. */
export function issuer(issued_by: string, me: string | undefined): string {
  const at = issued_by.indexOf(':')
  const [kind, name] = at < 0 ? [issued_by, ''] : [issued_by.slice(0, at), issued_by.slice(at + 1)]
  if (kind === 'user' || kind === 'emergency') {
    const who = name === me ? 'you' : name
    return kind === 'user' ? who : `${who}, emergency stop`
  }
  const named = name.replaceAll('_', ' ')
  return { rule: `rule ${named}`, gate: `limit ${named}`, reassert: 'kaiser, once more' }[kind] ?? issued_by
}

export const commandShown = ({ command, value }: Asked): string =>
  command === 'PWM' && value !== null ? percent(value) : command

const when = (at: number): string => {
  const left = Math.ceil((at - now.value) / 1000)
  return left > 0 ? `possible at ${timeOfDay(at)}, in ${duration(left)}` : `possible since ${timeOfDay(at)}`
}

/** How far it came, and what is in its way. */
export function stageShown({ state, error, possible_at, expires_at }: Asked): string {
  const later = possible_at === null ? '' : `; ${when(possible_at)}`
  const until = expires_at === null ? '' : ` until ${timeOfDay(expires_at)}`
  switch (state) {
    case 'pending':
      return `pending, waits for the device${until}`
    case 'sent':
      return 'sent, not acknowledged yet'
    case 'acknowledged':
      return 'acknowledged, not done yet'
    case 'done':
      return 'done'
    case 'superseded':
      return 'replaced by a later command'
    default:
      return `${state}: ${error ?? 'no reason given'}${later}`
  }
}

/** The three steps of a command that is under way. */
export const stepsShown = ({ state }: Asked): string =>
  ['pending', 'sent', 'acknowledged'].map((_, n) => (n <= stepOf(state) ? '●' : '○')).join('')

const DONE_SHOWN = 10_000
const FAILURE_SHOWN = 600_000

/** Is it still worth a line? */
export function isShown(asked: Asked): boolean {
  const { state, at } = asked
  if (stepOf(state) < 3) return true
  return now.value - at < (state === 'done' || state === 'superseded' ? DONE_SHOWN : FAILURE_SHOWN)
}
