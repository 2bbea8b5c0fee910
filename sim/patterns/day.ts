/**
 * The course of a day, with season and latitude: of the light, or of the temperature that follows it. For light the
 * value is base_value at night and variation_range above it under a sun of 1,000 W/m²; for temperature it lies
 * between variation_range below and above base_value. Place and length of a day are the zone's unless told otherwise.
 */
import Type from 'typebox'
import { quantityOf } from '../quantities.js'
import { clearSky, type Place, sunAt, warmthOf } from '../sky.js'
import { bell, pattern } from './pattern.js'

const optional = Type.Optional
/** W/m² of a high sun in a clear sky. */
const FULL_SUN = 1_000

export const day = pattern({
  name: 'day',
  summary: 'the course of a day: light, or the temperature that follows it',
  parameters: Type.Object({
    of: optional(
      Type.Enum(['sun', 'temperature'], { description: 'light sensors follow the sun, others warmth' }),
    ),
    latitude: optional(Type.Number({ minimum: -90, maximum: 90, description: '°, north positive' })),
    longitude: optional(Type.Number({ minimum: -180, maximum: 180, description: '°, east positive' })),
    day_of_year: optional(Type.Number({ minimum: 1, maximum: 366, description: 'always that season' })),
    day_seconds: optional(Type.Number({ minimum: 10, maximum: 604_800, description: 'how long a day is' })),
    noise: Type.Number({ minimum: 0, default: 0, description: 'standard deviation, in the unit' }),
  }),
  limits: 'of the type',
  start({ sensor, parameters, around }) {
    const { latitude, longitude, day_of_year, day_seconds, noise } = parameters
    const { base_value, variation_range, sensor_type } = sensor
    const zone = around.world.place
    const place: Place = {
      latitude: latitude ?? zone.latitude,
      longitude: longitude ?? zone.longitude,
      day_ms: day_seconds === undefined ? zone.day_ms : day_seconds * 1_000,
      day_of_year: day_of_year ?? zone.day_of_year,
    }
    const light = ['illuminance', 'ppfd', 'sun'].includes(quantityOf(sensor_type) ?? '')
    const bySun = (parameters.of ?? (light ? 'sun' : 'temperature')) === 'sun'
    return {
      value(at) {
        const sun = sunAt(at, place)
        const course = bySun ? clearSky(sun) / FULL_SUN : 2 * warmthOf(sun) - 1
        return base_value + variation_range * course + (noise > 0 ? noise * bell(around.random) : 0)
      },
    }
  },
})
