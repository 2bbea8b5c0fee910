/**
 * Everything that is wrong with one device: faults come and go, at a time of the mock's clock or when somebody says
 * so, and what the device says, measures and reports goes through all that are at work. A device without faults
 * pays for none.
 */
import type { MockFault, MockSensor } from '../../routing/contract/mock.js'
import { parametersOf } from '../checked.js'
import type { Timer } from '../clock.js'
import type { Afflicted, Affliction, DeviceTime, Sending, Spoken } from './fault.js'
import { findFault } from './index.js'

interface AtWork {
  readonly fault: MockFault
  readonly affliction: Affliction
  readonly timer: Timer | undefined
}

export class Afflictions {
  readonly #device: Afflicted
  #atWork: AtWork[] = []
  #coming: Timer[] = []

  constructor(device: Afflicted) {
    this.#device = device
  }

  /** Whether anything is wrong. */
  get any(): boolean {
    return this.#atWork.length > 0
  }

  /** What is wrong now. */
  get active(): MockFault[] {
    return this.#atWork.map(({ fault }) => fault)
  }

  /** Faults and scripts: each sets in at its time from now, and ends after its time. Throws a sentence. */
  begin(faults: readonly MockFault[]): void {
    for (const fault of faults) {
      if (!fault.at) this.inject(fault)
      else this.#coming.push(this.#device.clock.after(fault.at * 1_000, () => this.inject(fault)))
    }
  }

  /** A fault sets in now; one of the same name is replaced. Throws a sentence when there is none such. */
  inject(fault: MockFault): void {
    const kind = findFault(fault.fault)
    if (!kind) throw new Error(`fault "${fault.fault}" is not known`)
    const parameters = parametersOf(kind.parameters, fault.parameters)
    if (typeof parameters === 'string') throw new Error(parameters)
    this.heal(kind.name)
    const timer = fault.for
      ? this.#device.clock.after(fault.for * 1_000, () => this.heal(kind.name))
      : undefined
    this.#atWork.push({ fault, timer, affliction: kind.begin(this.#device, parameters) })
  }

  /** One of them ends, or all; true when there was one. What is still to come comes. */
  heal(word?: string): boolean {
    const name = word === undefined ? undefined : findFault(word)?.name
    const isMeant = ({ fault }: AtWork): boolean =>
      word === undefined || findFault(fault.fault)?.name === name
    const ended = this.#atWork.filter(isMeant)
    this.#atWork = this.#atWork.filter((one) => !isMeant(one))
    for (const { timer, affliction } of ended) {
      timer?.stop()
      affliction.end?.()
    }
    return ended.length > 0
  }

  /** Nothing is wrong, and nothing will be. */
  stop(): void {
    for (const timer of this.#coming) timer.stop()
    this.#coming = []
    this.heal()
  }

  /** What becomes of a message: none, one or several, now or later. */
  send(message: Spoken): readonly Sending[] {
    let sent: readonly Sending[] = [{ ...message, delay_ms: 0 }]
    for (const { affliction } of this.#atWork) sent = affliction.send?.(sent) ?? sent
    return sent
  }

  time(now: number): DeviceTime {
    let time: DeviceTime = { ms: now, valid: true }
    for (const { affliction } of this.#atWork) time = affliction.time?.(time) ?? time
    return time
  }

  measure(key: string, sensor: MockSensor, value: number): number {
    let measured = value
    for (const { affliction } of this.#atWork)
      measured = affliction.measure?.(key, sensor, measured) ?? measured
    return measured
  }

  report(gpio: number, value: number): number {
    let said = value
    for (const { affliction } of this.#atWork) said = affliction.report?.(gpio, said) ?? said
    return said
  }

  switched(): void {
    for (const { affliction } of this.#atWork) affliction.switched?.()
  }
}
