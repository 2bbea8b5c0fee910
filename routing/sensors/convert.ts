/**
 * What the reading path calls: a native number or an engineering value of a known type → value and quality.
 * Promises that an unusable number never becomes a usable value (null and `error`, never 0), and that a value
 * outside the physical range is kept and marked `critical`.
 */
import { worse } from '../contract/quality.js'
import { corrected, fault } from './sensor.js'
import type { Calibration, Conversion, Converted, SensorType, SensorTypeDescription } from './sensor-type.js'

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

/** Halves away from zero, so that −10.125 and 10.125 are alike; never −0. */
export function rounded(value: number, decimals: number): number {
  const power = POWERS[decimals] ?? 10 ** decimals
  const whole = Math.round(Math.abs(value) * power)
  return whole === 0 ? 0 : value < 0 ? -whole / power : whole / power
}

/** Two's complement that a device sent without its sign, as 16, 24 or 32 bits (protocol.md §12.1 #10). */
function meant(native: number, bits: 16 | 24): number {
  const half = 2 ** (bits - 1)
  if (native >= half && native < 2 * half) return native - 2 * half
  if (native >= 2 ** 32 - half && native < 2 ** 32) return native - 2 ** 32
  return native
}

/** The native number as its sensor means it; a sentence when no such sensor can have sent it. */
export function nativeOf({ native }: SensorTypeDescription, sent: number): number | string {
  if (!Number.isFinite(sent)) return 'The native number is not finite'
  const number = native.signed === undefined ? sent : meant(sent, native.signed)
  const [low, high] = native.range
  if (number < low || number > high)
    return `Native number ${sent} is not between ${low} and ${high} (${native.unit})`
  if (native.whole && !Number.isInteger(number))
    return `Native number ${sent} has a fraction and cannot be a ${native.unit}`
  return number
}

/** Range check: outside, the value is kept and `critical`. */
function checked(type: SensorTypeDescription, converted: Converted): Converted {
  const { value } = converted
  if (value === null) return converted
  const [low, high] = type.range
  if (value >= low && value <= high) return converted
  return {
    value,
    quality: worse(converted.quality, 'critical'),
    reason: `${value} is outside the physical range of ${low} to ${high} ${type.unit}`.trimEnd(),
  }
}

/**
 * Ends every conversion, also one that was made elsewhere (a user's module): rounds to the type's decimals and
 * checks the range. A value that is no finite number is a fault.
 */
export function settle(type: SensorTypeDescription, converted: Converted): Converted {
  const { value } = converted
  if (value === null) return { ...converted, quality: worse(converted.quality, 'error') }
  if (!Number.isFinite(value)) return fault('The conversion gave no finite number')
  return checked(type, { ...converted, value: rounded(value, type.decimals) })
}

/** Native number → value in the type's unit. */
export function convert(type: SensorType, native: number, conversion: Conversion): Converted {
  const number = nativeOf(type, native)
  return typeof number === 'string' ? fault(number) : settle(type, type.convert(number, conversion))
}

/**
 * A value that came in its unit: what is known of the sensor's lies, an offset (no other calibration means
 * anything here), range and quality. Without an offset the value is left exactly as it came.
 */
export function engineering(
  type: SensorTypeDescription & Partial<Pick<SensorType, 'quirk' | 'judge'>>,
  value: number,
  calibration: Calibration | null,
): Converted {
  if (!Number.isFinite(value)) return fault('The value is not finite')
  const quirk = type.quirk?.(value)
  if (quirk?.value === null) return quirk
  const offset = calibration?.method === 'offset' ? calibration : null
  const final = offset ? rounded(corrected(value, offset, type.range), 6) : value
  if (!Number.isFinite(final)) return fault('The calibration gave no finite number')
  // What the device converted, the device has calibrated.
  const quality = type.judge ? type.judge(final, true) : 'good'
  if (quirk) return checked(type, { ...quirk, value: final, quality: worse(quirk.quality, quality) })
  return checked(type, { value: final, quality })
}
