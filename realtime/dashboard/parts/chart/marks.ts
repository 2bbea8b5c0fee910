/** What happened while the sensors measured, as `GET /sensors/series/marks` tells it, put together where it is dense. */
import type { Severity } from '../../../../routing/contract/audit-events.js'
import { call } from '../../api.js'
import { t, wordFor, wordIf } from '../../words/index.js'
import { percent } from '../../words/times.js'
import type { Window } from './range.js'
import { titleOf } from './sensor-name.js'

export interface Mark {
  /** command, report (of what a device did by itself), alert, emergency, … */
  readonly kind: string
  /** The command, or the kind of entry of the audit. */
  readonly event: string
  /** ms since 1970 */
  readonly timestamp: number
  readonly esp_id: string | null
  readonly gpio: number | null
  readonly severity: Severity
  readonly state: string
  readonly value: number | null
  readonly message: string | null
  readonly by: string | null
}

export interface Marks {
  readonly marks: readonly Mark[]
  /** There are older ones in this time. */
  readonly more: boolean
}

const LIMIT = 500

/** The latest that happened to these devices, or to all. */
export function askMarks(esp_ids: readonly string[], { from, to }: Window): Promise<Marks> {
  const devices = [...new Set(esp_ids)].map((id) => `esp_id=${encodeURIComponent(id)}`)
  const times = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`
  return call<Marks>('GET', `/sensors/series/marks?${[...devices, times].join('&')}&limit=${LIMIT}`)
}

export interface Cluster {
  /** Where its middle is, as a share of the width. */
  readonly at: number
  /** Oldest first. */
  readonly marks: readonly Mark[]
  readonly severity: Mark['severity']
}

const GRAVITY: Record<Mark['severity'], number> = { info: 0, warning: 1, error: 2, critical: 3 }

/** Marks in order, those of one cell together; `cells` fit side by side. */
export function clustersOf(marks: readonly Mark[], { from, to }: Window, cells: number): Cluster[] {
  const found = new Map<number, Mark[]>()
  for (const mark of [...marks].reverse()) {
    if (mark.timestamp < from || mark.timestamp > to) continue
    const cell = Math.min(cells - 1, Math.floor(((mark.timestamp - from) / (to - from)) * cells))
    const here = found.get(cell)
    if (here) here.push(mark)
    else found.set(cell, [mark])
  }
  return [...found].map(([cell, marks]) => ({
    at: (cell + 0.5) / cells,
    marks,
    severity: marks.map(({ severity }) => severity).reduce((a, b) => (GRAVITY[b] > GRAVITY[a] ? b : a)),
  }))
}

/** Whom and what a mark is about, in words. */
export function markWords({ kind, event, esp_id, gpio, state, value }: Mark): string {
  const device = esp_id ? titleOf(`${esp_id},0,`).device : t('charts.all_devices')
  if (kind !== 'command' && kind !== 'report') return `${device}: ${wordFor('audit_kinds', event)}`
  const command = wordIf('actuators.commands', event) ?? event
  const much = value !== null && event === 'PWM' ? ` ${percent(value)}` : ''
  const what = t(kind === 'command' ? 'charts.command' : 'charts.report', { command: command + much, gpio })
  return `${device}: ${what}${kind === 'command' ? `, ${wordFor('actuators.stages', state)}` : ''}`
}
