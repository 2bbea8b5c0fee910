/**
 * The parts of an actuator's config that name others: interlocks with other actuators, sensors it must hear from,
 * and the sensor that shows whether it works. Each item is stored whole, with what was left out filled in.
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import { refusedField } from '../request-refused.js'
import { busAddress } from '../sensors/bus-address.js'
import type { Sanity } from './evidence.js'
import { MAX_AGE, type RequiredSensor, type SensorName } from './freshness.js'
import { INTERLOCK_KINDS, type Interlock, type InterlockKind, interlocksIn } from './interlocks.js'
import type { MissingOf } from './named-sensors.js'
import { isSamePlace, keyOf, type Place, spelled } from './place.js'
import { text, whole } from './settings-fields.js'

/** What is known of others. */
export interface Known {
  /** The actuator that the settings are of. */
  readonly place: Place
  /** Configs of actuators. */
  readonly find: (place: Place) => Pick<ActuatorConfig, 'interlocks'> | undefined
  /** A sensor type by the word it is stored by. */
  readonly normalise: (sensor_type: string) => string
  /** Why there is no such sensor; undefined when there is. */
  readonly missing: MissingOf
  /** Sensors it names already: pages write back what they were shown, also when one is gone since. */
  readonly named: readonly SensorName[]
}

/** Items of one list. */
const MOST_ITEMS = 16
const GPIO = whole(0, 254)
const SECONDS = whole(10, 86_400, ' seconds')
const WITHIN = whole(5, 3_600, ' seconds')

type Item = Readonly<Record<string, unknown>>

function itemsOf(value: unknown, name: string): Item[] {
  if (Array.isArray(value) && value.length <= MOST_ITEMS)
    return value.map((item, index) => objectOf(item, `${name}[${index}]`))
  throw refusedField(name, value, `must be a list of at most ${MOST_ITEMS} objects`, 'too_many', {
    limit: MOST_ITEMS,
  })
}

function objectOf(value: unknown, name: string): Item {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Item
  throw refusedField(name, value, 'must be an object', 'not_object')
}

function placeOf({ esp_id, gpio }: Item, name: string, own: Place): Place {
  if (esp_id != null && !/^[A-Za-z0-9_-]{1,50}$/.test(String(esp_id)))
    throw refusedField(`${name}.esp_id`, esp_id, 'must be the id of a device; without one its own is meant')
  return { esp_id: esp_id == null ? own.esp_id : String(esp_id), gpio: GPIO(gpio, `${name}.gpio`) as number }
}

function sensorOf(item: Item, name: string, { place, normalise }: Known): SensorName {
  const { sensor_type, address } = item
  const where = placeOf(item, name, place)
  if (typeof sensor_type !== 'string' || !/\S/.test(sensor_type))
    throw refusedField(`${name}.sensor_type`, sensor_type, 'must be a sensor type')
  if (address != null) text(64)(address, `${name}.address`)
  return {
    ...where,
    sensor_type: normalise(sensor_type.trim()),
    ...(address ? { address: busAddress(address as string) } : {}),
  }
}

/** The same, when there is such a sensor. */
function thereIs<S extends SensorName>(sensor: S, name: string, { missing, named }: Known): S {
  const { esp_id, gpio, sensor_type, address } = sensor
  const isNamed = named.some(
    (other) => isSamePlace(other, sensor) && other.sensor_type === sensor_type && other.address === address,
  )
  const why = isNamed ? undefined : missing(sensor)
  if (why)
    throw refusedField(`${name}.${why.part}`, { esp_id, gpio, sensor_type }[why.part], why.msg, why.code, {
      esp_id,
      gpio,
      sensor_type,
    })
  return sensor
}

const above0 = (value: unknown, name: string): number => {
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw refusedField(name, value, 'must be a number above 0', 'above_0')
}

