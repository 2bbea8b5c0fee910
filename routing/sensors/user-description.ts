/**
 * What the default export of a user's module must be, as a table of fields: what is allowed in each, and what
 * stands for one that is left out. Copies plain values only, so that what a module keeps changing, computes or
 * hides in an object of its own never reaches anybody else.
 */
import type { CalibrationMethod, Quantity, SensorTypeDescription } from './sensor-type.js'

/** A module that may be used. */
export interface UserModule {
  readonly description: SensorTypeDescription
  /** Called as the module wrote it; what it answers is anything at all until user-answer.ts looked at it. */
  readonly convert: (native: number, conversion: object) => unknown
  readonly simulate: ((value: number) => unknown) | undefined
}

type Fields = { -readonly [K in keyof SensorTypeDescription]?: SensorTypeDescription[K] }

interface Field<T> {
  /** Ends the sentence "… must be". */
  readonly allowed: string
  /** The clean copy; undefined for what is not allowed. `before` holds the fields above it in the table. */
  readonly read: (given: unknown, before: Fields) => T | undefined
  /** What stands for a field that is left out; without it the field is required. */
  readonly otherwise?: (before: Fields, file: string) => T
}

const QUANTITIES: readonly Quantity[] = [
  'air_temperature',
  'relative_humidity',
  'illuminance',
  'ppfd',
  'water_temperature',
  'other',
]
const METHODS: readonly CalibrationMethod[] = ['offset', 'linear', 'dry_wet', 'factor']
const NAME = /^[a-z0-9][a-z0-9_.-]{0,49}$/
const NAMES = '1 to 50 of the characters a–z, 0–9, "_", "." and "-", the first a letter or a digit'
const ALIASES = 16
const UNBOUNDED = 1e9
const DAY_S = 86_400

const object = (given: unknown): Record<string, unknown> | undefined =>
  typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : undefined

/** Types are the same in any case (protocol.md §7.2), so a name may be written in any. */
const typeName = (given: unknown): string | undefined => {
  const name = typeof given === 'string' && given.length <= 50 ? given.toLowerCase() : ''
  return NAME.test(name) ? name : undefined
}

const text =
  (shortest: number, longest: number) =>
  (given: unknown): string | undefined =>
    typeof given === 'string' &&
    given.length >= shortest &&
    given.length <= longest &&
    !/[\u0000-\u001f\u007f\ud800-\udfff]/u.test(given)
      ? given
      : undefined

const number =
  (low: number, high: number) =>
  (given: unknown): number | undefined =>
    typeof given === 'number' && given >= low && given <= high ? given : undefined

const whole =
  (low: number, high: number) =>
  (given: unknown): number | undefined =>
    Number.isInteger(given) ? number(low, high)(given) : undefined

const orNull =
  <T>(read: (given: unknown) => T | undefined) =>
  (given: unknown): T | null | undefined =>
    given === null ? null : read(given)

const oneOf =
  <T extends string>(words: readonly T[]) =>
  (given: unknown): T | undefined =>
    words.find((word) => word === given)

const limits = (given: unknown): readonly [number, number] | undefined => {
  if (!Array.isArray(given) || given.length !== 2) return undefined
  const [low, high] = [Number.isFinite(given[0]), Number.isFinite(given[1])]
  return low && high && given[0] < given[1] ? [given[0], given[1]] : undefined
}

const names = (given: unknown): string[] | undefined => {
  if (!Array.isArray(given) || given.length > ALIASES) return undefined
  const clean = Array.from(given, typeName)
  return clean.every((name) => name !== undefined) ? [...new Set(clean)] : undefined
}

const title = (given: unknown): { en: string; de: string } | undefined => {
  const words = text(1, 80)
  const [en, de] = [words(object(given)?.en ?? given), words(object(given)?.de ?? object(given)?.en ?? given)]
  return en === undefined || de === undefined ? undefined : { en, de }
}

const native = (given: unknown): SensorTypeDescription['native'] | undefined => {
  const { unit = '', range = [-UNBOUNDED, UNBOUNDED], signed, whole } = object(given) ?? { unit: null }
  const [clean, between] = [text(0, 20)(unit), limits(range)]
  if (clean === undefined || between === undefined) return undefined
  if (signed !== undefined && signed !== 16 && signed !== 24) return undefined
  if (whole !== undefined && whole !== true) return undefined
  return { unit: clean, range: between, ...(signed && { signed }), ...(whole && { whole }) }
}

