/**
 * How a number and a quality look. Two decimals (three digits below one), an exponent for what would not fit, a dash for what
 * is not there; a quality is a word with a mark of its own shape, so that no meaning hangs on colour.
 */
import { type Quality, qualityOf } from '../../routing/contract/quality.js'
import { wordFor } from './words/index.js'
import { exponential, number } from './words/times.js'

/** A value as text that is never longer than a dozen characters. */
export function shown(value: unknown): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) {
    return exponential(value)
  }
  return number(size < 1 ? Number(value.toPrecision(3)) : value, size < 1 ? 6 : 2)
}

export type Trust = 'sound' | 'plain' | 'doubtful' | 'wrong'

const trusts: Record<Quality, Trust> = {
  excellent: 'sound',
  good: 'sound',
  fair: 'plain',
  unknown: 'plain',
  poor: 'doubtful',
  suspect: 'doubtful',
  stale: 'doubtful',
  bad: 'wrong',
  critical: 'wrong',
  error: 'wrong',
}

const marks: Record<Trust, string> = { sound: '●', plain: '○', doubtful: '▲', wrong: '■' }

/** The word, the kind of trust and the mark of a quality. */
export function qualityShown(quality: unknown): { word: string; trust: Trust; mark: string } {
  const known = qualityOf(quality) ?? 'unknown'
  const trust = trusts[known]
  return { word: wordFor('sensors.qualities', known), trust, mark: marks[trust] }
}
