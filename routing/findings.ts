/**
 * What kaiser noticed about devices and people should look at: tolerated payloads, two devices with one id,
 * flapping, a failing sensor type. One finding per device and kind, with how often and when; in memory,
 * bounded, newest kept.
 */

export type FindingKind =
  | 'ts_missing'
  | 'raw_mode_missing'
  | 'quality_unknown'
  | 'clock_wrong'
  | 'sensor_type_unknown'
  | 'sensor_type_failed'
  | 'sensor_stuck'
  | 'sensors_full'
  | 'actuators_full'
  | 'config_differs'
  | 'config_too_large'
  | 'config_refused'
  | 'response_unsolicited'
  | 'client_id_shared'
  | 'flapping'
  | 'sessions_damaged'
  | 'zone_differs'
  | 'zone_refused'
  | 'subzone_refused'
  | 'subzone_unknown'

/** What each kind means and what to do, in one sentence. */
export const FINDINGS: Readonly<Record<FindingKind, string>> = {
  ts_missing: 'Readings come without a time; kaiser uses the time of arrival',
  raw_mode_missing: 'Readings come without raw_mode; kaiser takes the number for a native one',
  quality_unknown: 'Readings come with a quality word kaiser does not know; it is stored as unknown',
  clock_wrong: 'The clock of the device is wrong; kaiser uses the time of arrival',
  sensor_type_unknown:
    'The sensor type is not known; its readings are kept raw. Add a module to DATA/sensors',
  sensor_type_failed: 'A sensor module of yours failed and is bypassed; its readings are kept raw',
  sensor_stuck: 'A sensor has shown exactly the same value for a long time; check its wiring',
  sensors_full: 'The device sends more sensors than it may; further ones are refused',
  actuators_full: 'The device reports more actuators than it may have; further ones are refused',
  config_differs:
    'The device reports other sensors or actuators than people configured; it is told again, a few times',
  config_too_large: 'A part of the configuration does not fit into the device; shorten names or metadata',
  config_refused:
    'The device refused a part of its configuration; `items` says which and why. Change them, or look at the device',
  response_unsolicited: 'The device answers commands that kaiser never sent; find out who else commands it',
  client_id_shared: 'Two clients use one client id and throw each other out; give each its own',
  flapping: 'The device comes and goes; check power supply and WiFi',
  sessions_damaged: 'A table of the broker was damaged; sessions or retained messages may be missing',
  zone_differs: 'The device says it is in another zone than people do; assign its zone again',
  zone_refused: 'The device refused its zone; kaiser keeps what people said. Assign it again',
  subzone_refused: 'The device refused a subzone; change it or remove it',
  subzone_unknown: 'The device speaks of a subzone nobody made; remove it there, or make it here',
}

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
