/**
 * Points a probe gave in known references → a calibration, and what it says about the probe. Pure: the result
 * is plain JSON that `convert` applies; nothing is stored here. What cannot be a calibration is refused with a
 * sentence that names what is wrong.
 *
 * One point shifts the ideal line; two draw a line; three draw two lines that meet in the middle point, so that
 * each point is exact and a probe that bends (pH 4, 7 and 9) is followed. Offsets and factors are the mean of one
 * to three points. References are what they are at `temperature`, °C; EC standards are stated for 25 °C.
 */
import { type Attempt, type Made, methods } from './calibration-methods.js'
import { rounded } from './convert.js'
import { isRemote, type KnownType } from './library.js'
import type { Calibration, CalibrationMethod, CalibrationPoint, Params } from './sensor-type.js'

export interface Verdict {
  readonly quality: 'good' | 'fair' | 'replace'
  /**
   * The slope as electrode makers state it: how much signal the probe gives per unit, in % of what the ideal one
   * gives (a worn pH probe has 80 %, a short-circuited one 0). null where points or type know no ideal.
   */
  readonly slope_percent: number | null
  /** What the calibration adds, in the unit: at pH 7 for pH, at 0 for other lines, everywhere for an offset. */
  readonly offset: number
  readonly sentence: string
}

export interface Calibrated {
  readonly calibration: Calibration
  readonly verdict: Verdict
}

export interface Circumstances {
  /** Options of the sensor's config; those that change the conversion change its calibration. */
  readonly params?: Params
  /** The points' `raw` are values in the unit (the sensor sends them so): an offset is all there can be. */
  readonly engineering?: boolean
}

/** The first thing that is wrong with the points themselves. */
function invalidPoints({ type, points }: Attempt, method: CalibrationMethod): string | undefined {
  const { least, most, distinct } = methods[method]
  if (points.length < least || points.length > most) {
    const allowed = least === most ? `exactly ${least}` : `${least} to ${most}`
    return `${type.type} is calibrated with ${allowed} points (${method}), not ${points.length}`
  }
  const [low, high] = type.range
  for (const [index, { raw, reference }] of points.entries()) {
    if (!Number.isFinite(raw)) return 'The raw value of a point is not a finite number'
    if (!Number.isFinite(reference)) return 'The reference of a point is not a finite number'
    if (reference < low || reference > high)
      return `Reference ${reference} is outside the range of ${type.type}, ${low} to ${high} ${type.unit}`.trimEnd()
    for (const other of distinct ? points.slice(0, index) : []) {
      if (raw === other.raw) return `Two points have the same raw value ${raw}`
      if (reference === other.reference) return `Two points have the same reference ${reference}`
    }
  }
  return undefined
}

const ADVICE = {
  good: 'the probe is good',
  fair: 'usable; clean the probe and calibrate again soon',
  replace: 'replace the probe, unless the references or the assumed amplifier are wrong',
} as const

function verdictOf(type: KnownType, { slope_percent, offset, flaw }: Made): Verdict {
  const tolerance = isRemote(type) ? undefined : type.tolerance
  const fits = (grade: 'good' | 'fair'): boolean => {
    const slope = slope_percent === null ? undefined : tolerance?.slope?.[grade]
    const most = tolerance?.offset?.[grade]
    if (slope && (slope_percent! < slope[0] || slope_percent! > slope[1])) return false
    return most === undefined || Math.abs(offset) <= most
  }
  const quality = fits('good') && !flaw ? 'good' : fits('fair') ? 'fair' : 'replace'
  const shown = `${rounded(offset, 3)} ${type.unit}`.trimEnd()
  const found = slope_percent === null ? '' : `slope ${slope_percent} % of the ideal, `
  const sentence = `${found}offset ${shown}: ${(quality !== 'replace' && flaw) || ADVICE[quality]}`
  return {
    quality,
    slope_percent,
    offset: rounded(offset, 6),
    sentence: sentence[0]!.toUpperCase() + sentence.slice(1),
  }
}

/** A string is a refusal: the sentence that says what is wrong. */
export function calibrate(
  type: KnownType,
  points: readonly CalibrationPoint[],
  temperature: number | null = null,
  { params = {}, engineering = false }: Circumstances = {},
): Calibrated | string {
  if (type.calibration === null) return `${type.type} is not calibrated`
  if (temperature !== null && !(temperature >= -10 && temperature <= 80))
    return 'The temperature of the reference is not between -10 and 80 °C'
  const method = engineering ? 'offset' : type.calibration
  const attempt: Attempt = { type, points, temperature, params, engineering }
  const invalid = invalidPoints(attempt, method)
  if (invalid) return invalid
  const made = methods[method].make(attempt)
  if (typeof made === 'string') return made
  const kept = points.map(({ raw, reference }) => ({ raw, reference }))
  const calibration: Calibration = { method, points: kept, temperature, coefficients: made.coefficients }
  return { calibration, verdict: verdictOf(type, made) }
}
