/** The seldom fields of an actuator's config as the form has them: values in percent, empty where there is no answer. */
import { ApiError } from '../../api.js'
import { t } from '../../words/index.js'
import { type ActuatorConfig, numberIn, type Sanity } from './device.js'

export const SHARES = ['safe_value', 'default_value', 'min_value', 'max_value'] as const
export const PULSES = ['servo_min_pulse', 'servo_max_pulse'] as const
const WHOLE = ['pwm_frequency', 'aux_gpio', ...PULSES] as const
const CHECKS = ['inverted_logic', 'critical', 'require_rule_sensors'] as const

export type Extras = Record<(typeof SHARES)[number] | (typeof WHOLE)[number], string> &
  Record<(typeof CHECKS)[number], boolean> & { sanity: Sanity | null | 'unclear' }

/** The fields that say themselves what is wrong with them. */
export const EXTRA_FIELDS = [...SHARES, ...WHOLE, 'sanity'] as const

const DEFAULTS = { safe_value: 0, default_value: 0, min_value: 0, max_value: 1 } as const
const percentText = (share: number): string => String(Number((share * 100).toFixed(4)))
const text = (value: number | null | undefined): string => (value == null ? '' : String(value))

/** As a form starts with them: what has its default is empty. */
export function extrasOf(config: ActuatorConfig | undefined): Extras {
  const shares = SHARES.map((name) => {
    const share = config?.[name] ?? DEFAULTS[name]
    return [name, share === DEFAULTS[name] ? '' : percentText(share)]
  })
  return {
    ...(Object.fromEntries(shares) as Record<(typeof SHARES)[number], string>),
    ...{ pwm_frequency: text(config?.pwm_frequency), aux_gpio: text(config?.aux_gpio) },
    ...{ servo_min_pulse: text(config?.servo_min_pulse), servo_max_pulse: text(config?.servo_max_pulse) },
    ...{ inverted_logic: config?.inverted_logic ?? false, critical: config?.critical ?? false },
    require_rule_sensors: config?.require_rule_sensors ?? true,
    sanity: config?.sanity ?? null,
  }
}

/** As REST takes them; a value that nobody touched is not sent, for percent may have rounded it. Throws ApiError. */
export function extrasAsked(extras: Extras, start: Extras): Record<string, unknown> {
  const asked: Record<string, unknown> = {}
  for (const name of SHARES) {
    if (extras[name] === start[name]) continue
    const percent = numberIn(extras[name], name, [0, 100])
    asked[name] = percent === null ? null : Number((percent / 100).toFixed(6))
  }
  for (const name of WHOLE) if (extras[name] !== start[name]) asked[name] = numberIn(extras[name], name)
  for (const name of CHECKS) if (extras[name] !== start[name]) asked[name] = extras[name]
  if (extras.sanity === 'unclear') throw new ApiError(422, '', { sanity: t('device.sanity_unclear') })
  if (JSON.stringify(extras.sanity) !== JSON.stringify(start.sanity)) asked.sanity = extras.sanity
  return asked
}
