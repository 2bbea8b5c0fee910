/**
 * Rules a device follows by itself while it does not hear from kaiser: one sensor of its own switches one actuator of
 * its own, with hysteresis, within hours of the day (UTC). They stand in `metadata.offline_rules` of the actuator's
 * config and go out with the configuration; those that cannot work any more are left out of it. protocol.md §2.7
 */
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import { refusedField } from '../request-refused.js'
import type { Library } from '../sensors/library.js'
import { isAnalog, isVirtual } from '../sensors/wiring.js'

export interface OfflineRule {
  readonly actuator_gpio: number
  readonly sensor_gpio: number
  readonly sensor_value_type: string
  readonly activate_above: number
  readonly deactivate_below: number
  readonly activate_below: number
  readonly deactivate_above: number
  readonly current_state_active: boolean
  readonly time_filter?: Readonly<Record<(typeof TIMES)[number][0], number>> & { readonly enabled: boolean }
}

/** As many as the firmware holds. protocol.md §0.3 */
export const OFFLINE_RULES = 8

const TIMES = [
  ['start_hour', 23],
  ['start_minute', 59],
  ['end_hour', 23],
  ['end_minute', 59],
] as const

type Item = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Why this sensor cannot drive an actuator without kaiser; undefined when it can. */
function unfit(
  configs: readonly SensorConfig[],
  library: Library,
  { sensor_gpio, sensor_value_type }: Pick<OfflineRule, 'sensor_gpio' | 'sensor_value_type'>,
): string | undefined {
  const found = configs.find(
    ({ gpio, sensor_type, enabled }) =>
      gpio === sensor_gpio && sensor_type === sensor_value_type && enabled === 1,
  )
  const what = `${sensor_value_type} on GPIO ${sensor_gpio}`
  if (!found) return `must name a sensor of the same device: it has no ${what} that is enabled`
  if (isVirtual(sensor_value_type)) return `${what} is computed by kaiser, the device does not know it`
  if (isAnalog(library.find(sensor_value_type)))
    return `${what} is analog: only kaiser turns its numbers into values`
  return undefined
}

const numberOf = (item: Item, name: string, field: string): number | undefined => {
  const value = item[field]
  if (value == null) return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw refusedField(`${name}.${field}`, value, 'must be a number, in the unit of the sensor type')
}

/** Heating has both `…below, …above`, cooling both `…above, …below`; which of the two, and not turned around. */
function thresholdsOf(item: Item, name: string) {
  const activate_above = numberOf(item, name, 'activate_above')
  const deactivate_below = numberOf(item, name, 'deactivate_below')
  const activate_below = numberOf(item, name, 'activate_below')
  const deactivate_above = numberOf(item, name, 'deactivate_above')
  // Firmware has 0 for both where they are not used.
  const isUsed = (a: number | undefined, b: number | undefined) => (a ?? 0) !== 0 || (b ?? 0) !== 0
  const cools = isUsed(activate_above, deactivate_below)
  const heats = isUsed(activate_below, deactivate_above)
  if (cools === heats)
    throw refusedField(
      name,
      item,
      cools
        ? 'activate_above and activate_below contradict one another: use one pair'
        : 'must have activate_above and deactivate_below, or activate_below and deactivate_above',
    )
  const [on, off] = cools ? [activate_above, deactivate_below] : [activate_below, deactivate_above]
  const names = cools ? ['activate_above', 'deactivate_below'] : ['activate_below', 'deactivate_above']
  if (on === undefined || off === undefined)
    throw refusedField(
      `${name}.${names[on === undefined ? 0 : 1]}`,
      null,
      `is needed beside ${names[on === undefined ? 1 : 0]}`,
    )
  if (cools ? off >= on : off <= on)
    throw refusedField(
      `${name}.${names[1]}`,
      off,
      `must be ${cools ? 'below' : 'above'} ${names[0]}, which is ${on}: the actuator could not rest`,
    )
  return {
    activate_above: cools ? on : 0,
    deactivate_below: cools ? off : 0,
    activate_below: heats ? on : 0,
    deactivate_above: heats ? off : 0,
  }
}

function hoursOf(value: unknown, name: string): Pick<OfflineRule, 'time_filter'> {
  if (value == null) return {}
  if (!isObject(value)) throw refusedField(name, value, 'must be an object')
  const enabled = value.enabled ?? true
  if (typeof enabled !== 'boolean') throw refusedField(`${name}.enabled`, enabled, 'must be true or false')
  const times = Object.fromEntries(
    TIMES.map(([field, most]) => {
      const time = value[field] ?? 0
      if (!Number.isInteger(time) || (time as number) < 0 || (time as number) > most)
        throw refusedField(`${name}.${field}`, time, `must be a whole number from 0 to ${most}, UTC`)
      return [field, time as number]
    }),
  ) as Record<(typeof TIMES)[number][0], number>
  if (enabled && times.start_hour === times.end_hour && times.start_minute === times.end_minute)
    throw refusedField(name, value, 'must not end when it starts; leave it out for the whole day')
  return { time_filter: { enabled, ...times } }
}

