/** What a profile is: the devices that stand in one zone, and what is wired to them. */
import {
  type MockActuator,
  type MockConfig,
  type MockSensor,
  mockActuator,
  mockConfig,
  sensorKey,
} from '../../routing/contract/mock.js'
import { completeSensor, type SensorWish } from '../patterns/index.js'

export interface ProfileOptions {
  /** How often each sensor is measured, s; as often as its type is without it. */
  readonly interval_seconds?: number | undefined
  readonly payload?: MockConfig['payload'] | undefined
}

export interface Profile {
  /** As people choose it, in lower case. */
  readonly name: string
  readonly summary: string
  /** By what each device is for: the end of its id. */
  readonly devices: Readonly<Record<string, (options: ProfileOptions) => MockConfig>>
}

type Sensor = Omit<Partial<SensorWish>, 'gpio' | 'sensor_type'>
type Actuator = Partial<Omit<MockActuator, 'gpio' | 'actuator_type'>>

/** A sensor that measures what its zone has and trembles by that much; more can be said of it. */
export const measures = (
  gpio: number,
  sensor_type: string,
  name: string,
  trembles: number,
  more: Sensor = {},
): SensorWish => ({
  gpio,
  sensor_type,
  name,
  variation_pattern: 'linked',
  variation_range: trembles,
  ...more,
})

export const switches = (
  gpio: number,
  actuator_type: string,
  name: string,
  more: Actuator = {},
): MockActuator => mockActuator({ gpio, actuator_type, name, ...more })

/** A device with these. */
export const device =
  (sensors: readonly SensorWish[], actuators: readonly MockActuator[] = []) =>
  ({ interval_seconds, payload }: ProfileOptions): MockConfig => {
    const whole = sensors.map((wish): MockSensor => {
      const sensor = completeSensor({ ...wish, ...(interval_seconds !== undefined && { interval_seconds }) })
      if (typeof sensor === 'string') throw new Error(`${wish.sensor_type} on gpio ${wish.gpio}: ${sensor}`)
      return sensor
    })
    return mockConfig({
      ...(payload && { payload }),
      sensors: Object.fromEntries(whole.map((sensor) => [sensorKey(sensor), sensor])),
      actuators: Object.fromEntries(actuators.map((actuator) => [String(actuator.gpio), actuator])),
    })
  }
