/** How a sensor is named in a query of the server and in the address of a page: `esp_id,gpio,type[,address]`. */
import { sensorNames, shapes } from '../../store/devices.js'
import { sensorKey } from '../../store/readings.js'
import { wordFor } from '../../words/index.js'
import type { Identity } from './lines.js'

export const nameOf = ({ esp_id, gpio, sensor_type, address }: Identity): string =>
  [esp_id, gpio, sensor_type, ...(address ? [address] : [])].join(',')

export function identityOf(name: string): Identity {
  const [esp_id = '', gpio = '', sensor_type = '', address] = name.split(',')
  return { esp_id, gpio: Number(gpio), sensor_type, address: address || null }
}

/** The key of its reading. */
export const keyOf = (name: string): string => sensorKey(identityOf(name))

/** What people call it, and where it is. */
export function titleOf(name: string): { sensor: string; device: string; zone: string } {
  const { esp_id, sensor_type } = identityOf(name)
  const shape = shapes.get(esp_id)
  return {
    sensor: sensorNames.get(keyOf(name)) ?? wordFor('sensors.types', sensor_type),
    device: shape?.title ?? esp_id,
    zone: shape?.zone_name || shape?.zone_id || '',
  }
}

/** What stands at an axis, from its key: the unit, or what it is that has none. */
export const axisLabel = (key: string): string =>
  key.startsWith(':') ? wordFor('sensors.types', key.slice(1)) : key
