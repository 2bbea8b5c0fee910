/** Sensors of a mock: add, remove, set a value that holds, let it go again. */
import Type from 'typebox'
import { MockOverride } from '../../../routing/contract/mock.js'
import type { Quality } from '../../../routing/contract/quality.js'
import { done, MockResult, sensorBody } from '../../mock-body.js'
import { asked, MockParams, named, PinParams, SensorRequest } from '../../mock-request.js'
import { type Route, route } from '../../route.js'
import { given } from '../../shapes.js'
import { wrongField } from '../../validate.js'
import type { MockEspOptions } from './options.js'

const SensorType = given(Type.String({ minLength: 1, maxLength: 50 }))
const TypeQuery = Type.Optional(
  Type.String({ minLength: 1, maxLength: 50, description: 'needed where a gpio has several' }),
)
const ValueRequest = Type.Object({
  raw_value: given(Type.Number()),
  value: given(Type.Number({ description: 'the same as raw_value' })),
  quality: MockOverride.properties.quality,
  publish: given(Type.Boolean({ description: 'say one reading at once, default true' })),
  sensor_type: SensorType,
})
type ValueRequest = Type.Static<typeof ValueRequest>

export function sensors({ fleet }: MockEspOptions): Route[] {
  /** Throws Problem (422) where there is no value. */
  const valueIn = ({ raw_value, value, quality, publish, sensor_type }: ValueRequest, gpio: number) => {
    const number = raw_value ?? value
    if (number == null) throw wrongField('raw_value', 'is required', null)
    return {
      gpio,
      raw_value: number,
      publish: publish ?? true,
      ...(quality && { quality: quality as Quality }),
      ...(sensor_type && { sensor_type }),
    }
  }

  const sets = (path: string, summary: string): Route =>
    route({
      method: 'POST',
      path,
      role: 'admin',
      summary,
      description: 'It holds, whatever its pattern says, until `DELETE …/value`; also over a restart.',
      params: PinParams,
      body: ValueRequest,
      answer: MockResult,
      errors: ['not_found', 'sensor_ambiguous'],
      async handle({ params: { esp_id, gpio }, body }) {
        const [sensor] = await asked(() => fleet.setValues(esp_id, [valueIn(body, gpio)]))
        return done(esp_id, 'set_sensor_value', sensorBody(sensor!))
      },
    })

  return [
    route({
      method: 'POST',
      path: '/{esp_id}/sensors',
      role: 'admin',
      summary: 'Add a sensor; it says one reading at once',
      description:
        'It takes the place of another sensor on its gpio, unless both are values of one chip or hang on I2C. Without a unit it gets that of its type.',
      params: MockParams,
      body: SensorRequest,
      answer: MockResult,
      errors: ['not_found', 'gpio_conflict'],
      async handle({ params: { esp_id }, body }) {
        const sensor = await asked(() => fleet.addSensor(esp_id, named(body)))
        return done(esp_id, 'add_sensor', sensorBody(sensor))
      },
    }),

    // A word before a parameter.
    route({
      method: 'POST',
      path: '/{esp_id}/sensors/batch',
      role: 'admin',
      summary: 'Set values of many gpios at once: all, or none',
      params: MockParams,
      body: Type.Object({
        values: Type.Record(Type.String({ pattern: '^[0-9]{1,2}$' }), Type.Number(), {
          description: 'by gpio',
        }),
        publish: given(Type.Boolean()),
      }),
      answer: MockResult,
      errors: ['not_found', 'sensor_ambiguous'],
      async handle({ params: { esp_id }, body: { values, publish } }) {
        const wishes = Object.entries(values).map(([gpio, raw_value]) => ({
          gpio: Number(gpio),
          raw_value,
          publish: publish ?? true,
        }))
        const set = await asked(() => fleet.setValues(esp_id, wishes))
        const by = Object.fromEntries(set.map(({ gpio, raw_value }) => [gpio, raw_value]))
        return done(esp_id, 'batch_sensor_update', { values: by, updated: set.length })
      },
    }),

    sets('/{esp_id}/sensors/{gpio}', 'Set the value of a sensor'),
    sets('/{esp_id}/sensors/{gpio}/value', 'Set the value of a sensor: manual override'),

    route({
      method: 'DELETE',
      path: '/{esp_id}/sensors/{gpio}/value',
      role: 'admin',
      summary: 'End a manual override: its pattern goes on',
      params: PinParams,
      query: Type.Object({ sensor_type: TypeQuery }),
      answer: MockResult,
      errors: ['not_found', 'sensor_ambiguous'],
      async handle({ params: { esp_id, gpio }, query: { sensor_type } }) {
        const which = { gpio, ...(sensor_type && { sensor_type }) }
        const { cleared, sensor } = await asked(() => fleet.clearValue(esp_id, which))
        return done(esp_id, 'clear_sensor_value', { ...sensorBody(sensor), cleared })
      },
    }),

    route({
      method: 'DELETE',
      path: '/{esp_id}/sensors/{gpio}',
      role: 'admin',
      summary: 'Remove what measures on a gpio, or the sensor of a type there',
      params: PinParams,
      query: Type.Object({ sensor_type: TypeQuery }),
      answer: MockResult,
      errors: ['not_found'],
      async handle({ params: { esp_id, gpio }, query: { sensor_type } }) {
        const which = { gpio, ...(sensor_type && { sensor_type }) }
        const removed = await asked(() => fleet.removeSensor(esp_id, which))
        return done(esp_id, 'remove_sensor', { gpio, removed })
      },
    }),
  ]
}
