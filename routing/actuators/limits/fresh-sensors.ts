/**
 * Sensors it must hear from. Without them it takes its declared safe value and keeps it: nobody may set another one
 * but OFF. What only its rules read binds the rules, and the actuator until a person takes over.
 */
import { type Said, withoutSentence } from '../../contract/said.js'
import { commandSaid } from '../../contract/sentences/commands.js'
import { spelledSensor } from '../freshness.js'
import { formOf } from '../kinds.js'
import { isOfPerson } from '../order.js'
import { secondsOf } from '../place.js'
import type { Hearing, Surroundings } from '../surroundings.js'
import { limit } from './limit.js'

const isStale = ({ age, max_age }: Hearing): boolean => age === null || age > max_age * 1000

/** The required sensor that is silent; `taken` says that a person has taken over from the rules. */
const silent = ({ sensors }: Surroundings, taken: boolean): Hearing | undefined =>
  sensors.find((sensor) => isStale(sensor) && !(taken && sensor.of_rule))

/** A person has taken over from the rules. */
const isTaken = ({ left }: Surroundings): boolean => (left.override ?? 0) > 0

const because = (sensor: Hearing): string =>
  `${spelledSensor(sensor)} ${
    sensor.age === null
      ? 'was never heard'
      : `was last heard ${secondsOf(sensor.age)} s ago, ${sensor.max_age} s are allowed`
  }`

const saidOf = ({ sensor_type, gpio, esp_id, age, max_age }: Hearing): Said =>
  withoutSentence(
    age === null
      ? commandSaid('sensor_never', { sensor_type, gpio, esp_id })
      : commandSaid('sensor_old', { sensor_type, gpio, esp_id, age: secondsOf(age), max_age }),
  )

/** Two values of an 8-bit duty cycle that are the same. */
const STEP = 1 / 255 + 1e-6

/** What it is when nobody knows better, 0 to 1. */
export const safeValue = ({ config }: Surroundings): number => config?.safe_value ?? 0

/** It has to be at its safe value now. */
export const isBlind = (surroundings: Surroundings): boolean =>
  silent(surroundings, isTaken(surroundings)) !== undefined

export const freshSensors = limit({
  name: 'fresh_sensors',
  always: true,
  blocks({ value, issued_by }, surroundings) {
    if (Math.abs(value - safeValue(surroundings)) <= STEP) return undefined
    const sensor = silent(surroundings, isOfPerson(issued_by) || isTaken(surroundings))
    return sensor && { detail: because(sensor), said: saidOf(sensor), possible_at: null }
  },
  broken(surroundings) {
    const { on, state, kind, config } = surroundings
    const sensor = silent(surroundings, isTaken(surroundings))
    if (!sensor || !state) return undefined
    const value = safeValue(surroundings)
    // What only switches says 1, or what it was told; it is on or off.
    const isThere =
      on === value > 0 &&
      (!on || formOf(kind, config) === 'digital' || Math.abs(state.current_value - value) <= STEP)
    return isThere ? undefined : { detail: because(sensor), value }
  },
})
