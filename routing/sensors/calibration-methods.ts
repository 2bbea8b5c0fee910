/**
 * The four ways to make a calibration out of points. Each gives the coefficients that `convert` applies and what
 * it found out about the probe; a sentence says why these points make none.
 */
import { nativeOf, rounded } from './convert.js'
import { isRemote, type KnownType } from './library.js'
import { bitsOf, idealOf, volts } from './line.js'
import type { CalibrationMethod, CalibrationPoint, Line, Params } from './sensor-type.js'

/** A calibration in the making. */
export interface Attempt {
  readonly type: KnownType
  readonly points: readonly CalibrationPoint[]
  readonly temperature: number | null
  readonly params: Params
  /** The points' `raw` are values in the unit. */
  readonly engineering: boolean
}

export interface Made {
  readonly coefficients: Readonly<Record<string, number>>
  /** See `Verdict`. */
  readonly slope_percent: number | null
  readonly offset: number
  /** Why the probe is at best `fair`, although slope and offset are well. */
  readonly flaw?: string
}

interface Method {
  readonly least: number
  readonly most: number
  /** Two points may not agree in raw value or reference: no line goes through them. */
  readonly distinct: boolean
  readonly make: (attempt: Attempt) => Made | string
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length
const percent = (share: number): number => rounded(share * 100, 1)

/** What the uncalibrated sensor shows for a point, before compensation; a sentence when it shows nothing usable. */
function shown({ type, params, engineering }: Attempt, raw: number): number | string {
  if (engineering) return raw
  if (isRemote(type))
    return `${type.type} is converted by its own module: calibrate it with values in its unit`
  const native = nativeOf(type, raw)
  if (typeof native === 'string') return native
  const { value, quality, reason } = type.convert(native, { calibration: null, params, temperature: null })
  return value === null || quality === 'suspect' ? reason! : value
}

/** What a point has to become, before compensation adds the effect of its temperature. */
const target = ({ type, temperature, engineering }: Attempt, reference: number): number =>
  temperature !== null && !engineering && !isRemote(type) && type.compensation
    ? type.compensation.undo(reference, temperature)
    : reference

function offset(attempt: Attempt): Made | string {
  const offsets: number[] = []
  for (const { raw, reference } of attempt.points) {
    const value = shown(attempt, raw)
    if (typeof value === 'string') return value
    offsets.push(target(attempt, reference) - value)
  }
  const added = mean(offsets)
  const spread = Math.max(...offsets) - Math.min(...offsets)
  const allowed = isRemote(attempt.type) ? undefined : attempt.type.tolerance?.offset?.good
  const made: Made = { coefficients: { offset: added }, slope_percent: null, offset: added }
  if (allowed === undefined || spread <= allowed) return made
  return { ...made, flaw: `the points disagree by ${rounded(spread, 3)}, one offset cannot mend that` }
}

function factor(attempt: Attempt): Made | string {
  const factors: number[] = []
  for (const { raw, reference } of attempt.points) {
    const value = shown(attempt, raw)
    if (typeof value === 'string') return value
    if (value === 0 || reference === 0) return 'A factor needs points that are not 0'
    factors.push(reference / value)
  }
  if (factors.some((one) => one < 0))
    return 'The slope has the wrong sign: raw value and reference differ in it'
  const by = mean(factors)
  return { coefficients: { factor: by }, slope_percent: percent(1 / by), offset: 0 }
}

const ITSELF: Line = { signal: (native) => native, slope: 1, offset: 0, pivot: 0 }

/** Native number → signal of a point; a sentence when no such sensor can have sent it. */
function signals({ type, points }: Attempt, line: Line, bits: number): number[] | string {
  const found: number[] = []
  for (const { raw } of points) {
    const native = nativeOf(type, raw)
    if (typeof native === 'string') return native
    found.push(line.signal(native, bits))
  }
  return found
}

function linear(attempt: Attempt): Made | string {
  const { type, points, params } = attempt
  const line = isRemote(type) ? ITSELF : (type.line ?? ITSELF)
  const bits = Math.max(...points.map(({ raw }) => bitsOf(raw, params)))
  const found = signals(attempt, line, bits)
  if (typeof found === 'string') return found
  const drawn = points
    .map(({ reference }, index) => ({ signal: found[index]!, value: target(attempt, reference) }))
    .sort((a, b) => a.signal - b.signal)
  const ideal = idealOf(line, params)
  const adc = line.signal === volts ? { adc_bits: bits } : {}
  const first = drawn[0]!
  const last = drawn.at(-1)!

  const judged = !isRemote(type) && type.tolerance?.slope !== undefined
  const atPivot = (slope: number, offset: number): number =>
    line.pivot - (ideal.slope * ((line.pivot - offset) / slope) + ideal.offset)
  if (drawn.length === 1) {
    const added = first.value - (ideal.slope * first.signal + ideal.offset)
    const coefficients = { slope: ideal.slope, offset: ideal.offset + added, ...adc }
    return { coefficients, slope_percent: null, offset: added }
  }

  const slopes = drawn.slice(1).map((point, index) => {
    const before = drawn[index]!
    return (point.value - before.value) / (point.signal - before.signal)
  })
  if (judged && slopes.some((slope) => Math.sign(slope) !== Math.sign(ideal.slope)))
    return 'The slope has the wrong sign: perhaps two points are swapped, or params.slope is of another amplifier'
  if (slopes.some((slope) => Math.sign(slope) !== Math.sign(slopes[0]!)))
    return 'The slope changes its sign between the points: one of them is wrong'

  const overall = (last.value - first.value) / (last.signal - first.signal)
  const [slope, slope_above] = slopes as [number, number?]
  const below = { slope, offset: first.value - slope * first.signal, ...adc }
  const slope_percent = judged ? percent(ideal.slope / overall) : null
  if (slope_above === undefined)
    return { coefficients: below, slope_percent, offset: atPivot(slope, below.offset) }

  const middle = drawn[1]!
  const above = {
    split: middle.signal,
    slope_above,
    offset_above: middle.value - slope_above * middle.signal,
  }
  const pivotSide = Math.sign(line.pivot - middle.value) === Math.sign(slope) ? 'above' : 'below'
  const offsetThere =
    pivotSide === 'above' ? atPivot(slope_above, above.offset_above) : atPivot(slope, below.offset)
  const bend = Math.abs(slope_above / slope - 1)
  const made: Made = { coefficients: { ...below, ...above }, slope_percent, offset: offsetThere }
  if (!judged || bend <= 0.15) return made
  return {
    ...made,
    flaw: `its two slopes differ by ${percent(bend)} %, clean the probe or check the references`,
  }
}

function dryWet({ type, points }: Attempt): Made | string {
  const dry = points.find(({ reference }) => reference === 0)
  const wet = points.find(({ reference }) => reference === 100)
  if (!dry || !wet) return 'One point is the dry end (reference 0), the other the wet end (reference 100)'
  for (const { raw } of points) {
    const native = nativeOf(type, raw)
    if (typeof native === 'string') return native
  }
  const coefficients = { dry_value: dry.raw, wet_value: wet.raw }
  const span = isRemote(type) ? undefined : type.span
  const share = span ? Math.abs((wet.raw - dry.raw) / (span.wet - span.dry)) : null
  return { coefficients, slope_percent: share === null ? null : percent(share), offset: 0 }
}

export const methods: Readonly<Record<CalibrationMethod, Method>> = {
  offset: { least: 1, most: 3, distinct: false, make: offset },
  factor: { least: 1, most: 3, distinct: false, make: factor },
  linear: { least: 1, most: 3, distinct: true, make: linear },
  dry_wet: { least: 2, most: 2, distinct: true, make: dryWet },
}
