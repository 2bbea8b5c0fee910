/**
 * The data directory: made when it is missing, held by one kaiser at a time, with secrets that nobody else
 * may read. The lock is SQLite's own, so a killed process lets go of it.
 */
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'

/** People must mend something about the data directory; the message names it. */
export class DataDirectoryError extends Error {
  override name = 'DataDirectoryError'
}

export interface DataDirectory {
  readonly path: string
  readonly database: string
  readonly socket: string
  /** Where users drop sensor types of their own; it need not exist. */
  readonly sensors: string
  /** 256 random bits that sign tokens; made once. */
  secret(): Uint8Array
  /** Takes the directory for this process. Throws DataDirectoryError when another one has it. */
  lock(): { release(): void }
}

/** Where a server on this directory is asked. Whoever only asks makes no directory. */
export const socketIn = (path: string): string => join(path, 'kaiser.sock')

/** Makes the directory when it is missing. Throws DataDirectoryError when it cannot be used. */
export function openDataDirectory(path: string): DataDirectory {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new DataDirectoryError(`--data ${path} cannot be written: ${(error as Error).message}`)
  }
  const file = (name: string): string => join(path, name)

  return {
    path,
    database: file('kaiser.db'),
    socket: socketIn(path),
    sensors: file('sensors'),
    secret() {
      const secret = file('secret')
      if (!existsSync(secret)) writeFileSync(secret, randomBytes(32), { mode: 0o600, flag: 'wx' })
      chmodSync(secret, 0o600)
      return readFileSync(secret)
    },
    lock() {
      const lock = new SQLite(file('kaiser.lock'), { timeout: 0 })
      try {
        lock.pragma('locking_mode = EXCLUSIVE')
        lock.exec('BEGIN EXCLUSIVE')
      } catch {
        lock.close()
        throw new DataDirectoryError(
          `--data ${path} is in use by another kaiser; stop it or choose another directory`,
        )
      }
      return {
        release() {
          lock.close()
          rmSync(file('kaiser.lock'), { force: true })
        },
      }
    },
  }
}
