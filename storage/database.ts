/**
 * Opens the one database file: WAL, no automatic checkpoint, no sync on commit (group.ts syncs off the loop),
 * and never a wait for somebody else's lock. A new file gets schema.sql; a newer schema than ours is refused
 * before anything is changed.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite, { type Database } from 'better-sqlite3'
import { isBusy, StorageError } from './errors.js'

/** The version of schema.sql, kept in `user_version`. */
export const SCHEMA_VERSION = 1

const schema = (): string => readFileSync(fileURLToPath(import.meta.resolve('#schema.sql')), 'utf8')

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

const hasLog = (path: string): boolean => (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0

/**
 * What the file is, found out without changing a byte of it or of its log: is it still empty? Throws
 * StorageError when it is no database of ours.
 */
function isFresh(path: string): boolean {
  if (path === ':memory:' || !existsSync(path)) return true
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
    return version === 0
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
    const fresh = isFresh(path)
    db = new SQLite(path, { timeout: 5000 })
    if (fresh) db.pragma('auto_vacuum = INCREMENTAL')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    if (fresh) install(db)
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
