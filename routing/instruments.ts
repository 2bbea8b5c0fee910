/**
 * What the reading path knows about sensors besides the message in its hands: the library of types, what people
 * configured, how warm the medium is, whether a value stands still, and which readings make derived ones. All of
 * it in memory, bounded by the sensors there are.
 */
import type { Reading } from '../storage/readings.js'
import type { SensorConfig, SensorConfigs } from '../storage/sensor-configs.js'
import type { Sensor } from '../storage/sensors.js'
import type { Climate } from './climate.js'
import type { KnownType, Library } from './sensors/library.js'
import type { Conversion } from './sensors/sensor-type.js'
import { isStuck, type Standing, stand } from './sensors/stuck.js'
import type { PlaceOf } from './zones/place.js'

/** A temperature compensates others for this long, ms. */
const TEMPERATURE_FRESH = 600_000

interface Temperature {
  value: number
  at: number
  /** It is that of water. */
  water: boolean
}

export interface Instruments {
  readonly library: Library
  readonly configs: Pick<SensorConfigs, 'find'>
  /** Zone of a device and subzone of its gpio, at a time. */
  readonly placeOf: PlaceOf
  /** What surrounds one conversion: calibration, options, temperature of the medium. */
  conversion(esp_id: string, type: KnownType, config: SensorConfig | undefined, at: number): Conversion
  /** Remembers a converted reading for others: as temperature of the medium, as half of a derived value. */
  derive(reading: Reading, type: KnownType, config: SensorConfig | undefined): Reading[]
  /** Has the sensor shown exactly this number for longer than its type ever does? */
  standsStill(sensor: Sensor, reading: Reading, type: KnownType): boolean
}

const PLAIN: Conversion = Object.freeze({ calibration: null, params: Object.freeze({}), temperature: null })

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export function createInstruments(
  library: Library,
  configs: Pick<SensorConfigs, 'find'>,
  climate: Climate,
  placeOf: PlaceOf,
): Instruments {
  const temperatures = new Map<string, Map<number, Temperature>>()
  const standings = new Map<Sensor, Standing>()

  /** A temperature may compensate others of the device. */
  const warm = ({ esp_id, gpio, processed_value, timestamp }: Reading, water: boolean): void => {
    const measured = temperatures.get(esp_id) ?? new Map<number, Temperature>()
    temperatures.set(esp_id, measured)
    measured.set(gpio, { value: processed_value!, at: timestamp, water })
  }

  /** `params.temperature` fixes it, `params.temperature_gpio` names a sensor, else it is the water's. */
  const temperatureFor = (
    esp_id: string,
    params: Readonly<Record<string, unknown>>,
    at: number,
  ): number | null => {
    if (isNumber(params.temperature)) return params.temperature
    const measured = temperatures.get(esp_id)
    if (!measured) return null
    const fresh = (one: Temperature | undefined): one is Temperature =>
      one !== undefined && Math.abs(at - one.at) <= TEMPERATURE_FRESH
    if (isNumber(params.temperature_gpio)) {
      const named = measured.get(params.temperature_gpio)
      return fresh(named) ? named.value : null
    }
    for (const one of measured.values()) if (one.water && fresh(one)) return one.value
    return null
  }

  return {
    library,
    configs,
    placeOf,
    conversion(esp_id, type, config, at) {
      const compensated = 'remote' in type || type.compensation !== undefined
      if (!config && !compensated) return PLAIN
      const params = config?.params ?? PLAIN.params
      return {
        calibration: config?.calibration ?? null,
        params,
        temperature: compensated ? temperatureFor(esp_id, params, at) : null,
      }
    },
    derive(reading, type, config) {
      if (reading.processed_value === null) return []
      if (type.unit === '°C' && (reading.quality === 'good' || reading.quality === 'fair'))
        warm(reading, type.quantity === 'water_temperature')
      return climate.derive(reading, type, config?.params ?? PLAIN.params)
    },
    standsStill(sensor, { raw_value, timestamp, data_source }, type) {
      // A mock that stays constant does what it is told.
      if (type.stuck_ms === null || data_source === 'mock' || data_source === 'simulation') return false
      const standing = stand(type, standings.get(sensor), raw_value, timestamp)
      standings.set(sensor, standing)
      return isStuck(type, standing)
    },
  }
}
