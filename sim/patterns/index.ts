/**
 * The table of patterns, and what is the same for all: a sensor made whole and checked before it is kept, and a
 * course of values that stays within its limits, with two decimals. protocol.md §9
 */
import { MockSensor, mockSensor } from '../../routing/contract/mock.js'
import { rounded } from '../../routing/sensors/convert.js'
import { complaintOf, parametersOf } from '../checked.js'
import { library } from '../quantities.js'
import { constant } from './constant.js'
import { day } from './day.js'
import { drift } from './drift.js'
import { linked } from './linked.js'
import { noise } from './noise.js'
import type { Around, Course, Kept, Pattern } from './pattern.js'
import { random } from './random.js'
import { recorded } from './recorded.js'
import { step } from './step.js'

export type { Around, Course, Kept, Pattern } from './pattern.js'

export const patterns: readonly Pattern[] = [constant, random, drift, day, noise, step, linked, recorded]

export const PATTERN_NAMES: readonly string[] = patterns.map(({ name }) => name)

/** In any case. */
export const findPattern = (word: string): Pattern | undefined => {
  const wanted = word.trim().toLowerCase()
  return patterns.find(({ name }) => name === wanted)
}

/** Where neither people nor the registry know limits. */
const WIDE = 1e9
const BASE = 10

function limitsOf({ limits }: Pattern, sensor_type: string, base: number): readonly [number, number] {
  if (limits === 'around the base') return [base - BASE, base + BASE]
  return library.find(sensor_type)?.range ?? [-WIDE, WIDE]
}

/** A sensor as people describe it: what they leave out or set to null is filled in. */
export type SensorWish = {
  [field in keyof MockSensor]?: MockSensor[field] | null | undefined
} & Pick<MockSensor, 'gpio' | 'sensor_type'>

export interface Allowed {
  /** May a recorded series be a file? Only where whoever asks may read files anyway. */
  readonly files?: boolean
}

/**
 * A whole sensor: the pattern in lower case, the unit of the registry, limits of the pattern, the base value of the
 * type where none was given. A sentence that names the field when there can be no such sensor.
 */
export function completeSensor(wish: SensorWish, { files = false }: Allowed = {}): MockSensor | string {
  const { sensor_type } = wish
  const word = wish.variation_pattern ?? 'constant'
  const pattern = findPattern(word)
  if (!pattern) return `variation_pattern "${word}" is not known; it is one of ${PATTERN_NAMES.join(', ')}`
  const parameters = parametersOf(pattern.parameters, wish.parameters)
  if (typeof parameters === 'string') return parameters
  if ('file' in parameters && !files) return 'parameters.file cannot be used here; use parameters.series'

  const type = library.find(sensor_type)
  const base_value = wish.base_value ?? wish.raw_value ?? type?.mock ?? 0
  const [low, high] = limitsOf(pattern, sensor_type, base_value)
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value != null))
  const sensor = mockSensor({
    ...(given as SensorWish & Partial<MockSensor>),
    base_value,
    unit: wish.unit || (type?.unit ?? ''),
    variation_pattern: pattern.name,
    min_value: wish.min_value ?? low,
    max_value: wish.max_value ?? high,
  })
  const complaint = complaintOf(MockSensor, sensor, '')
  if (complaint) return complaint
  if (sensor.min_value > sensor.max_value)
    return `min_value ${sensor.min_value} is above max_value ${sensor.max_value}`
  return pattern.refuse?.(sensor, parameters) ?? sensor
}

/** Starts the values of a whole sensor; `kept` is what its snapshot said. Throws a sentence when it cannot be. */
export function startCourse(sensor: MockSensor, around: Around, kept?: Kept): Required<Course> {
  const pattern = findPattern(sensor.variation_pattern)
  if (!pattern) throw new Error(`variation_pattern "${sensor.variation_pattern}" is not known`)
  const parameters = parametersOf(pattern.parameters, sensor.parameters)
  if (typeof parameters === 'string') throw new Error(parameters)
  const course = pattern.start({ sensor, parameters, around, kept: usable(kept) })
  const { min_value, max_value } = sensor
  return {
    value: (at) => rounded(Math.min(max_value, Math.max(min_value, course.value(at))), 2),
    snapshot: () => course.snapshot?.() ?? {},
  }
}

/** What was kept by another version, or by hand, may hold anything. */
const usable = (kept: Kept | undefined): Kept | undefined =>
  kept && Object.values(kept).every(Number.isFinite) ? kept : undefined
