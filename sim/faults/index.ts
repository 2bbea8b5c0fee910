/** The table of faults, and a fault that people describe checked before it is kept. */
import { MockFault } from '../../routing/contract/mock.js'
import { complaintOf, parametersOf } from '../checked.js'
import { brownOut } from './brown-out.js'
import { delay } from './delay.js'
import { drop } from './drop.js'
import { duplicate } from './duplicate.js'
import type { FaultKind } from './fault.js'
import { halfOpen } from './half-open.js'
import { liar } from './liar.js'
import { notANumber } from './not-a-number.js'
import { powerOnValue } from './power-on-value.js'
import { rebootLoop } from './reboot-loop.js'
import { reorder } from './reorder.js'
import { slowReader } from './slow-reader.js'
import { stuck } from './stuck.js'
import { wrongClock } from './wrong-clock.js'

export type { Afflicted, Affliction, DeviceTime, FaultKind, Sending, Spoken } from './fault.js'

export const faults: readonly FaultKind[] = [
  drop,
  delay,
  duplicate,
  reorder,
  wrongClock,
  stuck,
  powerOnValue,
  notANumber,
  rebootLoop,
  halfOpen,
  slowReader,
  brownOut,
  liar,
]

export const FAULT_NAMES: readonly string[] = faults.map(({ name }) => name)

/** In any case, with `-` or blanks for `_`. */
export const findFault = (word: string): FaultKind | undefined => {
  const wanted = word.trim().toLowerCase().replace(/[- ]/g, '_')
  return faults.find(({ name }) => name === wanted)
}

/** A whole fault as it is kept; a sentence that names the field when there is none such. */
export function completeFault(wish: unknown): MockFault | string {
  if (typeof wish !== 'object' || wish === null || Array.isArray(wish)) return 'a fault must be an object'
  const { fault: word } = wish as { fault?: unknown }
  if (typeof word !== 'string') return `fault is missing; it is one of ${FAULT_NAMES.join(', ')}`
  const kind = findFault(word)
  if (!kind) return `fault "${word.slice(0, 40)}" is not known; it is one of ${FAULT_NAMES.join(', ')}`
  const known = Object.keys(MockFault.properties)
  const unknown = Object.keys(wish).find((field) => !known.includes(field))
  if (unknown !== undefined) return `${unknown} is not known; allowed are ${known.join(', ')}`
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== null))
  const parameters = parametersOf(kind.parameters, given.parameters)
  if (typeof parameters === 'string') return parameters
  const whole = { ...given, fault: kind.name, parameters }
  return complaintOf(MockFault, whole, '') ?? (whole as MockFault)
}

/** Throws a sentence when one of them cannot be. */
export function checkFaults(faults: readonly MockFault[]): void {
  for (const fault of faults) {
    const whole = completeFault(fault)
    if (typeof whole === 'string') throw new Error(whole)
  }
}
