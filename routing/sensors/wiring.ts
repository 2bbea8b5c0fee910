/** How a sensor is wired, as far as its type and address say it: on a bus, on an analog or a digital pin, or nowhere. */
import { computeds } from './computed.js'
import type { KnownType, Library } from './library.js'

const VIRTUAL = new Set(computeds.map(({ type }) => type))

/** Made from other readings, never measured: no device is told of it. */
export const isVirtual = (sensor_type: string): boolean => VIRTUAL.has(sensor_type)

export const isAnalog = (type: KnownType | undefined): boolean =>
  type !== undefined && /\bADC\b/.test(type.native.unit)

export type Interface = 'ANALOG' | 'I2C' | 'ONEWIRE' | 'DIGITAL'

export function interfaceOf(
  { sensor_type, address }: { readonly sensor_type: string; readonly address: string },
  library: Pick<Library, 'find'>,
): Interface {
  if (address.startsWith('0x')) return 'I2C'
  const type = library.find(sensor_type)
  // The three names of a DS18B20; its register is the only one of 1/16 °C.
  if (address !== '' || type?.native.unit === '1/16 °C') return 'ONEWIRE'
  if (isAnalog(type)) return 'ANALOG'
  return /^(sht|bmp|bme|scd|bh17|tsl|veml|ens|sgp|ccs)/.test(sensor_type) ? 'I2C' : 'DIGITAL'
}
