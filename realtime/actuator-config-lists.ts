/**
 * The parts of an actuator's config that name others (interlocks, sensors it must hear from, the sensor that shows
 * whether it works), as REST takes and shows them. What is wrong with a value is said where it is stored; a field of
 * another name is refused here, because what it would have limited would not be.
 */
import Type from 'typebox'
import { MAX_AGE } from '../routing/actuators/freshness.js'
import { INTERLOCK_KINDS } from '../routing/actuators/interlocks.js'
import { given } from './shapes.js'

const strict = { additionalProperties: false }
const OTHER = 'device of the other; missing: the same device'
const Gpio = Type.Integer({ description: '0 to 254' })

const MEANINGS = 'never_with: never on together; only_while: on only while the other is on'
const KINDS = 'flow: what it moves is measured; level: something has to change'

const sensor = {
  gpio: Type.Integer({ description: 'of the sensor, 0 to 254; it was configured or heard' }),
  sensor_type: Type.String({ description: 'any spelling of a sensor type' }),
}
const WITHIN = Type.Integer({ description: 's from switching on, and between two confirmations: 5 to 3600' })

/** As it is given. */
export const InterlockGiven = Type.Object(
  {
    kind: Type.String({ description: MEANINGS }),
    gpio: Gpio,
    esp_id: given(Type.String({ description: OTHER })),
  },
  strict,
)
export const RequiredSensorGiven = Type.Object(
  {
    ...sensor,
    address: given(Type.String({ description: 'bus address; missing: any sensor of that type there' })),
    esp_id: given(Type.String({ description: OTHER })),
    max_age: given(
      Type.Integer({ description: `s a reading may be old: 10 to 86400, ${MAX_AGE} when it is missing` }),
    ),
  },
  strict,
)
export const SanityGiven = Type.Object(
  {
    kind: Type.String({ description: KINDS }),
    ...sensor,
    address: RequiredSensorGiven.properties.address,
    esp_id: RequiredSensorGiven.properties.esp_id,
    within_s: WITHIN,
    min: given(Type.Number({ description: 'with flow: at least this, in the unit of the sensor' })),
    change: given(
      Type.Number({ description: 'with level: changes by at least this, in the unit of the sensor' }),
    ),
  },
  { ...strict, description: 'on, but not seen to work: it is told OFF, and people are told' },
)

/** As it is stored. */
const place = { esp_id: Type.String(), gpio: Gpio }
const watched = { ...place, sensor_type: Type.String(), address: Type.Optional(Type.String()) }

export const Interlock = Type.Object({
  kind: Type.Enum([...INTERLOCK_KINDS], { description: MEANINGS }),
  ...place,
})
export const RequiredSensor = Type.Object({
  ...watched,
  max_age: Type.Integer({ description: 's a reading may be old' }),
})
export const Sanity = Type.Union([
  Type.Object({
    kind: Type.Literal('flow'),
    ...watched,
    within_s: WITHIN,
    min: Type.Number({ description: 'at least this, in the unit of the sensor' }),
  }),
  Type.Object({
    kind: Type.Literal('level'),
    ...watched,
    within_s: WITHIN,
    change: Type.Number({ description: 'changes by at least this, in the unit of the sensor' }),
  }),
])
