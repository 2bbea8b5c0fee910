/** The options of a sensor's conversion, as the form has them: all of them text, empty where nothing is said. */
import { ApiError } from '../../api.js'
import { t } from '../../words/index.js'
import { number } from '../../words/times.js'
import { numberIn, type SensorConfig } from './device.js'

/** As `/sensors/types` lists them. */
export interface SensorOption {
  name: string
  kind: 'number' | 'yes' | 'choice'
  unit: string
  least?: number
  most?: number
  choices?: string[]
  default: number | string | null
}

type Params = SensorConfig['params']

export const paramsText = (params: Params | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(params ?? {})
      .filter(([, value]) => ['number', 'string', 'boolean'].includes(typeof value) && value !== false)
      .map(([name, value]) => [name, String(value)]),
  )

function optionIn({ name, kind, least, most }: SensorOption, text: string): unknown {
  if (kind === 'yes') return text === 'true' ? true : null
  if (kind === 'choice') return text === '' ? null : text
  const field = `params.${name}`
  const value = numberIn(text, field, most === undefined ? undefined : [least ?? -most, most])
  if (value !== null && least !== undefined && value < least)
    throw new ApiError(422, '', { [field]: t('device.at_least', { least: number(least, 3) }) })
  return value
}

/** What is to be stored: the options that are shown as they are typed, the others as they were. Throws ApiError. */
export function paramsAsked(
  options: readonly SensorOption[],
  before: Params | undefined,
  typed: Readonly<Record<string, string>>,
): Params {
  const params: Params = { ...before }
  for (const option of options) {
    const value = optionIn(option, typed[option.name] ?? '')
    const isUsual = option.kind === 'choice' && value === option.default
    if (value === null || isUsual) delete params[option.name]
    else params[option.name] = value
  }
  return params
}
