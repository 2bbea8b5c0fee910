/** Readings as text, portion by portion: a page of JSON, or a file of all of them. */
import type { Ordered, Position, Range } from '../storage/readings.js'
import type { Sensor } from '../storage/sensors.js'
import type { Store } from '../storage/store.js'
import { createReadingText } from './reading-body.js'
import type { ExportFormat } from './reading-export.js'
import { cursorOf } from './reading-range.js'

/** Rows that are looked at for one page when most of them do not fit the filter. */
const SEEN = 100_000

export interface PageOptions {
  range: Ordered
  limit: number
  /** What the answer says of itself, besides the readings. */
  about: object
}

/**
 * `{…about, message, readings, count, next_cursor}`. A page may be shorter than `limit` and not the last: that
 * one says `next_cursor: null`.
 */
export async function* readingPage(
  store: Store,
  { range, limit, about }: PageOptions,
): AsyncGenerator<string, void> {
  const isSifted = range.quality !== undefined || range.data_source !== undefined
  const textOf = createReadingText()
  let count = 0
  let seen = 0
  let last: Position | undefined
  let next: Position | undefined
  yield `${JSON.stringify(about).slice(0, -1)},"readings":[`
  for await (const portion of store.readings.inTime({ ...range, about: limit + 1 })) {
    let text = ''
    for (const reading of portion.found) {
      if (count === limit) {
        next = last
        break
      }
      if (count > 0) text += ','
      text += textOf(reading)
      last = reading
      count++
    }
    yield text
    if (next) break
    seen += portion.seen
    if (isSifted && seen >= SEEN) {
      next = portion.at
      break
    }
  }
  const message = `${count} ${count === 1 ? 'reading' : 'readings'}`
  yield `],${JSON.stringify({ count, message, next_cursor: next ? cursorOf(next) : null }).slice(1)}`
}

const byName = (a: Sensor, b: Sensor): number =>
  (a.esp_id < b.esp_id ? -1 : a.esp_id > b.esp_id ? 1 : 0) ||
  a.gpio - b.gpio ||
  (a.sensor_type < b.sensor_type ? -1 : 1)

/** All readings of a range as a file. */
export async function* readingFile(
  store: Store,
  range: Range,
  { head, createLine }: ExportFormat,
): AsyncGenerator<string, void> {
  const line = createLine()
  yield head
  for await (const { found } of store.readings.bySensor({
    ...range,
    sensors: [...range.sensors].sort(byName),
  })) {
    let text = ''
    for (const reading of found) text += line(reading)
    yield text
  }
}
