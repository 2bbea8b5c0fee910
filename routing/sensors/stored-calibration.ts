/**
 * A calibration as somebody wrote it down → one that `convert` applies: our own, or one of the shapes the
 * original keeps in a sensor's config (protocol.md §7.3): `{slope, offset}` in volts, `{dry_value, wet_value}`,
 * `{offset}`, `{calibration_factor}` in pulses per litre, or bare `{points}`.
 */
import { calibrate } from './calibration.js'
import type { KnownType } from './library.js'
import type { Calibration, CalibrationMethod, CalibrationPoint } from './sensor-type.js'
import { PULSES_PER_LITRE } from './water.js'

type Fields = Readonly<Record<string, unknown>>

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isPoint = (value: unknown): value is CalibrationPoint =>
  isFields(value) && isNumber(value.raw) && isNumber(value.reference)

const numbers = (fields: Fields, names: readonly string[]): Record<string, number> | undefined => {
  const found: Record<string, number> = {}
  for (const name of names) {
    const value = fields[name]
    if (!isNumber(value)) return undefined
    found[name] = value
  }
  return found
}

/** Coefficients each method cannot do without. */
const NEEDS: Readonly<Record<CalibrationMethod, readonly string[]>> = {
  linear: ['slope', 'offset'],
  dry_wet: ['dry_value', 'wet_value'],
  offset: ['offset'],
  factor: ['factor'],
}

function byName(fields: Fields, method: CalibrationMethod): Calibration | undefined {
  if (!numbers(fields, NEEDS[method])) return undefined
  const names = Object.keys(fields).filter((name) => isNumber(fields[name]))
  return { method, points: [], temperature: null, coefficients: numbers(fields, names)! }
}

/** null: there is none. A string is a refusal: what is written there is no calibration of this type. */
export function storedCalibration(type: KnownType, written: unknown): Calibration | null | string {
  if (written === null || written === undefined) return null
  const refusal = `This is no calibration of ${type.type}: ${type.calibration ?? 'it has none'}`
  if (!isFields(written)) return refusal
  if (Object.keys(written).length === 0) return null
  if (type.calibration === null) return refusal

  const { method, coefficients, points, temperature } = written
  const degrees = isNumber(temperature) ? temperature : null
  const known = Array.isArray(points) && points.every(isPoint) ? points : []
  if (isFields(coefficients)) {
    const used = method === 'offset' ? 'offset' : type.calibration
    const made = method === used ? byName(coefficients, used) : undefined
    return made ? { ...made, points: known, temperature: degrees } : refusal
  }
  const pulses = written.calibration_factor
  if (type.calibration === 'factor' && isNumber(pulses) && pulses > 0)
    return byName({ factor: PULSES_PER_LITRE / pulses }, 'factor')!
  const direct = byName(written, type.calibration) ?? byName(written, 'offset')
  if (direct) return direct
  if (known.length === 0) return refusal
  const made = calibrate(type, known, degrees)
  return typeof made === 'string' ? made : made.calibration
}
