/**
 * How many readings there are of each data source, without ever counting them: the thread that moves rows
 * notes, in the same transaction, how many of each are in the history; what is in the intake is counted as it
 * comes. A history that was made before the note existed is counted once, by that thread.
 */
import type { Database } from 'better-sqlite3'
import { DATA_SOURCES, type DataSource } from '../routing/contract/quality.js'
import { param, prepare, query } from './statement.js'
import type { SettingsTable } from './tables.js'

export type BySource = Record<DataSource, number>

/** Where the note is kept: a row of the settings. */
const KEY = 'readings_history_by_source'

export const nothingBySource = (): BySource =>
  Object.fromEntries(DATA_SOURCES.map((source) => [source, 0])) as BySource

/** Reads and writes the note of what is in the history. */
export function createHistoryNote(db: Database) {
  const noted = prepare<{ key: string }, { value: string }>(
    db,
    query.selectFrom('settings').select('value').where('key', '=', param<string>('key')),
  )
  const note = prepare<SettingsTable>(
    db,
    query.replaceInto('settings').values({
      key: param<string>('key'),
      value: param<string>('value'),
      updated_at: param<number>('updated_at'),
    }),
  )
  const isHistory = db.prepare<[], number>('SELECT 1 FROM readings_history LIMIT 1').pluck()
  return {
    /** What was noted; undefined when there is a history that was never counted. */
    read(): BySource | undefined {
      const row = noted.get({ key: KEY })
      if (row) return { ...nothingBySource(), ...(JSON.parse(row.value) as Partial<BySource>) }
      return isHistory.get() === undefined ? nothingBySource() : undefined
    },
    write: (counts: BySource, updated_at: number) =>
      void note.run({ key: KEY, value: JSON.stringify(counts), updated_at }),
  }
}

/** The counts of all readings, in memory. */
export function createBySource(db: Database) {
  let history = createHistoryNote(db).read()
  const since = nothingBySource()
  return {
    /** One more, or with -1 one less. */
    count(data_source: number, by: 1 | -1 = 1): void {
      since[DATA_SOURCES[data_source]!] += by
    },
    /** undefined until the history has been counted. */
    read: (): BySource | undefined =>
      history &&
      (Object.fromEntries(
        DATA_SOURCES.map((source) => [source, history![source] + since[source]]),
      ) as BySource),
    /** What the history had when the store was opened. */
    counted(counts: BySource): void {
      history ??= counts
    },
  }
}
