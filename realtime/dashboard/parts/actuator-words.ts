/** What an actuator is and what was asked of it, in words and marks for people; no meaning hangs on colour alone. */
import { now } from '../clock.js'
import type { Trust } from '../shown.js'
import type { Actuator } from '../store/actuators.js'
import { type Asked, stepOf } from '../store/asked.js'
import { t, wordFor, wordIf } from '../words/index.js'
import { saidIn } from '../words/said.js'
import { ago, duration, percent, timeOfDay } from '../words/times.js'

/** On, as it was reported last. */
export const isOn = ({ state, value }: Actuator): boolean =>
  state === 'on' || (state === 'pwm' && (value ?? 0) > 0)

/** On by some per cent; firmware says `on` with a value, or `pwm`. */
const isPartly = ({ state, value }: Actuator): boolean =>
  value !== null && value > 0 && (state === 'pwm' || (state === 'on' && value < 1))

/** What people call it; without a name, what it is and where it is wired. */
export const actuatorName = ({ name, kind, gpio }: Pick<Actuator, 'name' | 'kind' | 'gpio'>): string =>
  name || t('actuators.on_gpio', { kind: wordFor('actuators.kinds', kind), gpio })

/** The state as it was reported, with its mark. */
export function stateShown(actuator: Actuator): { word: string; mark: string; trust: Trust } {
  const { state, value, stale_reason } = actuator
  if (state === null) return { word: t('actuators.states.unreported'), mark: '◌', trust: 'plain' }
  const word = isPartly(actuator) ? percent(value!) : t(`actuators.states.${state === 'pwm' ? 'off' : state}`)
  if (state === 'error') return { word, mark: '■', trust: 'wrong' }
  if (stale_reason !== null || state === 'unknown') return { word, mark: '▲', trust: 'doubtful' }
  return isOn(actuator) ? { word, mark: '●', trust: 'sound' } : { word, mark: '○', trust: 'plain' }
}

/** Why nobody knows whether it still is what it was reported to be; empty when it may be believed. */
export function doubtOf({ stale_reason, state }: Actuator): string {
  if (stale_reason !== null)
    return (
      wordIf('actuators.silences', stale_reason) ??
      t('actuators.doubts.connection', { reason: wordFor('devices.losses', stale_reason) })
    )
  return state === 'unknown' ? t('actuators.doubts.itself') : ''
}

/** Since when, and how long still. */
export function timesOf(actuator: Actuator): string {
  const { on_since, off_at, reported_at, stale_reason, state } = actuator
  if (state === null) return ''
  const doubtful = stale_reason !== null
  const reported = reported_at === null ? '' : ago(reported_at)
  if (!isOn(actuator) || on_since === null)
    return reported && t(doubtful ? 'actuators.reported_last' : 'actuators.reported', { ago: reported })
  const since = t('actuators.since', { time: timeOfDay(on_since) })
  if (doubtful) return reported ? `${since}, ${t('actuators.reported_last', { ago: reported })}` : since
  if (off_at === null) return since
  const left = (off_at - now.value) / 1000
  return left > 0 ? t('actuators.off_in', { since, span: duration(left) }) : t('actuators.off_now', { since })
}

/** The limits that are set, in few words; how long it may be on only when `all` are wanted. */
export function limitsShown({ limits }: Pick<Actuator, 'limits'>, all: boolean): string {
  const { max_runtime_seconds, min_off_seconds, daily_quota_seconds, starts_per_hour } = limits
  return [
    all && max_runtime_seconds > 0 && t('actuators.at_most', { span: duration(max_runtime_seconds) }),
    min_off_seconds > 0 && t('actuators.rests', { span: duration(min_off_seconds) }),
    daily_quota_seconds !== null && t('actuators.quota', { span: duration(daily_quota_seconds) }),
    starts_per_hour !== null && t('actuators.starts', {}, starts_per_hour),
  ]
    .filter(Boolean)
    .join(' · ')
}

export const commandShown = ({ command, value }: Asked): string =>
  command === 'PWM' && value !== null ? percent(value) : wordFor('actuators.commands', command)

const when = (at: number): string => {
  const left = Math.ceil((at - now.value) / 1000)
  const time = timeOfDay(at)
  return left > 0
    ? t('actuators.possible_in', { time, span: duration(left) })
    : t('actuators.possible_since', { time })
}

/** Why it came to nothing: the limit, where it was one, and the server's own sentence. */
const reasonOf = ({ error, error_said, limit }: Asked): string => {
  const said = saidIn('command', error_said)
  if (said !== undefined) return said
  if (error === null) return t('actuators.stages.no_reason')
  return limit === null
    ? error
    : t('actuators.refused_by', { limit: wordFor('actuators.limits', limit), detail: error })
}

/** How far it came, and what is in its way. */
export function stageShown(asked: Asked): string {
  const { state, possible_at, expires_at } = asked
  if (state === 'pending' && expires_at !== null)
    return t('actuators.stages.pending_until', { time: timeOfDay(expires_at) })
  const stage = wordFor('actuators.stages', state)
  if (stepOf(state) < 3 || state === 'done' || state === 'superseded') return stage
  const later = possible_at === null ? '' : `; ${when(possible_at)}`
  return `${stage}: ${reasonOf(asked)}${later}`
}

/** The three steps of a command that is under way. */
export const stepsShown = ({ state }: Asked): string =>
  ['pending', 'sent', 'acknowledged'].map((_, n) => (n <= stepOf(state) ? '●' : '○')).join('')

const DONE_SHOWN = 10_000
const FAILURE_SHOWN = 600_000

/** After its own alarm a device that is off refuses the OFF that follows: that is no failure for anybody. */
const isSettled = ({ issued_by, command }: Asked): boolean =>
  command === 'OFF' && issued_by.startsWith('gate:ALERT_')

/** Is it still worth a line? */
export function isShown(asked: Asked, isOff: boolean): boolean {
  const { state, at } = asked
  if (isOff && isSettled(asked)) return false
  if (stepOf(state) < 3) return true
  return now.value - at < (state === 'done' || state === 'superseded' ? DONE_SHOWN : FAILURE_SHOWN)
}
