/** Asks the server for what a chart draws. One sensor that it does not know spoils nothing for the others. */
import { ApiError, call } from '../../api.js'
import { type Line, lineOf, type Series } from './lines.js'
import type { Window } from './range.js'

export interface Answer {
  readonly lines: readonly Line[]
  /** Names that the server knows nothing of, with what it says about each. */
  readonly unknown: ReadonlyMap<string, string>
}

/** Sensors in one chart. */
export const MOST = 50

/** Points of all lines together that a browser draws without anybody waiting. */
const BUDGET = 20_000
const NARROW = 600

/** How many points to ask for: one for each pixel of the screen, fewer on a phone and for many sensors. */
export function pointsFor(width: number, sensors: number): number {
  const density = width < NARROW ? 1 : Math.min(2, window.devicePixelRatio || 1)
  const most = Math.max(200, Math.floor(BUDGET / Math.max(1, sensors)))
  return Math.round(Math.min(4_000, most, Math.max(100, width * density)))
}

const timesOf = ({ from, to }: Window): string =>
  `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`

async function read(names: readonly string[], window: Window, points: number): Promise<Series[]> {
  const sensors = names.map((name) => `sensor=${encodeURIComponent(name)}`).join('&')
  const path = `/sensors/series?${sensors}&${timesOf(window)}&points=${points}`
  return (await call<{ series: Series[] }>('GET', path)).series
}

/** Throws ApiError unless it is a single sensor that is wrong. */
export async function askLines(names: readonly string[], window: Window, points: number): Promise<Answer> {
  if (names.length === 0) return { lines: [], unknown: new Map() }
  try {
    const series = await read(names, window, points)
    // Two names of one sensor are one line; which is whose is seen one by one.
    if (series.length === names.length)
      return { lines: series.map((one, n) => lineOf(names[n]!, one)), unknown: new Map() }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 422) throw error
  }
  return apart(names, window, points)
}

async function apart(names: readonly string[], window: Window, points: number): Promise<Answer> {
  const lines = new Map<string, Line>()
  const unknown = new Map<string, string>()
  for (const name of names) {
    try {
      const [series] = await read([name], window, points)
      const line = lineOf(name, series!)
      const { esp_id, gpio, sensor_type, address } = line
      const key = JSON.stringify([esp_id, gpio, sensor_type, address])
      if (!lines.has(key)) lines.set(key, line)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 422) throw error
      unknown.set(name, error.fields.sensor ?? error.message)
    }
  }
  return { lines: [...lines.values()], unknown }
}

/** When a sensor was heard first, ms; undefined when it never was. */
export async function firstReadingOf(name: string): Promise<number | undefined> {
  const path = `/sensors/data?sensor=${encodeURIComponent(name)}&start_time=1970-01-01&order=asc&limit=1`
  const { readings } = await call<{ readings: { timestamp: string }[] }>('GET', path)
  const [first] = readings
  return first && Date.parse(first.timestamp)
}

/** The mean of a sensor's readings, all of them; null when there are none. */
export async function meanOf(line: Line, { from, to }: Window): Promise<number | null> {
  const query = new URLSearchParams({
    sensor_type: line.sensor_type,
    ...(line.address && { address: line.address }),
    start_time: new Date(from).toISOString(),
    end_time: new Date(to).toISOString(),
  })
  const path = `/sensors/${encodeURIComponent(line.esp_id)}/${line.gpio}/stats?${query}`
  return (await call<{ stats: { avg_value: number | null } }>('GET', path)).stats.avg_value
}
