/**
 * What is drawn of a sensor: at each time the least and the greatest, which are one where each reading is a point.
 * Readings that come in while somebody looks are added at the end. Pure.
 */
import type { Quality } from '../../../../routing/contract/quality.js'

/** One sensor: device, pin, type and, where several share the pin, bus address. */
export interface Identity {
  readonly esp_id: string
  readonly gpio: number
  readonly sensor_type: string
  readonly address: string | null
}

/** As `GET /sensors/series` answers. */
export interface Series extends Identity {
  readonly unit: string | null
  readonly bucket_ms: number | null
  readonly interval_ms: number | null
  readonly readings: number
  readonly timestamps: readonly number[]
  readonly values: readonly (number | null)[]
  readonly flaws: readonly Flaw[]
}

export interface Flaw {
  readonly from: number
  readonly to: number
  readonly quality: Quality
}

type Value = number | null

export interface Line extends Omit<Series, 'timestamps' | 'values'> {
  /** As it was asked for. */
  readonly name: string
  /** ms, in order; of a bucket its middle. */
  readonly times: number[]
  /** null breaks the line. */
  readonly low: Value[]
  readonly high: Value[]
}

export function lineOf(name: string, { timestamps, values, ...series }: Series): Line {
  const line: Line = { ...series, name, times: [], low: [], high: [] }
  for (const [n, at] of timestamps.entries()) add(line, at, values[n] ?? null)
  return line
}

/** The line with one reading more. */
export function appended(line: Line, at: number, value: number | null): Line {
  const { times, low, high, readings } = line
  const last = times.at(-1) ?? Number.NEGATIVE_INFINITY
  const step = line.bucket_ms ?? 0
  if (at <= last - step / 2) return line
  const more = { ...line, times: [...times], low: [...low], high: [...high], readings: readings + 1 }
  const usual = Math.max(line.interval_ms ?? 0, step)
  if (usual > 0 && Number.isFinite(last) && at - last > 2.5 * usual) put(more, last + usual / 2, null)
  add(more, at, value)
  return more
}

function add(line: Line, at: number, value: Value): void {
  const { bucket_ms, times, low, high } = line
  if (bucket_ms === null || value === null) return put(line, at, value)
  const middle = Math.floor(at / bucket_ms) * bucket_ms + bucket_ms / 2
  const end = times.length - 1
  const [least, most] = [low[end] ?? null, high[end] ?? null]
  if (times[end] !== middle || least === null || most === null) return put(line, middle, value)
  low[end] = Math.min(least, value)
  high[end] = Math.max(most, value)
}

/** Times are never out of order, and never twice. */
function put({ times, low, high }: Line, at: number, value: Value): void {
  const last = times.at(-1)
  if (last !== undefined && at < last) return
  if (at === last) {
    if (value === null) return
    times.pop()
    low.pop()
    high.pop()
  }
  times.push(at)
  low.push(value)
  high.push(value)
}

/** The same as if all had been later by so many ms. */
export const shifted = (line: Line, ms: number): Line => ({
  ...line,
  times: line.times.map((at) => at + ms),
  flaws: line.flaws.map(({ from, to, quality }) => ({ from: from + ms, to: to + ms, quality })),
})

export interface At {
  readonly time: number
  readonly low: number | null
  readonly high: number | null
  readonly quality: Quality | undefined
}

/** What a line says at a time: of its nearest point, if there is one near enough. */
export function valueAt(line: Line, time: number, reach: number): At | undefined {
  const { times } = line
  let [first, last] = [0, times.length]
  while (first < last) {
    const middle = (first + last) >> 1
    if (times[middle]! < time) first = middle + 1
    else last = middle
  }
  const isNearer = first > 0 && time - times[first - 1]! <= (times[first] ?? Number.POSITIVE_INFINITY) - time
  const n = isNearer ? first - 1 : first
  const at = times[n]
  const near = Math.max(reach, line.interval_ms ?? 0, line.bucket_ms ?? 0)
  if (at === undefined || Math.abs(at - time) > near) return undefined
  const flaw = line.flaws.find(({ from, to }) => at >= from && at <= to)
  return { time: at, low: line.low[n] ?? null, high: line.high[n] ?? null, quality: flaw?.quality }
}

export interface Summary {
  readonly min: number | null
  readonly max: number | null
  /** null where the readings themselves are not here. */
  readonly mean: number | null
  readonly last: number | null
  readonly last_at: number | null
}

/** Of the points between two times. */
export function summaryOf(line: Line, from: number, to: number): Summary {
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0]
  let last = -1
  for (const [n, at] of line.times.entries()) {
    const [low, high] = [line.low[n] ?? null, line.high[n] ?? null]
    if (at < from || at > to || low === null || high === null) continue
    min = Math.min(min, low)
    max = Math.max(max, high)
    count++
    sum += (low - sum) / count
    last = n
  }
  if (last < 0) return { min: null, max: null, mean: null, last: null, last_at: null }
  return {
    ...{ min, max, mean: line.bucket_ms === null ? sum : null },
    ...{ last: line.high[last]!, last_at: line.times[last]! },
  }
}
