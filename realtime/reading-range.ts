/**
 * Which readings a query asks for: whose, of what type, from when to when, from where on. Types are found under
 * all their names; a device that was deleted is still known by the readings it left.
 */
import Type, { type Static } from 'typebox'
import type { Library } from '../routing/sensors/library.js'
import type { Position } from '../storage/readings.js'
import type { Sensor } from '../storage/sensors.js'
import type { Store } from '../storage/store.js'
import { instant } from './instant.js'
import { Problem } from './problem.js'
import { WhichQuery } from './sensor-request.js'
import { EspId, Gpio, nullable, Time } from './shapes.js'
import { wrongField } from './validate.js'
import { iso } from './web.js'

const DAY = 86_400_000

const Instant = Type.String({ description: 'ISO 8601; UTC where no zone is said' })

export const PeriodQuery = {
  start_time: Type.Optional(Instant),
  end_time: Type.Optional(Instant),
}
export const SensorQuery = { esp_id: Type.Optional(EspId), gpio: Type.Optional(Gpio), ...WhichQuery }

export const TimeRange = Type.Object({ start: Time, end: Time })

/** What all readings of an answer have in common; null where they differ. */
export const Common = {
  esp_id: nullable(EspId),
  gpio: nullable(Gpio),
  sensor_type: nullable(Type.String()),
  address: nullable(Type.String()),
}

interface Asked {
  esp_id?: string
  gpio?: number
  sensor_type?: string
  address?: string
}

/** A period: start and end as they are said in the answer, from and to as they are looked for. */
export interface Period {
  readonly from: number
  readonly to: number
  readonly time_range: Static<typeof TimeRange>
}

/**
 * Without a start it begins a day before its end; without an end it goes up to now and to what comes from
 * clocks that are ahead. What its ends are called in the query is said in a refusal. Throws Problem (422).
 */
export function periodOf(
  { start_time, end_time }: { start_time?: string | undefined; end_time?: string | undefined },
  now: number,
  { start, end: until } = { start: 'start_time', end: 'end_time' },
): Period {
  const end = instant(until, end_time)
  const from = instant(start, start_time) ?? (end ?? now) - DAY
  const to = end ?? Math.max(now, from)
  if (from > to) throw wrongField(start, `must not be after ${until}`, start_time, 'query')
  return {
    from,
    to: end ?? Number.MAX_SAFE_INTEGER,
    time_range: { start: iso(from)!, end: iso(to)! },
  }
}

/** The sensors that are meant. Throws Problem (404) when nobody ever heard of the device. */
export function sensorsOf(store: Store, library: Library, { sensor_type, ...asked }: Asked): Sensor[] {
  const { esp_id } = asked
  if (esp_id !== undefined && !store.devices.find(esp_id) && store.sensors.count(esp_id) === 0)
    throw new Problem('not_found', `Device ${esp_id} is not known`)
  const wanted = sensor_type && library.normalise(sensor_type)
  return store.sensors.select({
    ...asked,
    ...(wanted && { isType: (type) => library.normalise(type) === wanted }),
  })
}

/** What they have in common, the query's own words first. */
export function commonOf(sensors: readonly Sensor[], asked: Asked, library: Library) {
  const only = <T>(given: T | undefined, of: (sensor: Sensor) => T): T | null => {
    if (given !== undefined) return given
    const [first, ...others] = new Set(sensors.map(of))
    return others.length === 0 && first !== undefined ? first : null
  }
  return {
    esp_id: only(asked.esp_id, ({ esp_id }) => esp_id),
    gpio: only(asked.gpio, ({ gpio }) => gpio),
    sensor_type: only(asked.sensor_type && library.normalise(asked.sensor_type), ({ sensor_type }) =>
      library.normalise(sensor_type),
    ),
    address: only(asked.address, ({ address }) => address) || null,
  }
}

/** Numbers of several types make no sense together. Throws Problem (422) that names the types there are. */
export function ofOneType(sensors: readonly Sensor[], library: Library): void {
  const types = [...new Set(sensors.map(({ sensor_type }) => library.normalise(sensor_type)))]
  if (types.length > 1)
    throw wrongField('sensor_type', `must be one of ${types.slice(0, 20).join(', ')}`, null, 'query')
}

export const cursorOf = ({ timestamp, id }: Position): string => `${timestamp}.${id}`

/** Where a page begins. Throws Problem (422). */
export function positionOf(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const [, timestamp, id] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(cursor) ?? []
  if (id === undefined) throw wrongField('cursor', 'must be the next_cursor of an answer', cursor, 'query')
  return { timestamp: Number(timestamp), id: Number(id) }
}
