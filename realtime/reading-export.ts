/**
 * Readings as files: CSV for spreadsheets (RFC 4180, columns as in the view sensor_data, times in ISO 8601) and
 * NDJSON for programs (one reading as of GET /sensors/data a line). Sensor by sensor, each from its oldest
 * reading to its newest.
 */
import type { Reading } from '../storage/readings.js'
import { createReadingText, isoText } from './reading-body.js'

/** One kind of file. */
export interface ExportFormat {
  readonly media: string
  readonly content_type: string
  readonly head: string
  createLine(): (reading: Reading) => string
}

/**
 * What a device sends is text, and a spreadsheet takes text that begins like a formula for one: an apostrophe
 * before it says that it is none. https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^[=+\-@\t\r]/
const MUST_QUOTE = /[",\r\n]/

/** A cell of text. */
export function cell(text: string | null): string {
  if (text === null) return ''
  const safe = FORMULA.test(text) ? `'${text}` : text
  return MUST_QUOTE.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const number = (value: number | null): string => (value === null ? '' : String(value))

const COLUMNS: readonly [name: string, text: (reading: Reading) => string][] = [
  ['esp_id', ({ esp_id }) => cell(esp_id)],
  ['gpio', ({ gpio }) => String(gpio)],
  ['sensor_type', ({ sensor_type }) => cell(sensor_type)],
  ['address', ({ address }) => cell(address)],
  ['raw_value', ({ raw_value }) => number(raw_value)],
  ['processed_value', ({ processed_value }) => number(processed_value)],
  ['unit', ({ unit }) => cell(unit)],
  ['quality', ({ quality }) => quality],
  ['processing_mode', ({ processing_mode }) => processing_mode],
  ['timestamp', ({ timestamp }) => isoText(timestamp)],
  ['received_at', ({ received_at }) => isoText(received_at)],
  ['time_source', ({ time_source }) => time_source],
  ['seq', ({ seq }) => number(seq)],
  ['zone_id', ({ zone_id }) => cell(zone_id)],
  ['subzone_id', ({ subzone_id }) => cell(subzone_id)],
  ['data_source', ({ data_source }) => data_source],
]

export const exportFormats = {
  csv: {
    media: 'text/csv',
    content_type: 'text/csv; charset=utf-8; header=present',
    head: `${COLUMNS.map(([name]) => name).join(',')}\r\n`,
    createLine: () => (reading) => `${COLUMNS.map(([, text]) => text(reading)).join(',')}\r\n`,
  },
  ndjson: {
    media: 'application/x-ndjson',
    content_type: 'application/x-ndjson',
    head: '',
    createLine() {
      const textOf = createReadingText()
      return (reading) => `${textOf(reading)}\n`
    },
  },
} as const satisfies Record<string, ExportFormat>

export type ExportName = keyof typeof exportFormats

/** What is wanted: as the query says, else the first media type of `Accept` that is known; undefined is JSON. */
export function exportOf(format: ExportName | 'json' | undefined, accept: string): ExportFormat | undefined {
  if (format) return format === 'json' ? undefined : exportFormats[format]
  for (const media of accept.split(',').map((part) => part.split(';')[0]!.trim().toLowerCase())) {
    if (media === 'application/json' || media === '*/*') return undefined
    const found = Object.values(exportFormats).find((one) => one.media === media)
    if (found) return found
  }
  return undefined
}
