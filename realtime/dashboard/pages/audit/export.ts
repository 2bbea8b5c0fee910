/**
 * All that a filter finds as a file: read from the server page by page, up to a bound that a browser holds easily,
 * and written as NDJSON (one entry a line, whole) or as CSV (RFC 4180).
 */
import { type AuditEntry, type AuditPage, readPage } from './entries.js'

/** Entries in one file, at most. */
export const MOST = 100_000
const AT_ONCE = 500

const COLUMNS = [
  'id',
  'created_at',
  'severity',
  'event_type',
  'source_type',
  'source_id',
  'status',
  'message',
  'error_code',
  'error_description',
  'ip_address',
  'correlation_id',
  'request_id',
  'details',
] as const

/** A cell; what a spreadsheet would take for a formula is text, by an apostrophe. */
export function cell(value: unknown): string {
  const text =
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value)
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const formats = {
  CSV: {
    type: 'text/csv',
    head: `${COLUMNS.join(',')}\r\n`,
    line: (entry: AuditEntry) => `${COLUMNS.map((column) => cell(entry[column])).join(',')}\r\n`,
  },
  NDJSON: {
    type: 'application/x-ndjson',
    head: '',
    line: (entry: AuditEntry) => `${JSON.stringify(entry)}\n`,
  },
} as const
export type Format = keyof typeof formats

/**
 * Reads all pages of a filter. What is written meanwhile does not move them: the end of the time is fixed first.
 * Throws ApiError; ends early, with what there is, when `stopped` says so.
 */
export async function collect(
  filter: URLSearchParams,
  format: Format,
  progress: (done: number, total: number) => void,
  stopped: () => boolean,
): Promise<{ file: Blob; entries: number; total: number }> {
  const { head, line, type } = formats[format]
  const fixed = new URLSearchParams(filter)
  const parts: string[] = [head]
  let entries = 0
  let total = 0
  for (let page = 1; entries < MOST && !stopped(); page++) {
    const { data, ...more }: AuditPage = await readPage(fixed, page, AT_ONCE)
    if (page === 1) {
      total = more.total
      if (!fixed.has('end_time') && data[0]) fixed.set('end_time', data[0].created_at)
    }
    parts.push(data.map(line).join(''))
    entries += data.length
    progress(entries, total)
    if (data.length < AT_ONCE) break
  }
  return { file: new Blob(parts, { type }), entries, total }
}
