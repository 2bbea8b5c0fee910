/**
 * Items of a configuration as a device reads them: what cannot be is refused with the firmware's word for it.
 * Whether pins go together is looked at when all are read. protocol.md §2.7
 */
import { kindOf, maxRuntimeOf } from '../../routing/actuators/kinds.js'
import { boardOf, unusable } from '../../routing/configuration/boards.js'
import { type MockActuator, type MockSensor, mockActuator, mockSensor } from '../../routing/contract/mock.js'
import { library } from '../quantities.js'
import { type Message, numberIn, textIn } from './hearing.js'

export type Refusal =
  | 'MISSING_FIELD'
  | 'TYPE_MISMATCH'
  | 'OUT_OF_RANGE'
  | 'GPIO_CONFLICT'
  | 'VALIDATION_FAILED'

/** The numbers of the firmware's errors. */
const NUMBERS: Readonly<Record<Refusal, number>> = {
  MISSING_FIELD: 2014,
  TYPE_MISMATCH: 2014,
  OUT_OF_RANGE: 2014,
  GPIO_CONFLICT: 1002,
  VALIDATION_FAILED: 2014,
}

export interface Failure {
  readonly type: string
  readonly gpio: number | null
  readonly error_code: number
  readonly error: Refusal
  readonly detail: string
}

const isGpio = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255

export const failure = (type: string, item: unknown, error: Refusal, detail: string): Failure => {
  const gpio = (item as Message | null)?.gpio
  return { type, gpio: isGpio(gpio) ? gpio : null, error_code: NUMBERS[error], error, detail }
}

const BOARD = boardOf('ESP32_WROOM')!
/** The firmware's tables. protocol.md, appendix C */
export const MOST = { sensor: 20, actuator: 12 } as const

const TYPE = /^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,49}$/
/** What the firmware is told where there is no limit, ms. */
const NO_LIMIT = 2 ** 31 - 1

/** What both kinds have in common: a pin that can be used, and a type. */
function pinOf(
  item: unknown,
  type: 'sensor' | 'actuator',
): { gpio: number; word: string; item: Message } | Failure {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return failure(type, null, 'TYPE_MISMATCH', 'an item is no object')
  const message = item as Message
  const { gpio } = message
  // The docs have shorter names. protocol.md §13 #17
  const word = textIn(message, `${type}_type`) ?? textIn(message, 'type')
  if (gpio === undefined) return failure(type, item, 'MISSING_FIELD', 'gpio')
  if (!isGpio(gpio)) return failure(type, item, 'TYPE_MISMATCH', 'gpio')
  if (word === undefined) return failure(type, item, 'MISSING_FIELD', `${type}_type`)
  if (!TYPE.test(word)) return failure(type, item, 'VALIDATION_FAILED', `${type}_type`)
  const why = unusable(BOARD, gpio, type === 'sensor' ? 'read' : 'driven')
  return why ? failure(type, item, 'GPIO_CONFLICT', `GPIO ${gpio} ${why}`) : { gpio, word, item: message }
}

function intervalOf(item: Message): number {
  const seconds =
    numberIn(item, 'sample_interval_ms') ?? (numberIn(item, 'measurement_interval_seconds') ?? 30) * 1000
  return Math.min(3600, Math.max(1, seconds / 1000))
}

function addressOf(item: Message): string | null {
  const onewire = textIn(item, 'onewire_address')
  if (onewire) return onewire.slice(0, 32)
  const i2c = numberIn(item, 'i2c_address')
  return i2c === undefined ? null : `0x${i2c.toString(16)}`
}

const nameOf = (item: Message, type: string): string | null =>
  (textIn(item, `${type}_name`) ?? textIn(item, 'name') ?? null)?.slice(0, 100) ?? null

/** A sensor it is told to have: it measures what such a sensor usually does. */
export function sensorOf(given: unknown): MockSensor | Failure {
  const pin = pinOf(given, 'sensor')
  if ('error' in pin) return pin
  const { item, gpio, word } = pin
  const type = library.find(word)
  return mockSensor({
    gpio,
    sensor_type: word,
    name: nameOf(item, 'sensor'),
    subzone_id: textIn(item, 'subzone_id') ?? null,
    base_value: type?.mock ?? 0,
    unit: type?.unit ?? '',
    interval_seconds: intervalOf(item),
    raw_mode: item.raw_mode !== false,
    address: addressOf(item),
  })
}

/** An actuator it is told to have. */
export function actuatorOf(given: unknown): MockActuator | Failure {
  const pin = pinOf(given, 'actuator')
  if ('error' in pin) return pin
  const { item, gpio, word } = pin
  const longest = numberIn(item, 'max_runtime_ms')
  const pwm = numberIn(item, 'default_pwm') ?? 0
  return mockActuator({
    gpio,
    actuator_type: word,
    name: nameOf(item, 'actuator'),
    state: item.default_state === true,
    pwm_value: Math.min(1, Math.max(0, pwm / 255)),
    max_runtime:
      longest === undefined
        ? maxRuntimeOf(kindOf(word), undefined)
        : longest >= NO_LIMIT
          ? 0
          : Math.max(0, longest / 1000),
  })
}
