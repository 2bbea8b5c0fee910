/**
 * A sensor that measures what the zone has, so that it moves with the others and with what is switched: humidity
 * follows temperature, soil moisture rises with the valve, the tank's level falls while the pump runs. Or it follows
 * another sensor of the same device. variation_range is how much it trembles (standard deviation).
 */
import Type from 'typebox'
import { quantityOf } from '../quantities.js'
import { WORLD_QUANTITIES } from '../world.js'
import { bell, pattern } from './pattern.js'

export const linked = pattern({
  name: 'linked',
  summary: 'what the zone has of that quantity, or what another sensor of the device measures',
  parameters: Type.Object({
    to: Type.Optional(
      Type.Enum(WORLD_QUANTITIES, { description: 'a quantity of the zone; by the type when left out' }),
    ),
    sensor: Type.Optional(
      Type.String({
        maxLength: 60,
        description: '{gpio}_{sensor_type}: base_value plus factor times its value',
      }),
    ),
    factor: Type.Number({ minimum: -1e6, maximum: 1e6, default: 1 }),
    offset: Type.Number({ minimum: -1e9, maximum: 1e9, default: 0 }),
  }),
  limits: 'of the type',
  refuse({ sensor_type }, { to, sensor }) {
    if (to !== undefined && sensor !== undefined)
      return 'parameters.to and parameters.sensor exclude one another'
    if (to === undefined && sensor === undefined && quantityOf(sensor_type) === undefined)
      return `parameters.to is missing: the zone has nothing that a ${sensor_type} measures; one of ${WORLD_QUANTITIES.join(', ')}`
    return undefined
  },
  start({ sensor: { sensor_type, base_value, variation_range }, parameters, around }) {
    const { factor, offset, sensor } = parameters
    const to = parameters.to ?? quantityOf(sensor_type)
    const followed = (at: number): number => {
      if (sensor === undefined) return factor * around.world.read(to!, at)
      const other = around.lastOf?.(sensor)
      return other === undefined ? base_value : base_value + factor * other
    }
    const tremble = (): number => (variation_range > 0 ? variation_range * bell(around.random) : 0)
    return { value: (at) => offset + followed(at) + tremble() }
  },
})
