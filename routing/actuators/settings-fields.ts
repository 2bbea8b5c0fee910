/** The fields of an actuator's config that stand for themselves: what each may be, and what it is stored as. */
import type { ActuatorFields } from '../../storage/actuator-configs.js'
import { refusedField } from '../request-refused.js'
import { ACTUATOR_TYPES, findKind } from './kinds.js'

/** Gives back what is stored; throws RequestRefused with the name the field came by. */
export type Check = (value: unknown, name: string) => unknown

export const whole =
  (low: number, high: number, hint = ''): Check =>
  (value, name) => {
    if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value
    throw refusedField(name, value, `must be a whole number from ${low} to ${high}${hint}`, 'whole_within', {
      low,
      high,
    })
  }

export const text =
  (longest: number): Check =>
  (value, name) => {
    if (typeof value === 'string' && value.length <= longest) return value
    throw refusedField(name, value, `must be a text of at most ${longest} characters`, 'text_within', {
      most: longest,
    })
  }

const share: Check = (value, name) => {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw refusedField(name, value, 'must be a number from 0 to 1', 'share')
}

const yesOrNo: Check = (value, name) => {
  if (typeof value === 'boolean') return value ? 1 : 0
  throw refusedField(name, value, 'must be true or false', 'not_true_or_false')
}

const actuatorType: Check = (value, name) => {
  const kind = typeof value === 'string' ? findKind(value) : undefined
  if (kind) return kind.type
  throw refusedField(name, value, `must be one of ${ACTUATOR_TYPES.join(', ')}`, 'one_of', {
    allowed: ACTUATOR_TYPES.join(', '),
  })
}

/** Characters of JSON text. */
const LONGEST_METADATA = 16_384

const metadata: Check = (value, name) => {
  if (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    JSON.stringify(value).length <= LONGEST_METADATA
  )
    return value
  throw refusedField(name, value, `must be an object of at most ${LONGEST_METADATA} characters of JSON`)
}

export interface Field {
  readonly name: keyof ActuatorFields
  /** What else it may be called. */
  readonly alias?: string
  readonly check: Check
  /** What null stands for. */
  readonly empty: unknown
}

/** Seconds of a day. */
const DAY = 86_400
/** Runs are remembered up to a number; beyond it they could not be counted. */
const MOST_STARTS = 120

export const fields: readonly Field[] = [
  { name: 'actuator_type', check: actuatorType, empty: 'digital' },
  { name: 'actuator_name', alias: 'name', check: text(100), empty: null },
  { name: 'enabled', check: yesOrNo, empty: 1 },
  { name: 'min_value', check: share, empty: 0 },
  { name: 'max_value', check: share, empty: 1 },
  { name: 'default_value', check: share, empty: 0 },
  { name: 'safe_value', check: share, empty: 0 },
  {
    name: 'max_runtime',
    alias: 'max_runtime_seconds',
    check: whole(0, DAY, ' seconds; 0 = no limit, null = as its type has it'),
    empty: null,
  },
  { name: 'min_off', alias: 'cooldown_seconds', check: whole(0, DAY, ' seconds'), empty: 0 },
  { name: 'starts_per_hour', check: whole(1, MOST_STARTS, '; null = no limit'), empty: null },
  { name: 'daily_quota', check: whole(1, DAY, ' seconds; null = no limit'), empty: null },
  { name: 'require_rule_sensors', check: yesOrNo, empty: 1 },
  { name: 'aux_gpio', check: whole(0, 255, '; 255 = none'), empty: 255 },
  { name: 'critical', check: yesOrNo, empty: 0 },
  { name: 'inverted_logic', check: yesOrNo, empty: 0 },
  { name: 'pwm_frequency', check: whole(1, 40_000, ' Hz'), empty: null },
  { name: 'servo_min_pulse', check: whole(500, 2_500, ' µs'), empty: null },
  { name: 'servo_max_pulse', check: whole(500, 2_500, ' µs'), empty: null },
  { name: 'metadata', check: metadata, empty: {} },
]
