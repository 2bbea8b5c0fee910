/**
 * What the event loop and the thread of the user modules say to one another, and the three numbers they share.
 * Everything here is plain and small; imported by both sides, so nothing may happen when it is loaded.
 */
import type { Conversion, Converted, SensorTypeDescription } from './sensor-type.js'

/** Places in the shared memory. At rest `BEGUN` and `ENDED` are the same. */
export const MARK = {
  /** Number of the request the thread began last; below 0 while it imports: −1 for the first module. */
  BEGUN: 0,
  /** The one it ended last. */
  ENDED: 1,
  /** Index of the module whose code runs, or ran last; −1 before the first. */
  MODULE: 2,
} as const

/** What a thread is born with. */
export interface ThreadData {
  readonly files: readonly { readonly file: string; readonly path: string }[]
  readonly marks: Int32Array
}

export interface Request {
  /** 1 to 2^31−1, never twice at the same time. */
  readonly id: number
  /** Index of the module in `files`. */
  readonly index: number
  readonly operation: 'convert' | 'simulate'
  /** The native number to convert, or the value to simulate. */
  readonly number: number
  readonly conversion: Conversion
}

/** What became of a request: an answer, one that means nothing, or an exception. */
export type Result =
  | { readonly kind: 'answer'; readonly id: number; readonly index: number; readonly answer: Converted }
  | {
      readonly kind: 'nonsense' | 'threw'
      readonly id: number
      readonly index: number
      readonly sentence: string
    }

/** What became of an import. */
export type Import =
  | { readonly kind: 'imported'; readonly index: number; readonly description: SensorTypeDescription }
  | { readonly kind: 'refused'; readonly index: number; readonly sentence: string }

export type Reply = Result | Import | { readonly kind: 'ready' }
