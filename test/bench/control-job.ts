/** What the generators of the benches of commands are told, and what they answer. */
import type { Quantiles } from './stats.js'
import type { Operator } from './subject.js'

/** Devices with pumps, before anything is measured. */
export interface GreenhouseJob {
  host: string
  mqttPort: number
  operator: Operator
  devices: number
  /** Of each device; a pump each. */
  gpios: readonly number[]
  /** What they report at first. */
  pumps: 'ON' | 'OFF'
}

export interface CommandJob extends GreenhouseJob {
  /** Commands per second of all operators together, at random moments. */
  rate: number
  warmupMs: number
  measureMs: number
}

export interface CommandOutcome {
  /** Accepted in the whole run, warm-up included. */
  accepted: number
  /** From the request to the command at the device, ms. */
  on: Quantiles
  off: Quantiles
  all: Quantiles
  /** From the request to its answer, ms. */
  answer: Quantiles
  /** Accepted, and never heard by the device. */
  lost: number
  /** Heard by a device, and not asked for. */
  strays: number
  /** What was answered to the first request that was refused. */
  refusal?: string
  refused: number
  /** CPU time of the generator itself in the window, as a share of one core. */
  load: number
}

export interface EmergencyJob extends GreenhouseJob {
  settleMs: number
  withinMs: number
}

/** Times since the request was written, ms. */
export interface EmergencyOutcome {
  answerMs: number
  /** The first device has the stop. */
  firstMs: number
  /** The last device has the stop. */
  stopMs: number
  /** The last device has the stop and an OFF for each of its pumps. */
  allMs: number
  /** Devices that never got all of it. */
  missing: number
  load: number
  /** From a moment before the stop to a moment after the last has it: what `Surroundings` are about. */
  windowMs: number
}
