/** What people wish for, made whole and checked before any of it is kept: sensors, actuators, mocks, faults. */
import {
  type MockActuator,
  type MockConfig,
  type MockFault,
  MockSensor,
  mockActuator,
  mockConfig,
} from '../../routing/contract/mock.js'
import { RequestRefused, refusedField } from '../../routing/request-refused.js'
import type { Library } from '../../routing/sensors/library.js'
import { completeFault } from '../faults/index.js'
import { completeSensor, type SensorWish } from '../patterns/index.js'
import { pinsOf } from './pins.js'

type Types = Pick<Library, 'find' | 'normalise' | 'list'>

export type ActuatorSpec = {
  [field in keyof MockActuator]?: MockActuator[field] | null | undefined
} & Pick<MockActuator, 'gpio' | 'actuator_type'>

/** A mock that somebody wants to have. */
export interface NewMock {
  readonly esp_id: string
  readonly config: Partial<Omit<MockConfig, 'sensors' | 'actuators' | 'manual_overrides' | 'faults'>>
  readonly sensors: readonly SensorWish[]
  readonly actuators: readonly ActuatorSpec[]
  readonly faults?: readonly unknown[] | undefined
}

/** A sentence of the simulator as a refusal of the field it begins with. */
function refused(sentence: string, wish: object, fields: readonly string[]): RequestRefused {
  const [, field = '', rest = ''] = /^([a-z_]+)(?:\.\S+)? (.*)$/s.exec(sentence) ?? []
  if (!fields.includes(field)) return new RequestRefused('request_invalid', sentence)
  const said = /^(must|is) /.test(rest) && !sentence.startsWith('parameters') ? rest : sentence
  return refusedField(field, (wish as Record<string, unknown>)[field] ?? null, said)
}

/** A whole sensor of a known type. Throws RequestRefused. */
export function sensorOf(wish: SensorWish, types: Types): MockSensor {
  const { sensor_type } = wish
  const type = types.find(sensor_type)
  if (!type) {
    const known = types.list().map((one) => one.type)
    throw refusedField('sensor_type', sensor_type, `is not known; it is one of ${known.join(', ')}`)
  }
  const sensor = completeSensor({
    ...wish,
    unit: wish.unit || type.unit,
    base_value: wish.base_value ?? wish.raw_value ?? type.mock,
  })
  if (typeof sensor === 'string') throw refused(sensor, wish, Object.keys(MockSensor.properties))
  return sensor
}

/** A whole actuator. Throws RequestRefused. */
export function actuatorOf(wish: ActuatorSpec): MockActuator {
  const given = Object.fromEntries(Object.entries(wish).filter(([, value]) => value != null))
  const actuator = mockActuator(given as ActuatorSpec & Partial<MockActuator>)
  const { min_value, max_value, pwm_value } = actuator
  if (min_value > max_value)
    throw refusedField('min_value', min_value, `must not be above max_value, which is ${max_value}`)
  if (pwm_value > max_value)
    throw refusedField('pwm_value', pwm_value, `must not be above max_value, which is ${max_value}`)
  return actuator
}

/** Throws RequestRefused. */
export function faultOf(wish: unknown): MockFault {
  const fault = completeFault(wish)
  if (typeof fault === 'string') throw new RequestRefused('request_invalid', fault)
  return fault
}

/** What a new mock is made of. Throws RequestRefused. */
export function configOf({ config, sensors, actuators, faults = [] }: NewMock, types: Types): MockConfig {
  return mockConfig({
    ...config,
    ...pinsOf(
      sensors.map((wish) => sensorOf(wish, types)),
      actuators.map(actuatorOf),
      types,
    ),
    faults: faults.map(faultOf),
  })
}
