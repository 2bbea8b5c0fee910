/**
 * What a fault is: one entry of a table that says what it may be told and how it sets to work on one device. A fault
 * touches a device at five places only: the messages it says, its clock, what its sensors measure, what it reports
 * of its actuators, and its power and line. It never reaches into the firmware.
 */
import type { Static, TObject } from 'typebox'
import type { MockSensor } from '../../routing/contract/mock.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'

/** Something that the device says. */
export interface Spoken {
  readonly topic: string
  readonly payload: string
  readonly qos: 0 | 1
  readonly retain: boolean
}

/** On its way out; `delay_ms` from now. */
export interface Sending extends Spoken {
  readonly delay_ms: number
}

/** What the device thinks that time it is. */
export interface DeviceTime {
  /** ms since 1970 */
  readonly ms: number
  /** Whether it believes so itself: `time_valid`. */
  readonly valid: boolean
}

/** What a fault may do to its device. */
export interface Afflicted {
  readonly clock: Clock
  readonly random: Random
  /** The power fails: gone without a word, all outputs fall. It boots again after so long. */
  fail(reset_reason: string, off_ms: number): void
  /** Neither says nor hears anything, while the connection stands; false: the line breaks, and it comes back. */
  hang(hangs: boolean): void
  /** Reads so many bytes a second; undefined: as fast as they come. */
  read(bytes_per_second: number | undefined): void
  /** Whether any output is on. */
  isOn(): boolean
}

/** A fault at work. What it does not touch it leaves out. */
export interface Affliction {
  send?(messages: readonly Sending[]): readonly Sending[]
  time?(time: DeviceTime): DeviceTime
  measure?(key: string, sensor: MockSensor, value: number): number
  /** What is said that an actuator is at, 0–1. */
  report?(gpio: number, value: number): number
  /** An output has another value. */
  switched?(): void
  /** The device is itself again. */
  end?(): void
}

export interface FaultKind<T extends TObject = TObject> {
  /** As people choose it, in lower case. */
  readonly name: string
  readonly summary: string
  readonly parameters: T
  readonly begin: (device: Afflicted, parameters: Static<T>) => Affliction
}

/** Forgets which parameters an entry has, so that all fit in one table. */
export const fault = <T extends TObject>(entry: FaultKind<T>): FaultKind => entry as unknown as FaultKind
