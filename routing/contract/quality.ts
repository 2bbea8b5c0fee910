/**
 * How far a reading can be trusted, from best to worst. Devices use several vocabularies (protocol.md §13 #2);
 * kaiser accepts their union and stores the worse of what the device says and what kaiser knows.
 */
export const QUALITIES = [
  'excellent',
  'good',
  'fair',
  'unknown',
  'poor',
  'suspect',
  'stale',
  'bad',
  'critical',
  'error',
] as const

export type Quality = (typeof QUALITIES)[number]

const rank = new Map<string, number>(QUALITIES.map((quality, index) => [quality, index]))

/** The quality a word means, in any case; undefined when it means none. */
export const qualityOf = (word: unknown): Quality | undefined => {
  if (typeof word !== 'string') return undefined
  const index = rank.get(word) ?? rank.get(word.toLowerCase())
  return index === undefined ? undefined : QUALITIES[index]
}

/** The less trustworthy of two. */
export const worse = (a: Quality, b: Quality): Quality => (rank.get(a)! >= rank.get(b)! ? a : b)

/** Where a reading comes from: a device in use, a mock, a test or a simulation (protocol.md §2.1). */
export const DATA_SOURCES = ['production', 'mock', 'test', 'simulation'] as const
export type DataSource = (typeof DATA_SOURCES)[number]

/** How the processed value came about: engineering value, converted here, kept raw, or computed from others. */
export const PROCESSING_MODES = ['local', 'pi_enhanced', 'raw', 'computed'] as const
export type ProcessingMode = (typeof PROCESSING_MODES)[number]

/** Whose clock a timestamp is. */
export const TIME_SOURCES = ['device', 'server'] as const
export type TimeSource = (typeof TIME_SOURCES)[number]
