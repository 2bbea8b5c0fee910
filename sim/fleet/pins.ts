/**
 * What hangs on which pin of a mock. A pin carries one thing, except that the values of one chip, and chips on I2C,
 * share theirs. Another sensor on a pin takes the place of the one that was there, as pages expect it; a sensor and
 * an actuator on one pin are a conflict.
 */
import type { MockActuator, MockConfig, MockSensor } from '../../routing/contract/mock.js'
import { sensorKey } from '../../routing/contract/mock.js'
import { RequestRefused } from '../../routing/request-refused.js'
import type { Library } from '../../routing/sensors/library.js'
import { interfaceOf } from '../../routing/sensors/wiring.js'

type Types = Pick<Library, 'find' | 'normalise'>

const chipOf = (sensor_type: string): string | undefined => /^([a-z]+\d[a-z0-9]*)_/.exec(sensor_type)?.[1]

const sharesPin = (a: MockSensor, b: MockSensor, types: Types): boolean => {
  const [one, other] = [types.normalise(a.sensor_type), types.normalise(b.sensor_type)]
  if (one === other) return false
  if (chipOf(one) !== undefined && chipOf(one) === chipOf(other)) return true
  const isI2c = (sensor_type: string, { address }: MockSensor): boolean =>
    interfaceOf({ sensor_type, address: address ?? '' }, types) === 'I2C'
  return isI2c(one, a) && isI2c(other, b)
}

/** Keys of those that have to go when this one comes. */
export const replacedBy = (config: MockConfig, sensor: MockSensor, types: Types): string[] =>
  Object.entries(config.sensors)
    .filter(([, other]) => other.gpio === sensor.gpio && !sharesPin(other, sensor, types))
    .map(([key]) => key)

const taken = (gpio: number, by: string): RequestRefused =>
  new RequestRefused(
    'gpio_conflict',
    `gpio ${gpio} is taken by ${by}; remove that first, or choose another pin`,
  )

/** Throws RequestRefused when the pin drives something. */
export function checkSensorPin(actuators: MockConfig['actuators'], gpio: number): void {
  const actuator = actuators[gpio]
  if (actuator) throw taken(gpio, `the actuator ${actuator.name ?? actuator.actuator_type}`)
}

/** Throws RequestRefused when the pin measures something. */
export function checkActuatorPin(sensors: MockConfig['sensors'], gpio: number): void {
  const sensor = Object.values(sensors).find((one) => one.gpio === gpio)
  if (sensor) throw taken(gpio, `the sensor ${sensor.name ?? sensor.sensor_type}`)
}

/** Pins of a mock that is new: nothing is replaced, whatever is twice is refused. */
export function pinsOf(
  sensors: readonly MockSensor[],
  actuators: readonly MockActuator[],
  types: Types,
): Pick<MockConfig, 'sensors' | 'actuators'> {
  const made: Pick<MockConfig, 'sensors' | 'actuators'> = { sensors: {}, actuators: {} }
  for (const sensor of sensors) {
    const [key] = replacedBy(made as MockConfig, sensor, types)
    if (key !== undefined) throw taken(sensor.gpio, `the sensor ${made.sensors[key]!.sensor_type}`)
    made.sensors[sensorKey(sensor)] = sensor
  }
  for (const actuator of actuators) {
    const { gpio } = actuator
    if (made.actuators[gpio]) throw taken(gpio, `the actuator ${made.actuators[gpio].actuator_type}`)
    checkActuatorPin(made.sensors, gpio)
    made.actuators[gpio] = actuator
  }
  return made
}

export interface Which {
  readonly gpio: number
  /** Needed where a gpio has several. */
  readonly sensor_type?: string | undefined
}

type Entry = readonly [key: string, sensor: MockSensor]

/** Sensors of a pin, of one type where that is said. Throws RequestRefused when there are none. */
export function sensorsAt(entries: readonly Entry[], { gpio, sensor_type }: Which, types: Types): Entry[] {
  const there = entries.filter(([, sensor]) => sensor.gpio === gpio)
  if (there.length === 0) throw new RequestRefused('not_found', `There is no sensor on gpio ${gpio}`)
  if (sensor_type === undefined) return there
  const wanted = types.normalise(sensor_type)
  const found = there.filter(([, sensor]) => types.normalise(sensor.sensor_type) === wanted)
  if (found.length > 0) return found
  const names = there.map(([, sensor]) => sensor.sensor_type).join(', ')
  throw new RequestRefused('not_found', `There is no ${sensor_type} on gpio ${gpio}, but ${names}`)
}

/** The one sensor that is meant. Throws RequestRefused when it is not clear which. */
export function sensorAt(entries: readonly Entry[], which: Which, types: Types): Entry {
  const found = sensorsAt(entries, which, types)
  if (found.length === 1) return found[0]!
  const names = found.map(([, sensor]) => sensor.sensor_type).join(', ')
  throw new RequestRefused('sensor_ambiguous', `sensor_type is needed: gpio ${which.gpio} has ${names}`)
}
