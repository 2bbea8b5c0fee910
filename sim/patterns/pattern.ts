/**
 * What a pattern is: how the value of a mock's sensor goes on, as one entry of a table. A pattern says what it may
 * be told and how it begins; clamping to the sensor's limits and rounding are the same for all and stand in
 * index.ts. What it needs to go on after a restart is plain JSON.
 */
import type { Static, TObject } from 'typebox'
import type { MockSensor } from '../../routing/contract/mock.js'
import type { Random } from '../random.js'
import type { World } from '../world.js'

/** What surrounds a sensor. */
export interface Around {
  readonly random: Random
  /** Of the zone the device is in. */
  readonly world: World
  /** The last value of another sensor of the same device, by its key; undefined when it has none yet. */
  readonly lastOf?: (key: string) => number | undefined
  /** Reads a recorded series; where it is missing, files cannot be used. Throws with a sentence. */
  readonly readSeries?: (file: string) => string
}

/** What goes on after a restart: plain JSON. */
export type Kept = Readonly<Record<string, number>>

/** A value on its way. */
export interface Course {
  /** The value at a moment, ms since 1970; each call is one measurement. */
  value(at: number): number
  snapshot?(): Kept
}

export interface Begin<T> {
  readonly sensor: MockSensor
  readonly parameters: T
  readonly around: Around
  readonly kept: Kept | undefined
}

export interface Pattern<T extends TObject = TObject> {
  /** As people choose it, in lower case. */
  readonly name: string
  readonly summary: string
  readonly parameters: T
  /** Where nobody says: ten below and above the base (protocol.md §9), or what the sensor type can measure. */
  readonly limits: 'around the base' | 'of the type'
  /** What its schema cannot say: a sentence when a sensor cannot have this pattern. */
  readonly refuse?: (sensor: MockSensor, parameters: Static<T>) => string | undefined
  readonly start: (begin: Begin<Static<T>>) => Course
}

/** Forgets which parameters an entry has, so that all fit in one table. */
export const pattern = <T extends TObject>(entry: Pattern<T>): Pattern => entry as unknown as Pattern

/** A bell curve around 0 with a standard deviation of 1: G. E. P. Box and M. E. Muller (1958). */
export const bell = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
