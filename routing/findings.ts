/**
 * What kaiser noticed about devices and people should look at: tolerated payloads, two devices with one id,
 * flapping, a failing sensor type. One finding per device and kind, with how often and when; in memory,
 * bounded, newest kept.
 */

import type { FindingKind } from './contract/findings.js'

export { FINDINGS, type FindingKind } from './contract/findings.js'

export interface Finding {
  kind: FindingKind
  /** Device or client id. */
  esp_id: string
  count: number
  /** ms since 1970 */
  first_at: number
  last_at: number
  /** The latest circumstances. */
  details: Record<string, unknown>
}

export interface Findings {
  note(kind: FindingKind, esp_id: string, now: number, details?: Record<string, unknown>): void
  /** The circumstances are others, and nothing new happened; false when there is no such finding. */
  amend(kind: FindingKind, esp_id: string, details: Record<string, unknown>): boolean
  /** The condition is over. */
  clear(kind: FindingKind, esp_id: string): void
  /** Newest first; of one device when asked. */
  list(esp_id?: string): Finding[]
}

const MOST = 5_000
const NONE: Record<string, unknown> = Object.freeze({})

export function createFindings(): Findings {
  const findings = new Map<string, Finding>()
  return {
    note(kind, esp_id, now, details = NONE) {
      const key = `${kind} ${esp_id}`
      const known = findings.get(key)
      if (known) {
        known.count++
        known.last_at = now
        if (details !== NONE) known.details = details
        return
      }
      if (findings.size >= MOST) findings.delete(findings.keys().next().value!)
      findings.set(key, { kind, esp_id, count: 1, first_at: now, last_at: now, details })
    },
    amend(kind, esp_id, details) {
      const known = findings.get(`${kind} ${esp_id}`)
      if (known) known.details = { ...known.details, ...details }
      return known !== undefined
    },
    clear: (kind, esp_id) => void findings.delete(`${kind} ${esp_id}`),
    list: (esp_id) =>
      [...findings.values()]
        .filter((finding) => esp_id === undefined || finding.esp_id === esp_id)
        .sort((a, b) => b.last_at - a.last_at),
  }
}
