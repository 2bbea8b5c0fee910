/**
 * Opens the one database file: WAL, no automatic checkpoint, no sync on commit (group.ts syncs off the loop),
 * and never a wait for somebody else's lock. A new file gets schema.sql; a newer schema than ours is refused
 * before anything is changed, an older one gets what it lacks.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite, { type Database } from 'better-sqlite3'
import { isBusy, StorageError } from './errors.js'

/** The version of schema.sql, kept in `user_version`. */
export const SCHEMA_VERSION = 8

/** The text of schema.sql. */
export const schema = (): string => readFileSync(fileURLToPath(import.meta.resolve('#schema.sql')), 'utf8')

const syncDirectory = (path: string): void => {
  const directory = openSync(dirname(path), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

const install = (db: Database): void => {
  db.transaction(() => {
    db.exec(schema())
    db.pragma(`user_version = ${SCHEMA_VERSION}`)
  }).immediate()
}

interface SchemaObject {
  type: string
  name: string
  sql: string
}
interface Column {
  name: string
  type: string
  notnull: number
  dflt_value: string | null
}

const objectsOf = (db: Database): SchemaObject[] =>
  db
    .prepare<[], SchemaObject>(
      'SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid',
    )
    .all()
const columnsOf = (db: Database, table: string): Column[] =>
  db
    .prepare<[string], Column>('SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)')
    .all(table)

const added = (table: string, { name, type, notnull, dflt_value }: Column): string =>
  `ALTER TABLE ${table} ADD COLUMN ${name} ${type}${notnull ? ' NOT NULL' : ''}${dflt_value === null ? '' : ` DEFAULT ${dflt_value}`}`

/** Words that mean the same as another one now. */
const WORDS = [
  // That readings come says no more than that the device took it.
  "UPDATE sensor_configs SET config_status = 'applied' WHERE config_status = 'active'",
]

/**
 * Gives a file of an older kaiser what schema.sql has and it has not: tables, columns, indexes; views are made
 * anew. Whole or not at all, and nothing is ever taken away.
 */
function upgrade(db: Database): void {
  const wanted = new SQLite(':memory:')
  try {
    wanted.exec(schema())
    db.transaction(() => {
      const present = new Set(objectsOf(db).map(({ name }) => name))
      for (const { type, name } of objectsOf(db)) if (type === 'view') db.exec(`DROP VIEW ${name}`)
      for (const { type, name, sql } of objectsOf(wanted)) {
        if (type === 'view' || !present.has(name)) db.exec(sql)
        else if (type === 'table') {
          const known = new Set(columnsOf(db, name).map((column) => column.name))
          for (const column of columnsOf(wanted, name))
            if (!known.has(column.name)) db.exec(added(name, column))
        }
      }
      for (const sql of WORDS) db.exec(sql)
      db.pragma(`user_version = ${SCHEMA_VERSION}`)
    }).immediate()
  } finally {
    wanted.close()
  }
}

const hasLog = (path: string): boolean => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/**
 * What the file is, found out without changing a byte of it or of its log: the version of its schema, 0 when it
 * is still empty. Throws StorageError when it is no database of ours.
 */
function versionOf(path: string): number {
  if (path === ':memory:' || !existsSync(path)) return 0
  // Closing copies what a killed process left in the log, unless we may only read; without a log it tidies up.
  const db = new SQLite(path, { readonly: hasLog(path), timeout: 5000 })
  try {
    const version = Number(db.pragma('user_version', { simple: true }))
    if (version > SCHEMA_VERSION)
      throw new StorageError(
        `${path} was made by a newer kaiser (schema ${version}, this one knows ${SCHEMA_VERSION}); upgrade kaiser or choose another --data`,
      )
    if (version === 0 && Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get()) > 0)
      throw new StorageError(`${path} is a database of something else; choose another --data`)
    return version
  } finally {
    db.close()
  }
}

/**
 * Opens or creates the database at `path`, or in memory with `:memory:`.
 * Throws StorageError when the file is no database, is not ours to use, or was made by a newer kaiser.
 */
export function openDatabase(path: string): Database {
  let db: Database | undefined
  try {
    const version = versionOf(path)
    const fresh = version === 0
    db = new SQLite(path, { timeout: 5000 })
    if (fresh) db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    if (fresh) install(db)
    else if (version < SCHEMA_VERSION) upgrade(db)
    db.pragma('wal_autocheckpoint = 0')
    // The first write of a new log syncs its header; make it here, before the event loop serves anybody.
    db.exec('UPDATE checkpoint SET checkpointed_at = checkpointed_at')
    db.pragma('synchronous = NORMAL')
    db.pragma('temp_store = MEMORY')
    db.pragma('cache_size = -8000')
    if (path !== ':memory:') syncDirectory(path)
    db.pragma('busy_timeout = 0')
    return db
  } catch (error) {
    db?.close()
    throw inOneSentence(path, error)
  }
}

function inOneSentence(path: string, error: unknown): unknown {
  if (error instanceof StorageError) return error
  if (isBusy(error))
    return new StorageError(`${path} is locked by another program; close it and start kaiser again`)
  if ((error as { code?: string }).code === 'SQLITE_NOTADB')
    return new StorageError(`${path} is not an SQLite database; move it away or choose another --data`)
  return new StorageError(`${path} cannot be opened: ${(error as Error).message}`, { cause: error })
}
