/**
 * A series that was measured before: pairs of `t`, in seconds from its beginning, and `value`, from the config or
 * from a file (a JSON array, or a line of JSON for each). Between two points it goes straight, or holds the earlier
 * one; at its end it begins again, or stays.
 */
import Type, { type Static } from 'typebox'
import { complaintOf } from '../checked.js'
import { pattern } from './pattern.js'

const MOST = 100_000

const Point = Type.Object({ t: Type.Number({ minimum: 0, description: 's' }), value: Type.Number() })
const Series = Type.Object({ series: Type.Array(Point, { minItems: 1, maxItems: MOST }) })
type Series = readonly Static<typeof Point>[]

/** A sentence when times do not rise. */
const disorder = (series: Series): string | undefined => {
  const at = series.findIndex(({ t }, index) => index > 0 && t <= series[index - 1]!.t)
  return at < 0 ? undefined : `series.${at}.t must be later than the one before (it is ${series[at]!.t})`
}

/** A series from the text of a file; throws with a sentence that names the line. */
export function readSeries(text: string): Series {
  const read = (line: string, number: number): unknown => {
    try {
      return JSON.parse(line)
    } catch {
      throw new Error(`line ${number} is not JSON`)
    }
  }
  const trimmed = text.trim()
  const series = trimmed.startsWith('[')
    ? read(trimmed, 1)
    : trimmed.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [read(line, index + 1)]))
  const complaint = complaintOf(Series, { series }, '') ?? disorder(series as Series)
  if (complaint) throw new Error(complaint)
  return series as Series
}

/** The last point at or before `t`; the first when there is none. */
function before(series: Series, t: number): number {
  let [low, high] = [0, series.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (series[middle]!.t <= t) low = middle
    else high = middle - 1
  }
  return low
}

export const recorded = pattern({
  name: 'recorded',
  summary: 'a series of {t, value} that was recorded',
  parameters: Type.Object({
    series: Type.Optional(Type.Array(Point, { minItems: 1, maxItems: MOST })),
    file: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    between: Type.Enum(['straight', 'hold'], { default: 'straight' }),
    loop: Type.Boolean({ default: true }),
    speed: Type.Number({ minimum: 0.001, maximum: 100_000, default: 1 }),
  }),
  limits: 'of the type',
  refuse(_sensor, { series, file }) {
    if ((series === undefined) === (file === undefined))
      return 'parameters.series or parameters.file is needed, one of them'
    return series && disorder(series) ? `parameters.${disorder(series)}` : undefined
  },
  start({ parameters, around, kept }) {
    const { file, between, loop, speed } = parameters
    if (file !== undefined && !around.readSeries)
      throw new Error('parameters.file cannot be used here; use parameters.series')
    const series: Series = parameters.series ?? readSeries(around.readSeries!(file!))
    const [first, last] = [series[0]!.t, series.at(-1)!.t]
    let began = kept?.began
    return {
      value(at) {
        began ??= at
        const gone = first + (Math.max(0, at - began) / 1_000) * speed
        const t =
          loop && last > first && gone > last
            ? first + ((gone - first) % (last - first))
            : Math.min(gone, last)
        const index = before(series, t)
        const [here, next] = [series[index]!, series[index + 1]]
        if (between === 'hold' || next === undefined) return here.value
        return here.value + ((next.value - here.value) * (t - here.t)) / (next.t - here.t)
      },
      snapshot: () => (began === undefined ? {} : { began }),
    }
  },
})
