/**
 * What a device is to know: its sensors, its actuators, its offline rules, each as the firmware reads it, and the
 * fingerprint of all of it. What is disabled or computed here is no business of the device.
 */
import { createHash } from 'node:crypto'
import type { ActuatorConfig } from '../../storage/actuator-configs.js'
import type { Device } from '../../storage/devices.js'
import type { SensorConfig } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { Library } from '../sensors/library.js'
import { isVirtual } from '../sensors/wiring.js'
import { actuatorItem, sensorItem } from './items.js'
import type { OfflineRule, OfflineRules, OfflineRulesOf } from './offline-rules.js'

/** The kinds of items, in the order in which they are told. */
export const KINDS = ['sensors', 'actuators', 'offline_rules'] as const
export type Kind = (typeof KINDS)[number]

/** One item with its text, and the config it was made of. */
export interface Item<Config> {
  readonly config: Config
  readonly item: object
  readonly text: string
}

export interface Content {
  readonly sensors: readonly Item<SensorConfig>[]
  readonly actuators: readonly Item<ActuatorConfig>[]
  readonly offline_rules: readonly Item<OfflineRule>[]
  readonly stripped: OfflineRules['stripped']
}

/** JSON with the keys of every object in order and nothing between: one text for one content. RFC 8785 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}

const itemsOf = (items: readonly Item<unknown>[]): object[] => items.map(({ item }) => item)

/** SHA-256 of the canonical JSON of all items, however many messages they take. */
export const fingerprintOf = ({ sensors, actuators, offline_rules }: Content): string =>
  createHash('sha256')
    .update(
      canonical({
        sensors: itemsOf(sensors),
        actuators: itemsOf(actuators),
        offline_rules: itemsOf(offline_rules),
      }),
    )
    .digest('hex')

export interface ContentOptions {
  store: Pick<Store, 'sensorConfigs' | 'actuatorConfigs' | 'subzones'>
  library: Library
  offlineRulesOf: OfflineRulesOf
}

export interface Contents {
  of(device: Device): Content
  sensor(device: Device, config: SensorConfig): Item<SensorConfig>
  actuator(device: Device, config: ActuatorConfig): Item<ActuatorConfig>
}

const made = <C>(config: C, item: object): Item<C> => ({ config, item, text: JSON.stringify(item) })

export function createContents({ store, library, offlineRulesOf }: ContentOptions): Contents {
  const sensor: Contents['sensor'] = (device, config) =>
    made(config, sensorItem(device, config, library, store.subzones.of(device.device_id, config.gpio)))
  const actuator: Contents['actuator'] = (device, config) =>
    made(config, actuatorItem(device, config, store.subzones.of(device.device_id, config.gpio)))
  return {
    sensor,
    actuator,
    of(device) {
      const { device_id } = device
      const { rules, stripped } = offlineRulesOf(device_id)
      return {
        sensors: store.sensorConfigs
          .list(device_id)
          .filter(({ enabled, sensor_type }) => enabled === 1 && !isVirtual(sensor_type))
          .map((config) => sensor(device, config)),
        actuators: store.actuatorConfigs
          .list(device_id)
          .filter(({ enabled }) => enabled === 1)
          .map((config) => actuator(device, config)),
        offline_rules: rules.map((rule) => made(rule, rule)),
        stripped,
      }
    },
  }
}
