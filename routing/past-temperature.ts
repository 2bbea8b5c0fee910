/**
 * How warm the medium was: what compensated a reading when it came, found again in the stored readings. The same
 * rule as for readings that arrive (instruments.ts): `params.temperature` fixes it, `params.temperature_gpio`
 * names a sensor, else it is the water's; good or fair, and not older than ten minutes.
 */
import type { SensorConfig } from '../storage/sensor-configs.js'
import type { Store } from '../storage/store.js'
import type { KnownType, Library } from './sensors/library.js'

const FRESH = 600_000

interface Series {
  readonly times: number[]
  readonly values: number[]
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Does the temperature of the medium matter, and is it not fixed? */
export const needsTemperature = (type: KnownType, { params }: Pick<SensorConfig, 'params'>): boolean =>
  'compensation' in type && type.compensation !== undefined && !isNumber(params.temperature)

/** Where in ascending `times` the last one at or before `at` is; -1 when there is none. */
function lastBefore(times: readonly number[], at: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The temperature at any time between `from` and `to` (ms), °C; null where nobody knows. */
export async function pastTemperature(
  store: Store,
  library: Library,
  { esp_id, params }: Pick<SensorConfig, 'esp_id' | 'params'>,
  from: number,
  to: number,
): Promise<(at: number) => number | null> {
  const named = isNumber(params.temperature_gpio) ? params.temperature_gpio : undefined
  const sensors = [...store.sensors.list()].filter((one) => {
    if (one.esp_id !== esp_id) return false
    const type = library.find(one.sensor_type)
    if (type?.unit !== '°C') return false
    return named === undefined ? type.quantity === 'water_temperature' : one.gpio === named
  })
  const all: Series[] = []
  for (const sensor of sensors) {
    const series: Series = { times: [], values: [] }
    for await (const { found } of store.readings.bySensor({ sensors: [sensor], from: from - FRESH, to }))
      for (const { timestamp, processed_value, quality } of found) {
        if (processed_value === null || (quality !== 'good' && quality !== 'fair')) continue
        series.times.push(timestamp)
        series.values.push(processed_value)
      }
    all.push(series)
  }
  return (at) => {
    for (const { times, values } of all) {
      const index = lastBefore(times, at)
      if (index >= 0 && at - times[index]! <= FRESH) return values[index]!
    }
    return null
  }
}
