/**
 * What is in the history by SQL: each command that was accepted is one row, ends once, and keeps its end; it does not
 * expire while its device listens; and what reached a device had a row, was not over, and nothing newer had been
 * accepted by then.
 */
import SQLite from 'better-sqlite3'
import type { Reached } from './plant.js'
import { LATE } from './steps.js'

interface Row {
  readonly id: number
  readonly correlation_id: string
  readonly esp_id: string
  readonly gpio: number
  readonly state: string
  readonly timestamp: number
  readonly finished_at: number | null
  readonly batch: string | null
}

export interface Rows {
  /** Looks at what is over now. */
  look(): void
  readonly areAllOver: boolean
  /** Everything that is wrong, in the end. `listened`: for how long at a time a device did between two moments, ms. */
  faults(
    accepted: ReadonlySet<string>,
    reached: readonly Reached[],
    listened: (esp_id: string, from: number, to: number) => number,
  ): string[]
}

const FINAL = ['done', 'failed', 'expired', 'superseded', 'refused']
const NEVER_TOLD = ['expired', 'superseded', 'refused']
/** It takes nothing from those before it. */
const NOTHING = ['failed', 'expired', 'refused']
/** What was on its way may arrive by then, ms. */
const UNDER_WAY = 2_500

const SELECT = `
  SELECT id, correlation_id, esp_id, gpio, state, timestamp, finished_at,
    command_metadata ->> 'batch' AS batch
  FROM actuator_history WHERE issued_by NOT LIKE 'esp32%' ORDER BY id`
/** What a device said of a command of ours, kept as something else. */
const TWICE = `
  SELECT said.command_metadata ->> 'correlation_id' AS correlation_id FROM actuator_history AS said
  JOIN actuator_history AS ours ON ours.correlation_id = said.command_metadata ->> 'correlation_id'
  WHERE said.issued_by LIKE 'esp32%'`

export function createRows(dir: string): Rows {
  const ends = new Map<string, string>()
  const changed = new Set<string>()
  const read = <T>(sql: string): T[] => {
    const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
    try {
      return db.prepare<[], T>(sql).all()
    } finally {
      db.close()
    }
  }
  const look = (): Row[] => {
    const rows = read<Row>(SELECT)
    for (const { correlation_id, state } of rows) {
      const end = ends.get(correlation_id)
      if (end !== undefined && end !== state)
        changed.add(`command ${correlation_id} was ${end} and is ${state}`)
      if (FINAL.includes(state)) ends.set(correlation_id, state)
    }
    return rows
  }

  return {
    look: () => void look(),
    get areAllOver() {
      return look().every(({ state }) => FINAL.includes(state))
    },
    faults(accepted, reached, listened) {
      const rows = look()
      const byId = new Map(rows.map((row) => [row.correlation_id, row]))
      const wrong = [...changed]
      const blame = (id: string, what: string): void => void wrong.push(`command ${id} ${what}`)
      if (byId.size < rows.length) wrong.push(`${rows.length} rows are of ${byId.size} commands`)
      for (const { correlation_id } of read<Row>(TWICE))
        blame(correlation_id, 'has another row by its device')
      for (const id of accepted) if (!byId.has(id)) blame(id, 'was accepted and is forgotten')
      for (const { correlation_id, esp_id, state, timestamp, finished_at } of rows)
        if (!FINAL.includes(state) || finished_at === null) blame(correlation_id, `is ${state} for ever`)
        else if (state === 'expired' && listened(esp_id, timestamp, finished_at) > LATE)
          blame(correlation_id, 'expired, and its device listened')
      for (const { correlation_id, at, value } of reached) {
        // OFF does not wait for its row, and may be said when it is over.
        if (value === 0) continue
        const row = byId.get(correlation_id)
        if (!row) {
          blame(correlation_id, 'reached a device and has no row')
          continue
        }
        const { id, esp_id, gpio, state, finished_at, batch } = row
        if (NEVER_TOLD.includes(state) && at > finished_at! + UNDER_WAY)
          blame(correlation_id, `was ${state} and reached a device ${at - finished_at!} ms later`)
        const newer = rows.find(
          (other) =>
            other.id > id &&
            other.esp_id === esp_id &&
            other.gpio === gpio &&
            !NOTHING.includes(other.state) &&
            (batch === null || other.batch !== batch) &&
            at > other.timestamp + UNDER_WAY,
        )
        if (newer) blame(correlation_id, `reached a device after ${newer.correlation_id}, which is newer`)
      }
      return wrong
    },
  }
}
