/**
 * What people set that has no table of its own: a key and a JSON value. All of them are in memory; a change is
 * there at once and goes back when its row is withdrawn.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { params, prepare, query } from './statement.js'
import type { SettingsTable } from './tables.js'

export interface Settings {
  /** The value, parsed anew each time; undefined when nobody set it. */
  find(key: string): unknown
  /** Queues the row; inside the group only. */
  upsert(key: string, value: unknown, now: number): void
}

interface Change {
  before: SettingsTable | undefined
  after: SettingsTable
}

export function createSettings(db: Database, group: Group): Settings {
  const replace = prepare<SettingsTable>(
    db,
    query.replaceInto('settings').values(params<SettingsTable>(['key', 'value', 'updated_at'])),
  )
  const settings = new Map<string, SettingsTable>()
  for (const row of prepare<object, SettingsTable>(db, query.selectFrom('settings').selectAll()).all({}))
    settings.set(row.key, row)

  const writer: Writer<Change> = {
    write: ({ after }) => void replace.run(after),
    undo({ before, after }) {
      if (settings.get(after.key) !== after) return
      if (before) settings.set(after.key, before)
      else settings.delete(after.key)
    },
  }

  return {
    find(key) {
      const row = settings.get(key)
      return row && (JSON.parse(row.value) as unknown)
    },
    upsert(key, value, now) {
      const after = { key, value: JSON.stringify(value), updated_at: now }
      const before = settings.get(key)
      settings.set(key, after)
      group.write(writer, { before, after })
    },
  }
}
