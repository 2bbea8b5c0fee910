/**
 * How often each bound was hit. A hit is counted and reported under the bound's code, so that nothing is
 * refused in silence; the first after a quiet time is news.
 */
import type { CodeName, Report } from '../routing/contract/codes.js'
import { type BoundName, type Bounds, boundNames, boundTable, type Unit } from './bounds.js'

/** A bound as people see it. */
export interface BoundState {
  readonly name: BoundName
  readonly flag: string
  readonly value: number
  readonly unit: Unit
  readonly summary: string
  /** Since the start. */
  readonly hits: number
  /** ms since 1970 */
  readonly last_hit_at: number | null
}

export interface Hits {
  /** Somebody hit a bound. `who` is the client or address that did. */
  hit(name: BoundName, who?: string, fields?: object): void
  /** A bound was reached where nobody is refused anything: it is counted, and no news. `at`: ms since 1970. */
  rolled(name: BoundName, at: number): void
  list(): BoundState[]
}

export interface HitsOptions {
  bounds: Bounds
  report: Report
  /** A bound was hit after it had not been for five minutes. */
  news?: (state: BoundState, who: string) => void
  /** ms since 1970 */
  now: () => number
}

const QUIET = 300_000

export function createHits({ bounds, report, news, now }: HitsOptions): Hits {
  const count = new Map(boundNames.map((name) => [name, { hits: 0, last_hit_at: null as number | null }]))

  const stateOf = (name: BoundName): BoundState => {
    const { flag, unit, summary } = boundTable[name]
    return { name, flag: `--${flag}`, value: bounds[name], unit, summary, ...count.get(name)! }
  }

  return {
    hit(name, who = '', fields = {}) {
      const counted = count.get(name)!
      const before = counted.last_hit_at
      counted.hits++
      counted.last_hit_at = now()
      const { code } = boundTable[name]
      if (code !== null) report(code, who, { bound: name, ...fields })
      if (before === null || counted.last_hit_at - before >= QUIET) news?.(stateOf(name), who)
    },
    rolled(name, at) {
      const counted = count.get(name)!
      counted.hits++
      counted.last_hit_at = at
    },
    list: () => boundNames.map(stateOf),
  }
}

/** The bound that a connection broke when it ends with this code; undefined when it broke none. */
export const boundOf = (code: CodeName): BoundName | undefined =>
  boundNames.find((name) => boundTable[name].code === code)
