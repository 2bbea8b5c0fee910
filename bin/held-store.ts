/**
 * The store of a data directory that this process holds: nobody else opens it meanwhile, and whoever cannot open it
 * does not keep the directory.
 */
import { openStore, type Store, type StoreOptions } from '../storage/store.js'
import type { DataDirectory } from './data-directory.js'

export interface HeldStore {
  readonly store: Store
  /** Closes the store, then lets go of the directory. */
  close(): Promise<void>
}

/** Throws DataDirectoryError when another process holds the directory, and what openStore throws. */
export function openHeldStore(
  directory: Pick<DataDirectory, 'database' | 'lock'>,
  options: Omit<StoreOptions, 'path'>,
): HeldStore {
  const lock = directory.lock()
  try {
    const store = openStore({ ...options, path: directory.database })
    return {
      store,
      async close() {
        await store.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
