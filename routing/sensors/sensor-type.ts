/**
 * What a sensor type is: one declarative entry that says its names, its unit, what it can physically measure,
 * how its native number becomes a value, and back. Pure data and pure functions: nothing here keeps state,
 * asks a clock or reads a database. The table of entries is in library.ts.
 */
import type { Quality } from '../contract/quality.js'

/** What is measured, as far as others care: derived values pair quantities, not sensor types. */
export type Quantity =
  | 'air_temperature'
  | 'relative_humidity'
  | 'illuminance'
  | 'ppfd'
  | 'water_temperature'
  | 'other'

/** How a type is calibrated; what the points mean and what the verdict judges follows from it. */
export type CalibrationMethod = 'offset' | 'linear' | 'dry_wet' | 'factor'

/** One point of a calibration: the native number the probe gave in a reference of a known value. */
export interface CalibrationPoint {
  /** native number (ADC count, register), as in `raw_value` */
  readonly raw: number
  /** what the reference is, in the unit of the type */
  readonly reference: number
}

/** A calibration as it is kept and applied: plain JSON. */
export interface Calibration {
  readonly method: CalibrationMethod
  readonly points: readonly CalibrationPoint[]
  /** °C of the reference when it was taken; null when nobody said */
  readonly temperature: number | null
  /** What the method made of the points: slope, offset, dry_value, wet_value, factor … */
  readonly coefficients: Readonly<Record<string, number>>
}

/** Options of a sensor's config. */
export type Params = Readonly<Record<string, unknown>>

/** What surrounds one conversion. */
export interface Conversion {
  readonly calibration: Calibration | null
  /** Options of the sensor's config, such as `altitude` (m) or `ec_reference` (°C); {} when there are none. */
  readonly params: Params
  /** °C of the medium, for temperature compensation; null when it is not known. */
  readonly temperature: number | null
}

/** A native number that was converted. A fault has no value: it never becomes 0. */
export interface Converted {
  readonly value: number | null
  readonly quality: Quality
  /** Why the quality is what it is, when it is not plain: one sentence. */
  readonly reason?: string
}

/** value = slope * signal + offset: the ideal line of a sensor that is calibrated by drawing another. */
export interface Line {
  /** What the line is drawn over: volts behind an ADC of 12 or 16 bits, or the native number itself. */
  readonly signal: (native: number, bits: number) => number
  /** The ideal, used while nobody calibrated; `params.slope` and `params.offset` replace it (other amplifier). */
  readonly slope: number
  readonly offset: number
  /** The value at which an offset is stated, in the unit: 7 for pH. */
  readonly pivot: number
}

/** Effect of the medium's temperature; `undo` is the inverse of `apply` at 25 °C reference. */
export interface Compensation {
  /** value at that temperature → value at the reference temperature */
  readonly apply: (value: number, temperature: number, params: Params) => number
  readonly undo: (value: number, temperature: number) => number
}

/** Up to where a calibration finds the probe good, and up to where still fair; beyond, it is to be replaced. */
export interface Tolerance {
  /** Signal per unit, in % of the ideal. Without it any slope will do, in either direction. */
  readonly slope?: { readonly good: readonly [number, number]; readonly fair: readonly [number, number] }
  /** Offsets in the unit, in either direction. */
  readonly offset?: { readonly good: number; readonly fair: number }
}

export interface SensorType {
  /** Canonical name, lower case: what is stored. */
  readonly type: string
  /** Other spellings that mean it, lower case (protocol.md §7.2). */
  readonly aliases: readonly string[]
  readonly name: { readonly en: string; readonly de: string }
  /** Unit of the value; the registry owns units. '' for a bare number. */
  readonly unit: string
  readonly decimals: number
  readonly quantity: Quantity
  /** Physical limits in the unit; outside, a value is kept and its quality is `critical`. */
  readonly range: readonly [low: number, high: number]
  /** What the native number is, and between which it can lie. */
  readonly native: {
    readonly unit: string
    readonly range: readonly [low: number, high: number]
    /** Two's complement of that many bits: a negative that came as 65xxx or 4294967xxx is read as what it means. */
    readonly signed?: 16 | 24
    /** A register: a fraction cannot have come from it. */
    readonly whole?: true
  }
  readonly calibration: CalibrationMethod | null
  /** Days after which a calibration is due again; null when it never is. */
  readonly calibration_days: number | null
  /** Value of a mock when nobody chose one, in the unit. */
  readonly mock: number
  /** How often it is measured and after how long without a value it is stale, seconds (protocol.md §7.4). */
  readonly interval_s: number
  readonly stale_s: number
  /**
   * A value that does not move at all for this long, ms, is `suspect`; null where standing still is normal
   * (a dark lamp, no flow).
   */
  readonly stuck_ms: number | null
  /** Where formula and limits are from: datasheet or paper. */
  readonly source: string
  /**
   * Native number → value in the unit, calibrated and compensated. A fault of the sensor is `value: null`.
   * Call `convert` of convert.ts: it checks the native number first, and rounds and checks the range after.
   */
  readonly convert: (native: number, conversion: Conversion) => Converted
  /** Value in the unit → the native number an uncalibrated, uncompensated sensor gives: the inverse. */
  readonly simulate: (value: number) => number
  /** How far a value in the unit is trusted (protocol.md §7.3); `good` when missing. */
  readonly judge?: (value: number, calibrated: boolean) => Quality
  /** A value, before any calibration, that means something else; undefined for all others. */
  readonly quirk?: (value: number) => Converted | undefined
  /** Set where calibration is `linear`. */
  readonly line?: Line
  /** Set where calibration is `dry_wet`: the native numbers of 0 and 100 % while nobody calibrated. */
  readonly span?: { readonly dry: number; readonly wet: number }
  readonly compensation?: Compensation
  readonly tolerance?: Tolerance
}

/** What of an entry is for this process only. */
type Workings = 'convert' | 'simulate' | 'judge' | 'quirk' | 'line' | 'span' | 'compensation' | 'tolerance'

/** A type as people and other processes see it: everything but the functions. */
export type SensorTypeDescription = Omit<SensorType, Workings>
