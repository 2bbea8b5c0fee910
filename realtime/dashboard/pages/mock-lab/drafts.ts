/**
 * What people write into the forms of the lab, as text, and what REST is asked from it: an empty text is left out,
 * so that the server fills in what is usual; what is wrong it says by itself.
 */
import type { MockActuator, MockSensor } from '../../../../routing/contract/mock.js'
import { type ParameterSchema, type SensorState, translated } from './mocks.js'

export type Texts = Record<string, string>

const FIELDS = ['base_value', 'variation_range', 'min_value', 'max_value', 'interval_seconds'] as const

export interface SensorDraft {
  gpio: string
  sensor_type: string
  name: string
  variation_pattern: string
  numbers: Record<(typeof FIELDS)[number], string>
  parameters: Texts
  /** What a form does not show and is to stay. */
  readonly rest: object
}

export interface ActuatorDraft {
  gpio: string
  actuator_type: string
  name: string
}

/** Pins of the usual board that are free for anything, in the order in which they are offered. */
const SENSOR_PINS = ['4', '5', '13', '14', '16', '17', '18', '19', '21', '22', '23', '32', '33', '34', '35']
const ACTUATOR_PINS = ['25', '26', '27', '33', '32', '23', '19', '18']

/** On a pin that none of the others has. */
export const newSensor = (others: readonly { gpio: string }[] = []): SensorDraft => ({
  gpio: freeOf(SENSOR_PINS, others),
  sensor_type: 'ds18b20',
  name: '',
  variation_pattern: 'constant',
  numbers: { base_value: '', variation_range: '', min_value: '', max_value: '', interval_seconds: '' },
  parameters: {},
  rest: {},
})

export const newActuator = (others: readonly { gpio: string }[] = []): ActuatorDraft => ({
  gpio: freeOf(ACTUATOR_PINS, others),
  actuator_type: 'pump',
  name: '',
})

function freeOf(pins: readonly string[], others: readonly { gpio: string }[]): string {
  const taken = new Set(others.map(({ gpio }) => gpio))
  return pins.find((pin) => !taken.has(pin)) ?? ''
}

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value) && value.every((one) => typeof one === 'number')) return value.join(' ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export const textsOf = (parameters: Readonly<Record<string, unknown>> | null | undefined): Texts =>
  Object.fromEntries(Object.entries(parameters ?? {}).map(([name, value]) => [name, textOf(value)]))

/** A sensor that is there, to be changed. */
export function draftOf(sensor: MockSensor | SensorState): SensorDraft {
  const { gpio, sensor_type, name, variation_pattern, parameters, address, subzone_id, unit, raw_mode } =
    sensor
  return {
    gpio: String(gpio),
    sensor_type,
    name: translated(name),
    variation_pattern,
    numbers: Object.fromEntries(
      FIELDS.map((field) => [field, String(sensor[field])]),
    ) as SensorDraft['numbers'],
    parameters: textsOf(parameters),
    rest: { address, subzone_id, unit, raw_mode },
  }
}

export const actuatorDraftOf = ({ gpio, actuator_type, name }: MockActuator): ActuatorDraft => ({
  gpio: String(gpio),
  actuator_type,
  name: translated(name),
})

/** What is written where a number should be goes to the server as it is, which says what is allowed. */
const numberIn = (text: string): number | string => (Number.isNaN(Number(text)) ? text : Number(text))

function valueIn(text: string, { type, items, enum: words }: ParameterSchema): unknown {
  if (type === 'number' || type === 'integer') return numberIn(text)
  if (type === 'boolean') return text === 'true'
  if (type === 'array' && items?.type === 'number')
    return text
      .split(/[\s;]+/)
      .filter(Boolean)
      .map(numberIn)
  if (type === 'array') return parsed(text)
  return words?.find((word) => String(word) === text) ?? text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The parameters of a pattern or a fault; those that another one had are left behind. */
export const parametersIn = (
  texts: Texts,
  schemas: Readonly<Record<string, ParameterSchema>>,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => (texts[name] ?? '').trim() !== '')
      .map(([name, schema]) => [name, valueIn(texts[name]!.trim(), schema)]),
  )

export function sensorWish(draft: SensorDraft, schemas: Readonly<Record<string, ParameterSchema>>): object {
  const { gpio, sensor_type, name, variation_pattern, numbers, parameters, rest } = draft
  const given = Object.entries(numbers).filter(([, text]) => text.trim() !== '')
  return {
    ...rest,
    gpio: numberIn(gpio),
    sensor_type: sensor_type.trim(),
    name: name.trim(),
    variation_pattern,
    ...Object.fromEntries(given.map(([field, text]) => [field, numberIn(text)])),
    parameters: parametersIn(parameters, schemas),
  }
}

export const actuatorWish = ({ gpio, actuator_type, name }: ActuatorDraft): object => ({
  gpio: numberIn(gpio),
  actuator_type: actuator_type.trim(),
  name: name.trim(),
})