const FIELDS: { readonly [K in keyof SensorTypeDescription]: Field<SensorTypeDescription[K]> } = {
  type: { allowed: NAMES, read: typeName },
  aliases: {
    allowed: `a list of at most ${ALIASES} names of ${NAMES}`,
    read: names,
    otherwise: () => [],
  },
  name: {
    allowed: 'a text of 1 to 80 characters, or { en, de } of two',
    read: title,
    otherwise: ({ type }) => ({ en: type!, de: type! }),
  },
  unit: { allowed: 'a text of at most 20 characters, "" for a bare number', read: text(0, 20) },
  decimals: { allowed: 'a whole number from 0 to 6', read: whole(0, 6), otherwise: () => 2 },
  quantity: { allowed: `one of ${QUANTITIES.join(', ')}`, read: oneOf(QUANTITIES), otherwise: () => 'other' },
  range: {
    allowed: '[low, high], two finite numbers with low < high',
    read: limits,
    otherwise: () => [-UNBOUNDED, UNBOUNDED],
  },
  native: {
    allowed: '{ unit, range: [low, high], signed: 16 or 24, whole: true }, each of which may be left out',
    read: native,
    otherwise: () => ({ unit: '', range: [-UNBOUNDED, UNBOUNDED] }),
  },
  calibration: {
    allowed: `one of ${METHODS.join(', ')}, or null`,
    read: orNull(oneOf(METHODS)),
    otherwise: () => null,
  },
  calibration_days: {
    allowed: 'a number of days from 1 to 3650, or null',
    read: orNull(number(1, 3650)),
    otherwise: () => null,
  },
  mock: {
    allowed: 'a number within the range',
    read: (given, { range }) => number(range![0], range![1])(given),
    // The number next to 0 that it can be.
    otherwise: ({ range }) => Math.min(Math.max(0, range![0]), range![1]),
  },
  interval_s: {
    allowed: `seconds from 0 to ${DAY_S}, 0 for measured on demand`,
    read: number(0, DAY_S),
    otherwise: () => 30,
  },
  stale_s: {
    allowed: `seconds from 0 to ${7 * DAY_S}, 0 for never stale`,
    read: number(0, 7 * DAY_S),
    otherwise: ({ interval_s }) => (interval_s === 0 ? 0 : Math.max(180, 3 * interval_s!)),
  },
  stuck_ms: {
    allowed: 'ms from 1000, or null where standing still is normal',
    read: orNull(number(1000, Number.MAX_SAFE_INTEGER)),
    otherwise: () => null,
  },
  source: {
    allowed: 'a text of at most 300 characters',
    read: text(0, 300),
    otherwise: (_before, file) => `user module ${file}`,
  },
}

/** A value in a sentence: short, and without calling anything of it. */
export const shown = (value: unknown): string => {
  if (typeof value === 'string')
    return value.length > 60 ? `a text of ${value.length} characters` : JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value == null) return String(value)
  if (value instanceof Promise) return 'a promise'
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** What the export says, checked; a sentence names the first field that is wrong and what is allowed there. */
export function readModule(exported: unknown, file: string): UserModule | string {
  const given = object(exported)
  if (!given || Array.isArray(exported))
    return `the default export is ${shown(exported)}; it must be an object { type, unit, convert, … }`
  const description: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(FIELDS) as [string, Field<unknown>][]) {
    const value = given[name]
    if (value === undefined && field.otherwise) {
      description[name] = field.otherwise(description, file)
      continue
    }
    const clean = field.read(value, description)
    if (clean === undefined)
      return `${name} is ${value === undefined ? 'missing' : shown(value)}; it must be ${field.allowed}`
    description[name] = clean
  }
  const { convert, simulate } = given
  if (typeof convert !== 'function')
    return `convert is ${convert === undefined ? 'missing' : shown(convert)}; it must be a function (native, { calibration, params, temperature }) => number, null or { value, quality }`
  if (simulate !== undefined && typeof simulate !== 'function')
    return `simulate is ${shown(simulate)}; it must be a function (value) => number, or left out`
  return {
    description: description as unknown as SensorTypeDescription,
    // As methods, so that `this` is the module's object.
    convert: (native, conversion) => convert.call(given, native, conversion),
    simulate: simulate && ((value) => simulate.call(given, value)),
  }
}
