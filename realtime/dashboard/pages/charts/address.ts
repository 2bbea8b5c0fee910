/**
 * The state of the page in its address, so that a chart can be passed on and gone back to: `sensor` (repeated),
 * `span` or `from` and `to` (ISO 8601), `compare=day`, `marks=off`. Pure.
 */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { MOST } from '../../parts/chart/asking.js'
import { isSpan, type Range, type Window } from '../../parts/chart/range.js'

export interface Shown {
  readonly sensors: readonly string[]
  readonly range: Range
  readonly compare: boolean
  readonly marks: boolean
}

/** What of an address makes no sense. */
export type Flaw = 'too_many' | 'no_time' | 'backwards'

const FIRST = '24h'

const words = (value: LocationQuery[string] | undefined): string[] =>
  (Array.isArray(value) ? value : [value]).filter((word) => typeof word === 'string')

function rangeIn({ span, from, to }: LocationQuery): { range: Range; flaw?: Flaw } {
  const plain = { span: isSpan(span) ? span : FIRST } as const
  if (from === undefined && to === undefined) return { range: plain }
  const own: Window = { from: Date.parse(String(from)), to: Date.parse(String(to)) }
  if (Number.isNaN(own.from) || Number.isNaN(own.to) || own.from < 0) return { range: plain, flaw: 'no_time' }
  if (own.from >= own.to) return { range: plain, flaw: 'backwards' }
  return { range: own }
}

export function shownIn(query: LocationQuery): { shown: Shown; flaws: readonly Flaw[] } {
  const sensors = [...new Set(words(query.sensor).filter(Boolean))]
  const { range, flaw } = rangeIn(query)
  const flaws = [...(sensors.length > MOST ? (['too_many'] as const) : []), ...(flaw ? [flaw] : [])]
  const shown = {
    sensors: sensors.slice(0, MOST),
    range,
    compare: query.compare === 'day',
    marks: query.marks !== 'off',
  }
  return { shown, flaws }
}

/** What goes into the address; what is as it begins is left out. */
export const addressOf = ({ sensors, range, compare, marks }: Shown): LocationQueryRaw => ({
  ...(sensors.length > 0 && { sensor: [...sensors] }),
  ...('span' in range
    ? range.span !== FIRST && { span: range.span }
    : { from: new Date(range.from).toISOString(), to: new Date(range.to).toISOString() }),
  ...(compare && { compare: 'day' }),
  ...(!marks && { marks: 'off' }),
})
