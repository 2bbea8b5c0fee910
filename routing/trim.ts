/**
 * What devices send along freely (the context of an error, the details of an answer), cut down to what can be
 * kept and told: a copy of a few levels, a few entries each, short texts. A payload may be nested thousands of
 * levels deep, and whoever walks down all of them runs out of stack.
 */
const LEVELS = 4
const ENTRIES = 64
/** Longest text and longest name, characters. */
const LONGEST = { text: 500, name: 64 }
/** Longest JSON text of it all, characters. */
const LONGEST_IN_ALL = 4_096

const WITHOUT: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

function copy(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return value.slice(0, LONGEST.text)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return null
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((item) => copy(item, levels - 1))
  return entries(value, levels)
}

const entries = (value: object, levels: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !WITHOUT.has(name))
      .slice(0, ENTRIES)
      .map(([name, item]) => [name.slice(0, LONGEST.name), copy(item, levels - 1)]),
  )

/** What is deeper than four levels is null; what is too long in all is left out. */
export function trim(value: object): Record<string, unknown> {
  const trimmed = entries(value, LEVELS)
  return JSON.stringify(trimmed).length <= LONGEST_IN_ALL ? trimmed : { left_out: 'too long' }
}