export interface OfflineRulesOptions {
  store: Pick<Store, 'sensorConfigs' | 'actuatorConfigs'>
  library: Library
}

/** The rules somebody gives an actuator, each whole. Throws RequestRefused. */
export function checkOfflineRules(
  value: unknown,
  { esp_id, gpio: actuator_gpio }: { esp_id: string; gpio: number },
  { store, library }: OfflineRulesOptions,
): OfflineRule[] {
  const name = 'metadata.offline_rules'
  if (!Array.isArray(value)) throw refusedField(name, value, 'must be a list')
  const sensors = store.sensorConfigs.list(esp_id)
  const rules = value.map((item: unknown, index): OfflineRule => {
    const at = `${name}[${index}]`
    if (!isObject(item)) throw refusedField(at, item, 'must be an object')
    const { sensor_gpio, sensor_value_type, current_state_active = false } = item
    if (item.actuator_gpio != null && item.actuator_gpio !== actuator_gpio)
      throw refusedField(
        `${at}.actuator_gpio`,
        item.actuator_gpio,
        `must be ${actuator_gpio}, as in the path`,
      )
    if (!Number.isInteger(sensor_gpio))
      throw refusedField(`${at}.sensor_gpio`, sensor_gpio ?? null, 'must be the GPIO of a sensor')
    if (typeof sensor_value_type !== 'string' || sensor_value_type.length > 50)
      throw refusedField(`${at}.sensor_value_type`, sensor_value_type ?? null, 'must be a sensor type')
    if (typeof current_state_active !== 'boolean')
      throw refusedField(`${at}.current_state_active`, current_state_active, 'must be true or false')
    const sensor = {
      sensor_gpio: sensor_gpio as number,
      sensor_value_type: library.normalise(sensor_value_type),
    }
    const why = unfit(sensors, library, sensor)
    if (why) throw refusedField(at, item, why)
    return {
      actuator_gpio,
      ...sensor,
      ...thresholdsOf(item, at),
      current_state_active,
      ...hoursOf(item.time_filter, `${at}.time_filter`),
    }
  })
  const others = store.actuatorConfigs
    .list(esp_id)
    .filter(({ gpio, enabled }) => gpio !== actuator_gpio && enabled === 1)
    .reduce((sum, config) => sum + rulesIn(config).length, 0)
  if (rules.length + others > OFFLINE_RULES)
    throw refusedField(
      name,
      null,
      `must be at most ${OFFLINE_RULES - others}: a device holds ${OFFLINE_RULES} rules, and other actuators have ${others}`,
    )
  return rules
}

const rulesIn = ({ metadata }: Pick<ActuatorConfig, 'metadata'>): OfflineRule[] =>
  Array.isArray(metadata.offline_rules) ? (metadata.offline_rules as OfflineRule[]) : []

/** What a device is to do by itself, and what of it cannot work any more, with the reason. */
export interface OfflineRules {
  readonly rules: readonly OfflineRule[]
  readonly stripped: readonly { readonly rule: OfflineRule; readonly reason: string }[]
}

export type OfflineRulesOf = (esp_id: string) => OfflineRules

export const createOfflineRulesOf =
  ({ store, library }: OfflineRulesOptions): OfflineRulesOf =>
  (esp_id) => {
    const all = store.actuatorConfigs
      .list(esp_id)
      .filter(({ enabled }) => enabled === 1)
      .flatMap(rulesIn)
    if (all.length === 0) return NONE
    const sensors = store.sensorConfigs.list(esp_id)
    const judged = all.map((rule) => ({ rule, reason: unfit(sensors, library, rule) }))
    const works = judged.filter(({ reason }) => reason === undefined).map(({ rule }) => rule)
    const beyond = works
      .slice(OFFLINE_RULES)
      .map((rule) => ({ rule, reason: `a device holds ${OFFLINE_RULES} rules` }))
    return {
      rules: works.slice(0, OFFLINE_RULES),
      stripped: [...judged.flatMap(({ rule, reason }) => (reason ? [{ rule, reason }] : [])), ...beyond],
    }
  }

const NONE: OfflineRules = Object.freeze({ rules: [], stripped: [] })
