/** A built-in type by any of its names, and a conversion that nothing surrounds. */
import { createLibrary, isRemote } from '../../../routing/sensors/library.js'
import type { Conversion, SensorType } from '../../../routing/sensors/sensor-type.js'

const library = createLibrary()

export const typeOf = (word: string): SensorType => {
  const type = library.find(word)
  if (!type || isRemote(type)) throw new Error(`${word} is no built-in type`)
  return type
}

export const PLAIN: Conversion = { calibration: null, params: {}, temperature: null }
