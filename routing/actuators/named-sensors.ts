/**
 * The sensors that configs of actuators name: whether one that is to be named is there, and who names one that is to
 * go. A name nobody answers to would keep the actuator at its safe value for ever, or never confirm that it works.
 */

import type { ActuatorConfig, ActuatorConfigs } from '../../storage/actuator-configs.js'
import type { SensorKey } from '../../storage/sensor-configs.js'
import type { Store } from '../../storage/store.js'
import type { FieldWrong } from '../contract/sentences/fields.js'
import type { Library } from '../sensors/library.js'
import { sanityIn } from './evidence.js'
import { type SensorName, spelledSensor } from './freshness.js'
import { spelled } from './place.js'
import { sensorsIn } from './surroundings.js'

/** Is the sensor of this config, or of these readings, meant by the name? */
export const isMeantBy =
  (name: SensorName) =>
  ({ esp_id, gpio, sensor_type, address }: SensorKey): boolean =>
    esp_id === name.esp_id &&
    gpio === name.gpio &&
    sensor_type === name.sensor_type &&
    (!name.address || address === '' || address === name.address)

/** Why there is no such sensor: which part of its name is to blame, and what is allowed. */
export interface Missing {
  readonly part: 'esp_id' | 'sensor_type' | 'gpio'
  readonly msg: string
  readonly code: FieldWrong
}

export type MissingOf = (name: SensorName) => Missing | undefined

/** A sensor is there when somebody configured it, or it was heard; undefined then. */
export const createMissingOf =
  (store: Pick<Store, 'devices' | 'sensorConfigs' | 'sensors'>, library: Pick<Library, 'find'>): MissingOf =>
  (name) => {
    const { esp_id, gpio, sensor_type } = name
    if (!store.devices.find(esp_id))
      return {
        part: 'esp_id',
        msg: `must be the id of a device: ${esp_id} is not known`,
        code: 'device_unknown',
      }
    const all: readonly SensorKey[] = [
      ...store.sensorConfigs.list(esp_id),
      ...store.sensors.select({ esp_id }),
    ]
    if (all.some(isMeantBy(name))) return undefined
    if (!library.find(sensor_type))
      return {
        part: 'sensor_type',
        msg: `must be a sensor type: kaiser knows no ${sensor_type}`,
        code: 'sensor_type_unknown',
      }
    const there = new Set(all.filter((key) => key.gpio === gpio).map((key) => key.sensor_type))
    const what = there.size > 0 ? `; GPIO ${gpio} has ${[...there].join(', ')}` : ''
    return {
      part: 'gpio',
      msg: `must be a sensor: ${spelledSensor(name)} was neither configured nor heard${what}`,
      code: 'sensor_none',
    }
  }

interface Need {
  readonly sensor: SensorName
  readonly field: 'required_sensors' | 'sanity'
  readonly sentence: string
}

function needsOf(config: ActuatorConfig): Need[] {
  const sanity = sanityIn(config)
  return [
    ...sensorsIn(config).map((sensor) => ({
      sensor,
      field: 'required_sensors' as const,
      sentence: `${spelled(config)} must hear from ${spelledSensor(sensor)}`,
    })),
    ...(sanity
      ? [
          {
            sensor: sanity,
            field: 'sanity' as const,
            sentence: `${spelled(config)} is checked by ${spelledSensor(sanity)}`,
          },
        ]
      : []),
  ]
}

/** Which configs that stay name sensors that are to go, as a sentence; undefined when none does. */
export function sensorNeededBy(
  configs: Pick<ActuatorConfigs, 'list'>,
  goes: (sensor: SensorName) => boolean,
  stays: (config: ActuatorConfig) => boolean = () => true,
): string | undefined {
  const needs = configs
    .list()
    .filter(stays)
    .flatMap(needsOf)
    .filter(({ sensor }) => goes(sensor))
  if (needs.length === 0) return undefined
  const sentences = needs.map(({ sentence }) => sentence).join(', ')
  const fields = [...new Set(needs.map(({ field }) => field))].join(' and ')
  return `${sentences}: change its ${fields} first`
}
