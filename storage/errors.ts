/**
 * Which SQLite result codes mean that the disk or its keeper is at fault, so that trying again later can
 * help, and which mean that a row or a statement is wrong, so that trying again never will.
 */

const STORAGE =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOMEM|PROTOCOL|NOTADB|PERM|AUTH|INTERRUPT|SCHEMA)/

const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** True when storage itself failed: the lock, the disk, the file. */
export const isStorageError = (error: unknown): boolean => STORAGE.test(codeOf(error))

/** True when somebody else holds the lock: the mildest failure, over as soon as they let go. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))

/** Something about the data directory or its files that people must mend; the message names it. */
export class StorageError extends Error {
  override name = 'StorageError'
}

/** Storage does not take writes now; whoever asked may try again. */
export class StorageUnavailable extends Error {
  override name = 'StorageUnavailable'
  readonly code = 'storage_unavailable'
}