/** The way from an actuator by `only_while` back to `goal`, if there is one. */
function leadsTo(goal: Place, from: Place, find: Known['find'], seen = new Set<string>()): boolean {
  if (isSamePlace(goal, from)) return true
  if (seen.has(keyOf(from))) return false
  seen.add(keyOf(from))
  const config = find(from)
  return (
    config !== undefined &&
    interlocksIn(config).some((lock) => lock.kind === 'only_while' && leadsTo(goal, lock, find, seen))
  )
}

function interlockOf(item: Item, name: string, { place, find }: Known): Interlock {
  const { kind } = item
  if (!INTERLOCK_KINDS.includes(kind as InterlockKind))
    throw refusedField(`${name}.kind`, kind, `must be one of ${INTERLOCK_KINDS.join(', ')}`, 'one_of', {
      allowed: INTERLOCK_KINDS.join(', '),
    })
  const other = placeOf(item, name, place)
  if (isSamePlace(other, place))
    throw refusedField(`${name}.gpio`, other.gpio, 'must be another actuator than this one', 'interlock_self')
  const config = find(other)
  if (!config)
    throw refusedField(
      `${name}.gpio`,
      other.gpio,
      `must be an actuator: there is none on ${spelled(other)}`,
      'interlock_none',
      {
        gpio: other.gpio,
        esp_id: other.esp_id,
      },
    )
  if (kind === 'only_while' && leadsTo(place, other, find))
    throw refusedField(
      name,
      item,
      `${spelled(other)} waits for this actuator already: neither could ever be on`,
      'interlock_ring',
      { gpio: other.gpio, esp_id: other.esp_id },
    )
  const isNeeded = interlocksIn(config).some((lock) => lock.kind === 'only_while' && isSamePlace(lock, place))
  if (kind === 'never_with' && isNeeded)
    throw refusedField(
      name,
      item,
      `${spelled(other)} may be on only while this actuator is: it could never be on`,
      'interlock_needed',
      { gpio: other.gpio, esp_id: other.esp_id },
    )
  return { kind: kind as InterlockKind, ...other }
}

/** Throws RequestRefused. */
export function interlocksOf(value: unknown, name: string, known: Known): Interlock[] {
  const locks: Interlock[] = []
  itemsOf(value, name).forEach((item, index) => {
    const lock = interlockOf(item, `${name}[${index}]`, known)
    const before = locks.find((other) => isSamePlace(other, lock))
    if (before && before.kind !== lock.kind)
      throw refusedField(
        `${name}[${index}]`,
        item,
        `never_with and only_while ${spelled(lock)} contradict one another`,
        'interlocks_contradict',
        { gpio: lock.gpio, esp_id: lock.esp_id },
      )
    if (!before) locks.push(lock)
  })
  return locks
}

/** Throws RequestRefused. */
export const requiredSensorsOf = (value: unknown, field: string, known: Known): RequiredSensor[] =>
  itemsOf(value, field).map((item, index) => {
    const name = `${field}[${index}]`
    const sensor = {
      ...sensorOf(item, name, known),
      max_age: SECONDS(item.max_age ?? MAX_AGE, `${name}.max_age`) as number,
    }
    return thereIs(sensor, name, known)
  })

/** Throws RequestRefused. */
export function sanityOf(value: unknown, name: string, known: Known): Sanity {
  const item = objectOf(value, name)
  const { kind, min, change } = item
  if (kind !== 'flow' && kind !== 'level')
    throw refusedField(`${name}.kind`, kind, 'must be flow or level', 'one_of', { allowed: 'flow, level' })
  const watched = {
    ...sensorOf(item, name, known),
    within_s: WITHIN(item.within_s, `${name}.within_s`) as number,
  }
  return kind === 'flow'
    ? thereIs({ kind, ...watched, min: above0(min, `${name}.min`) }, name, known)
    : thereIs({ kind, ...watched, change: above0(change, `${name}.change`) }, name, known)
}
