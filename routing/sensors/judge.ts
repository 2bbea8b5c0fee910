/** Rules for how far a value is trusted (protocol.md §7.3), as the entries of the table name them. */
import type { Quality } from '../contract/quality.js'

type Judge = (value: number, calibrated: boolean) => Quality

/** `good` between two values (both included), `fair` outside. */
export const goodWithin =
  (low: number, high: number): Judge =>
  (value) =>
    value >= low && value <= high ? 'good' : 'fair'

/** Percent scales are least certain at their ends: `good` 20 to 80, `poor` near 0 and 100, else `fair`. */
export const percentScale =
  (poorBelow: number, poorAbove: number): Judge =>
  (value) => {
    if (value < poorBelow || value > poorAbove) return 'poor'
    return value >= 20 && value <= 80 ? 'good' : 'fair'
  }

/** The first step that the value lies below. */
export const steps =
  (table: readonly (readonly [below: number, quality: Quality])[], above: Quality): Judge =>
  (value) => {
    for (const [below, quality] of table) if (value < below) return quality
    return above
  }

/** A probe is `good` when calibrated and well inside its scale, `fair` when one of both, else `poor`. */
export const probe =
  (
    calibratedRange: readonly [number, number],
    plainRange: readonly [number, number] = calibratedRange,
  ): Judge =>
  (value, calibrated) => {
    if (calibrated && value >= calibratedRange[0] && value <= calibratedRange[1]) return 'good'
    return calibrated || (value >= plainRange[0] && value <= plainRange[1]) ? 'fair' : 'poor'
  }

/** What means little until it is calibrated. */
export const onceCalibrated =
  (before: Quality): Judge =>
  (_value, calibrated) =>
    calibrated ? 'good' : before
