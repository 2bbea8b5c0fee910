/** What people do to the mocks of a fleet: their sensors, actuators, states, values and faults, and what they said. */
import { type MockFault, sensorKey } from '../../routing/contract/mock.js'
import { RequestRefused } from '../../routing/request-refused.js'
import { findFault } from '../faults/index.js'
import type { ActuatorWish, ValueWish } from '../mock.js'
import type { SensorWish } from '../patterns/index.js'
import { kinds } from './kinds.js'
import { Members } from './members.js'
import { checkActuatorPin, checkSensorPin, replacedBy, sensorAt, sensorsAt, type Which } from './pins.js'
import { actuatorViews, sensorView } from './view.js'
import { type ActuatorSpec, actuatorOf, faultOf, sensorOf } from './wishes.js'

export class ByHand extends Members {
  /** What mocks can be made of. */
  kinds = kinds

  heartbeat(esp_id: string): { published: boolean; payload: Record<string, unknown> | undefined } {
    const { mock, running } = this.held(esp_id)
    if (!running || !mock.up) return { published: false, payload: undefined }
    return mock.heartbeat()
  }

  /** The state before. */
  async setState(esp_id: string, state: string, reason: string): Promise<string> {
    const { mock, running } = this.held(esp_id)
    if (!running) throw new RequestRefused('request_refused', `${esp_id} does not run: start it first`)
    const before = mock.setState(state, reason)
    await this.settled(esp_id)
    return before
  }

  setAutoHeartbeat(esp_id: string, enabled: boolean, interval_seconds: number | undefined): Promise<void> {
    return this.change(
      esp_id,
      (config) => {
        config.auto_heartbeat = enabled
        if (interval_seconds !== undefined) config.heartbeat_interval = interval_seconds
      },
      (mock) => mock.setAutoHeartbeat(enabled, interval_seconds),
    )
  }

  /** In the place of what was on its pin, unless they share it; says one reading. */
  addSensor(esp_id: string, wish: SensorWish) {
    const { library } = this.options
    const sensor = sensorOf(wish, library)
    const key = sensorKey(sensor)
    return this.change(
      esp_id,
      (config) => {
        checkSensorPin(config.actuators, sensor.gpio)
        const replaced = replacedBy(config, sensor, library)
        for (const one of [...replaced, key]) {
          delete config.sensors[one]
          delete config.manual_overrides[one]
        }
        config.sensors[key] = sensor
        return replaced
      },
      (mock, replaced) => {
        for (const one of replaced) if (one !== key) mock.removeSensor(one)
        mock.addSensor(structuredClone(sensor))
        return sensorView(mock, [key, sensor])
      },
    )
  }

  /** All of its pin, or the one of a type; their types. */
  removeSensor(esp_id: string, which: Which): Promise<string[]> {
    const keys = sensorsAt(this.held(esp_id).mock.sensors.entries(), which, this.options.library)
    return this.change(
      esp_id,
      (config) => {
        for (const [key] of keys) {
          delete config.sensors[key]
          delete config.manual_overrides[key]
        }
      },
      (mock) => {
        for (const [key] of keys) mock.removeSensor(key)
        return keys.map(([, sensor]) => sensor.sensor_type)
      },
    )
  }

  /** Each holds until it is cleared; all of them, or none. */
  setValues(esp_id: string, values: readonly (Which & ValueWish)[]) {
    const entries = this.held(esp_id).mock.sensors.entries()
    const found = values.map((value) => ({ value, entry: sensorAt(entries, value, this.options.library) }))
    return this.change(
      esp_id,
      (config) => {
        for (const { value, entry } of found) {
          const { raw_value, quality } = value
          config.manual_overrides[entry[0]] = { raw_value, ...(quality && { quality }) }
        }
      },
      (mock) =>
        found.map(({ value, entry }) => {
          mock.setValue(entry[0], value)
          return sensorView(mock, entry)
        }),
    )
  }

  /** Its pattern goes on. False when nothing was set. */
  clearValue(esp_id: string, which: Which) {
    const entry = sensorAt(this.held(esp_id).mock.sensors.entries(), which, this.options.library)
    return this.change(
      esp_id,
      (config) => void delete config.manual_overrides[entry[0]],
      (mock) => ({ cleared: mock.clearValue(entry[0]), sensor: sensorView(mock, entry) }),
    )
  }

  addActuator(esp_id: string, wish: ActuatorSpec) {
    const actuator = actuatorOf(wish)
    const { gpio } = actuator
    return this.change(
      esp_id,
      (config) => {
        checkActuatorPin(config.sensors, gpio)
        config.actuators[gpio] = actuator
      },
      (mock) => {
        mock.addActuator(structuredClone(actuator))
        return actuatorViews(mock).find((one) => one.gpio === gpio)!
      },
    )
  }

  async removeActuator(esp_id: string, gpio: number): Promise<void> {
    this.actuator(esp_id, gpio)
    await this.change(
      esp_id,
      (config) => void delete config.actuators[gpio],
      (mock) => void mock.removeActuator(gpio),
    )
  }

  /** Why not; undefined when it was done. */
  async setActuator(esp_id: string, gpio: number, wish: ActuatorWish) {
    const mock = this.actuator(esp_id, gpio)
    const refused = mock.setActuator(gpio, wish)
    await this.settled(esp_id)
    return { refused, actuator: actuatorViews(mock).find((one) => one.gpio === gpio)! }
  }

  /** How many were stopped. */
  async emergencyStop(esp_id: string, reason: string): Promise<number> {
    const stopped = this.held(esp_id).mock.emergencyStop(reason)
    await this.settled(esp_id)
    return stopped
  }

  /** Its own stop ends; one that kaiser holds does not. */
  async clearEmergency(esp_id: string): Promise<void> {
    this.held(esp_id).mock.clearEmergency()
    await this.settled(esp_id)
  }

  /** In the place of the one of this name. */
  async inject(esp_id: string, wish: unknown): Promise<MockFault> {
    const fault = faultOf(wish)
    return this.change(
      esp_id,
      (config) => {
        config.faults = [...config.faults.filter((one) => one.fault !== fault.fault), fault]
      },
      (mock) => {
        mock.inject(structuredClone(fault))
        return fault
      },
    )
  }

  /** One of them, or all. False when there was none. */
  heal(esp_id: string, word?: string): Promise<boolean> {
    const name = word === undefined ? undefined : (findFault(word)?.name ?? word)
    return this.change(
      esp_id,
      (config) => {
        config.faults = name === undefined ? [] : config.faults.filter(({ fault }) => fault !== name)
      },
      (mock) => mock.heal(word),
    )
  }

  /** The last ones, oldest first. */
  messages(esp_id: string) {
    return this.held(esp_id).mock.messages
  }

  clearMessages(esp_id: string): void {
    this.held(esp_id).mock.clearMessages()
  }
}
