/** Which quantity of its zone a sensor type measures. */
import { createLibrary, isRemote } from '../routing/sensors/library.js'
import type { WorldQuantity } from './world.js'

/** The built-in types: a mock knows what it measures without a server. */
export const library = createLibrary()

/** Types whose quantity in the library is `other`. */
const BY_TYPE: Readonly<Record<string, WorldQuantity>> = {
  ds18b20: 'temperature',
  soil_temperature: 'soil_temperature',
  moisture: 'soil_moisture',
  level: 'tank_level',
  level_ultrasonic: 'tank_level',
  flow: 'flow',
  ph: 'ph',
  ec: 'ec',
  vpd: 'vpd',
  co2: 'co2',
  mhz19_co2: 'co2',
  scd30_co2: 'co2',
  scd4x_co2: 'co2',
}

const BY_QUANTITY: Readonly<Record<string, WorldQuantity>> = {
  air_temperature: 'temperature',
  relative_humidity: 'humidity',
  illuminance: 'illuminance',
  ppfd: 'ppfd',
  water_temperature: 'water_temperature',
}

/** undefined for what a zone does not have, such as air pressure. */
export function quantityOf(sensor_type: string): WorldQuantity | undefined {
  const type = library.find(sensor_type)
  if (!type || isRemote(type)) return undefined
  return BY_TYPE[type.type] ?? BY_QUANTITY[type.quantity]
}
