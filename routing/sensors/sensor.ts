/**
 * Builds a sensor type from its declaration: formula, then what the sensor is known to lie about, calibration,
 * temperature, the ends of its scale, and how far the result is trusted. The order is the same for every type
 * and stands here once; an entry only says what is particular about it.
 */
import { type Quality, worse } from '../contract/quality.js'
import type { Calibration, Conversion, Converted, Params, SensorType } from './sensor-type.js'

/** Native number → value in the unit; a sentence says why there is none. */
export type Formula = (native: number, conversion: Conversion) => number | string

export type Declaration = Omit<SensorType, 'convert'> & {
  readonly formula: Formula
  /**
   * Beyond the range the value is held at its end, with this quality. Without it, it is left as it is and the
   * range check makes it `critical`.
   */
  readonly held?: Quality
}

export const fault = (reason: string): Converted => ({ value: null, quality: 'error', reason })

export const clamp = (value: number, low: number, high: number): number =>
  value < low ? low : value > high ? high : value

/** A number of the sensor's config, between two limits; undefined when it is not given or not that. */
export const option = (
  params: Params,
  name: string,
  low = -Number.MAX_VALUE,
  high = Number.MAX_VALUE,
): number | undefined => {
  const value = params[name]
  return typeof value === 'number' && value >= low && value <= high ? value : undefined
}

/** An offset or factor on the finished value; the other methods draw their own line inside the formula. */
export function corrected(
  value: number,
  calibration: Calibration | null,
  [low, high]: SensorType['range'],
): number {
  if (calibration === null) return value
  const { offset = 0, factor = 1 } = calibration.coefficients
  if (calibration.method === 'factor') return value * factor
  if (calibration.method !== 'offset') return value
  // A correction does not lead just out of the range: 99.5 %RH with an offset of 1 is saturated air, no fault.
  const inside = value >= low && value <= high
  const held = clamp(value + offset, low, high)
  return inside && Math.abs(value + offset - held) <= (high - low) / 20 ? held : value + offset
}

export function sensor({ formula, held, ...entry }: Declaration): SensorType {
  const { range, quirk, judge, compensation, unit } = entry

  const convert = (native: number, conversion: Conversion): Converted => {
    const { calibration, params } = conversion
    const plain = formula(native, conversion)
    if (typeof plain === 'string') return fault(plain)
    const known = quirk?.(plain)
    if (known?.value === null) return known

    let value = corrected(plain, calibration, range)
    if (compensation) {
      const temperature = conversion.temperature ?? calibration?.temperature
      if (temperature != null) value = compensation.apply(value, temperature, params)
    }
    let quality = judge ? judge(value, calibration !== null) : 'good'
    if (known) return { ...known, value, quality: worse(known.quality, quality) }
    if (held !== undefined && (value < range[0] || value > range[1])) {
      const reason = `${Number(value.toPrecision(4))} ${unit} is beyond the scale, which ends here`
      value = clamp(value, range[0], range[1])
      quality = worse(held, quality)
      return { value, quality, reason }
    }
    return { value, quality }
  }
  return { ...entry, convert }
}
