/**
 * The fields payloads are made of. Liberal in: an optional field may be missing or null, both mean "not
 * given". Strict about meaning: booleans are not numbers, numbers are finite, whatever is text is bounded.
 */
import Type, { type TSchema } from 'typebox'

/** May be missing or null; both mean "not given". */
export const given = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** A name devices choose freely (a sensor type, a hardware type): printable, bounded, no control characters. */
export const Name = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:/ -]{0,49}$',
  description: 'up to 50 letters, digits, _ . : / -',
})

export const EspId = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,50}$',
  description: 'device id, as in the topic',
})
export const Gpio = Type.Integer({ minimum: 0, maximum: 255 })
/** A whole number that fits an integer column. */
export const Count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description })
export const Counter = Count('a count')
export const Text = (maxLength: number) => Type.String({ maxLength })

/** Seconds or milliseconds since 1970: below 1e11 it is seconds. */
export const Timestamp = Type.Number({ description: 'seconds since 1970, or milliseconds when 1e11 or more' })

/** Signal strength as devices measure it. */
export const Rssi = Type.Integer({ minimum: -200, maximum: 200, description: 'dBm' })

/** Which boot it is: devices name it by a word or by a number. */
export const BootSequenceId = Type.Union([Text(64), Counter])
