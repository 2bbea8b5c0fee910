/**
 * A mock device: firmware without hardware, on a real MQTT connection. It does what an ESP32 does, hears what one
 * hears, and nothing in kaiser knows that it is none. What it is made of is its config, what it is at is its state;
 * both are plain JSON, and from both it goes on after a restart as if nothing had been.
 */
import { LOCAL } from '../routing/contract/actuator-payloads.js'
import {
  type MockActuator,
  type MockFault,
  type MockSensor,
  mockActuator,
  sensorKey,
} from '../routing/contract/mock.js'
import { fromDevice } from '../routing/contract/topics.js'
import { said } from './board.js'
import { completeFault, findFault } from './faults/index.js'
import { Firmware } from './firmware/firmware.js'
import type { ActuatorWish, Mock, MockOptions, ValueWish } from './mock.js'

export type { Mock, MockOptions } from './mock.js'

/** Does nothing yet: `start` does. */
export const createMock = (options: MockOptions): Mock => new Device(options)

/** What can be done to it by hand. */
class Device extends Firmware implements Mock {
  get counts() {
    return this.connection.counts
  }
  get pending(): number {
    return this.connection.pending
  }
  get messages() {
    return this.heard.list()
  }
  clearMessages(): void {
    this.heard.clear()
  }

  drop(): void {
    this.connection.drop()
  }

  get afflictions(): readonly MockFault[] {
    return this.faults.active
  }

  inject(fault: MockFault): void {
    const whole = completeFault(fault)
    if (typeof whole === 'string') throw new Error(whole)
    this.config.faults = [...this.config.faults.filter((one) => one.fault !== whole.fault), whole]
    if (this.on) this.faults.begin([whole])
  }

  heal(word?: string): boolean {
    const name = word === undefined ? undefined : findFault(word)?.name
    const left = word === undefined ? [] : this.config.faults.filter(({ fault }) => fault !== name)
    const known = left.length < this.config.faults.length
    this.config.faults = left
    return this.faults.heal(word) || known
  }

  setAutoHeartbeat(enabled: boolean, interval_seconds?: number): void {
    this.config.auto_heartbeat = enabled
    if (interval_seconds !== undefined) this.config.heartbeat_interval = interval_seconds
    if (!this.on) return
    this.beatRegularly()
    if (enabled && this.up) this.beat()
  }

  setState(system_state: string, reason: string): string {
    const before = this.state.system_state
    this.become(system_state, reason)
    this.beat()
    return before
  }

  addSensor(sensor: MockSensor, quiet = false): void {
    const key = sensorKey(sensor)
    const before = this.config.sensors[key]
    this.config.sensors[key] = sensor
    try {
      this.sensors.renew(key)
    } catch (error) {
      // A pattern that cannot begin leaves everything as it was.
      if (before) this.config.sensors[key] = before
      else delete this.config.sensors[key]
      this.sensors.renew(key)
      throw error
    }
    delete this.config.manual_overrides[key]
    if (!quiet) this.sensors.measure(key)
  }

  removeSensor(key: string): boolean {
    const { config, state } = this
    const known = Object.hasOwn(config.sensors, key) || Object.hasOwn(state.pushed.sensors ?? {}, key)
    if (!known) return false
    delete config.sensors[key]
    delete config.manual_overrides[key]
    if (state.pushed.sensors) delete state.pushed.sensors[key]
    this.sensors.renew(key)
    this.changed()
    return true
  }

  setValue(key: string, { raw_value, quality, publish = true }: ValueWish): boolean {
    if (!this.sensors.entries().some(([one]) => one === key)) return false
    this.config.manual_overrides[key] = { raw_value, ...(quality && { quality }) }
    if (publish) this.sensors.measure(key)
    return true
  }

  clearValue(key: string): boolean {
    const known = Object.hasOwn(this.config.manual_overrides, key)
    delete this.config.manual_overrides[key]
    return known
  }

  addActuator(actuator: MockActuator): void {
    const { gpio } = actuator
    this.config.actuators[gpio] = mockActuator(actuator)
    delete this.state.outputs[gpio]
    this.outputs.renew(gpio)
    this.changed()
    this.outputs.status(gpio)
  }

  removeActuator(gpio: number): boolean {
    if (!this.outputs.find(gpio)) return false
    this.outputs.set(gpio, { value: 0, command: 'REMOVED' })
    delete this.config.actuators[gpio]
    if (this.state.pushed.actuators) delete this.state.pushed.actuators[gpio]
    this.outputs.renew(gpio)
    this.changed()
    return true
  }

  setActuator(gpio: number, { state, pwm_value, publish = true }: ActuatorWish): string | undefined {
    const actuator = this.outputs.find(gpio)
    const value = state ? pwm_value || (actuator?.max_value ?? 1) : 0
    const refused =
      actuator && !state && this.state.emergency === null ? undefined : this.outputs.refusal(gpio)
    if (refused) return refused
    const command = !state ? 'OFF' : value < 1 ? 'PWM' : 'ON'
    this.outputs.set(gpio, { value, command, quiet: !publish })
    if (publish)
      this.say(
        fromDevice.actuatorResponse,
        { gpio },
        {
          ...{ ...said(this), gpio, command, value, success: true, message: 'Set by hand', duration: 0 },
          issued_by: LOCAL,
        },
      )
    return undefined
  }

  emergencyStop(reason: string): number {
    return this.outputs.emergencyStop(reason)
  }

  clearEmergency(): void {
    this.outputs.clearEmergency()
  }
}
