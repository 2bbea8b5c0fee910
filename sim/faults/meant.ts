/** Which sensors a fault concerns. */
import Type from 'typebox'
import type { MockSensor } from '../../routing/contract/mock.js'
import { library } from '../quantities.js'

/** A parameter that faults of sensors share. */
export const Sensor = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 60,
    description: 'a gpio, a sensor type or {gpio}_{sensor_type}; all when left out',
  }),
)

export function isMeant(meant: string | undefined, key: string, { gpio, sensor_type }: MockSensor): boolean {
  if (meant === undefined || meant === key || meant === String(gpio)) return true
  return library.normalise(meant) === library.normalise(sensor_type)
}
