/** What devices raise alarm about, how bad it is, and what an alarm does to the actuator. protocol.md §2.5 */
import type { Severity } from '../contract/audit-events.js'

export interface AlertKind {
  readonly severity: Severity
  /** What the actuator is from now on, and that OFF is sent; undefined: the alarm changes nothing. */
  readonly state?: 'off' | 'error'
}

const kinds: ReadonlyMap<string, AlertKind> = new Map<string, AlertKind>([
  ['emergency_stop', { severity: 'critical', state: 'off' }],
  ['safety_violation', { severity: 'critical', state: 'off' }],
  ['safety_forced_off', { severity: 'critical', state: 'off' }],
  ['runtime_protection', { severity: 'warning', state: 'off' }],
  ['hardware_error', { severity: 'error', state: 'error' }],
  ['verification_failed', { severity: 'error' }],
  ['overrun', { severity: 'error' }],
  ['fault', { severity: 'error' }],
  ['config_invalid', { severity: 'error' }],
  ['offline_rule_hold', { severity: 'warning' }],
])

const UNKNOWN: AlertKind = { severity: 'warning' }

/** In any case; what nobody knows is a warning. */
export const alertKind = (alert_type: string): AlertKind => kinds.get(alert_type) ?? UNKNOWN
