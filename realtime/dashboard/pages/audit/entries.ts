/** Entries of the audit as REST has them, and the filter that people set, which stands in the address of the page. */
import type { LocationQuery } from 'vue-router'
import {
  type AuditCategory,
  SEVERITIES,
  type Severity,
  SOURCE_TYPES,
} from '../../../../routing/contract/audit-events.js'
import { call } from '../../api.js'

export interface AuditEntry {
  id: number
  event_type: string
  severity: Severity
  source_type: string
  source_id: string | null
  status: string
  message: string | null
  details: Record<string, unknown>
  error_code: string | null
  error_description: string | null
  ip_address: string | null
  user_agent: string | null
  correlation_id: string | null
  request_id: string | null
  created_at: string
}

export interface AuditPage {
  data: AuditEntry[]
  total: number
  total_pages: number
}

export interface EventType {
  value: string
  category: AuditCategory
}

export const SPANS = ['h1', 'h24', 'h168', 'h720', 'whole', 'own'] as const
export type Span = (typeof SPANS)[number]

export const SEVERITY_NAMES = Object.keys(SEVERITIES) as Severity[]

/** What is looked for; an empty word does not matter. */
export interface Filter {
  severity: string
  event_type: string
  source_type: string
  source_id: string
  text: string
  span: Span
  /** Of the span `own`, as an input of the browser has it: local time. */
  from: string
  to: string
}

const WORDS = ['severity', 'event_type', 'source_type', 'source_id', 'text', 'from', 'to'] as const
const FIRST: Span = 'h24'

const word = (value: LocationQuery[string] | undefined): string => (typeof value === 'string' ? value : '')

/** The filter that an address has; a day when it says nothing, and nothing where it says what there is not. */
export function filterIn(query: LocationQuery): Filter {
  const span = SPANS.find((span) => span === query.span) ?? FIRST
  const words = Object.fromEntries(WORDS.map((name) => [name, word(query[name])]))
  const known = (name: 'severity' | 'source_type', all: readonly string[]): string =>
    all.includes(words[name]!) ? words[name]! : ''
  return {
    ...words,
    severity: known('severity', SEVERITY_NAMES),
    source_type: known('source_type', SOURCE_TYPES),
    span,
  } as Filter
}

/** What of a filter goes into the address. */
export const addressOf = (filter: Filter): Record<string, string> =>
  Object.fromEntries(
    Object.entries(filter).filter(([name, value]) =>
      name === 'span'
        ? value !== FIRST
        : value !== '' && (filter.span === 'own' || (name !== 'from' && name !== 'to')),
    ),
  )

/** The local moment of an input, for the server; undefined when there is none. */
const instant = (local: string): string | undefined => {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** The query that asks the server for a filter. */
export function queryOf({ span, from, to, ...words }: Filter): URLSearchParams {
  const times = {
    ...(span.startsWith('h') && { hours: span.slice(1) }),
    ...(span === 'own' && { start_time: instant(from), end_time: instant(to) }),
  }
  const given = Object.entries({ ...words, ...times }).filter(([, value]) => value)
  return new URLSearchParams(given as [string, string][])
}

/** One page of what a filter finds, newest first. */
export function readPage(filter: URLSearchParams, page: number, page_size: number): Promise<AuditPage> {
  const query = new URLSearchParams(filter)
  query.set('page', String(page))
  query.set('page_size', String(page_size))
  return call<AuditPage>('GET', `/audit?${query}`)
}
