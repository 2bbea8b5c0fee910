/**
 * Settings of an actuator, checked: each field by itself, then all of them together with what is set already. A
 * field that is not given stays as it is, null puts its default back. Whoever asked for what cannot be is told the
 * field and what is allowed.
 */
import type { ActuatorConfig, ActuatorFields } from '../../storage/actuator-configs.js'
import type { Said } from '../contract/said.js'
import type { FieldWrong } from '../contract/sentences/fields.js'
import { refusedField } from '../request-refused.js'
import { formOf, kindOf } from './kinds.js'
import { fields } from './settings-fields.js'
import { interlocksOf, type Known, requiredSensorsOf, sanityOf } from './settings-lists.js'

export interface SettingsOptions extends Known {
  /** What is set already; undefined for a new actuator. */
  readonly before: ActuatorConfig | undefined
}

type Request = Readonly<Record<string, unknown>>

const lists = [
  { name: 'interlocks', check: interlocksOf, empty: [] },
  { name: 'required_sensors', check: requiredSensorsOf, empty: [] },
  { name: 'sanity', check: sanityOf, empty: null },
] as const

/** Together they have to make sense, those that were set before included. */
function checkTogether(request: Request, given: ActuatorFields, { before, place }: SettingsOptions): void {
  const all = { ...DEFAULTS, ...before, ...given }
  const blame = (
    names: readonly (keyof ActuatorFields)[],
    msg: string,
    code: FieldWrong,
    facts: Said['facts'] = {},
  ): never => {
    const name = names.find((each) => each in given) ?? names[0]!
    throw refusedField(name, all[name as keyof typeof all], msg, code, facts)
  }
  const { min_value, max_value, servo_min_pulse, servo_max_pulse } = all
  const kind = kindOf(all.actuator_type)
  const isSwitch = formOf(kind, all) === 'digital'
  if (isSwitch && max_value !== 1)
    blame(
      ['max_value', 'actuator_type', 'pwm_frequency'],
      `must be 1 for a ${kind.type} without a pwm_frequency: it only switches`,
      'max_of_switch',
      { kind: kind.type },
    )
  if (max_value === 0)
    blame(['max_value'], 'must be above 0; enabled: false keeps an actuator off', 'max_is_0')
  if (min_value > max_value)
    blame(
      ['min_value', 'max_value'],
      `min_value ${min_value} must not be above max_value ${max_value}`,
      'min_above_max',
    )
  for (const name of ['safe_value', 'default_value'] as const) {
    const value = all[name]
    if (value !== 0 && (value < min_value || value > max_value))
      blame(
        [name, 'min_value', 'max_value'],
        `${name} ${value} must be 0 or from min_value ${min_value} to max_value ${max_value}`,
        'outside_range',
      )
    if (isSwitch && value !== 0 && value !== max_value)
      blame(
        [name, 'actuator_type'],
        `${name} of a ${kind.type} must be 0 or 1: it only switches`,
        'part_of_switch',
        { kind: kind.type },
      )
  }
  const isAsked = 'max_runtime' in given || given.actuator_type !== undefined
  if (all.max_runtime === 0 && kind.max_runtime !== 0 && isAsked && request.confirm_no_max_runtime !== true)
    blame(
      ['max_runtime'],
      `must be from 1 to 86400 seconds for a ${kind.type}; 0 (no limit) needs confirm_no_max_runtime: true`,
      'endless_unconfirmed',
      { kind: kind.type },
    )
  if (servo_min_pulse !== null && servo_max_pulse !== null && servo_min_pulse >= servo_max_pulse)
    blame(
      ['servo_min_pulse', 'servo_max_pulse'],
      'servo_min_pulse must be below servo_max_pulse',
      'servo_order',
    )
  if (all.aux_gpio === place.gpio)
    blame(['aux_gpio'], 'must be another pin than the actuator itself is on', 'aux_is_own')
}

const DEFAULTS = {
  actuator_type: 'digital',
  min_value: 0,
  max_value: 1,
  default_value: 0,
  safe_value: 0,
  max_runtime: null as number | null,
  pwm_frequency: null as number | null,
  servo_min_pulse: null as number | null,
  servo_max_pulse: null as number | null,
  aux_gpio: 255,
}

/** What is to be stored; unknown fields are left out. Throws RequestRefused. */
export function settingsOf(request: Request, options: SettingsOptions): ActuatorFields {
  const given: Record<string, unknown> = {}
  for (const { name, alias, check, empty } of fields) {
    const as = request[name] === undefined && alias !== undefined ? alias : name
    const value = request[as]
    if (value !== undefined) given[name] = value === null ? empty : check(value, as)
  }
  for (const { name, check, empty } of lists) {
    const value = request[name]
    if (value !== undefined) given[name] = value === null ? empty : check(value, name, options)
  }
  if (!options.before) given.actuator_type ??= 'digital'
  checkTogether(request, given as ActuatorFields, options)
  return given as ActuatorFields
}
