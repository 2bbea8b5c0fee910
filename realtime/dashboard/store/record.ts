/**
 * The one record that this browser keeps of the greenhouse, in IndexedDB: written, read and forgotten in order, so
 * that nothing is written after it was forgotten. It is of one person and of one build, as a newer page may know
 * things by other names.
 */
import type { User } from '../rest.js'

export interface OfSomebody {
  /** When all of it was known to be so, by the browser's clock, ms. */
  readonly at: number
  readonly user: User
}

const STORE = 'last-known'
const KEY = 'all'

/** The name of the entry script is that of the whole build. */
const BUILD = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.src ?? ''

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

async function inStore<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opening = indexedDB.open('kaiser', 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  const database = await settled(opening)
  try {
    const transaction = database.transaction(STORE, mode)
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    const [result] = await Promise.all([settled(work(transaction.objectStore(STORE))), ended])
    return result
  } finally {
    database.close()
  }
}

let last: Promise<unknown> = Promise.resolve()
function inOrder<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work, work)
  last = next.catch(() => {})
  return next
}

/** Writes it while `still` holds. Rejects with a DOMException; QuotaExceededError when there is no space. */
export const write = (record: OfSomebody, still: () => boolean): Promise<void> =>
  inOrder(async () => {
    if (still()) await inStore('readwrite', (store) => store.put({ ...record, build: BUILD }, KEY))
  })

/** What this build of the page wrote last; undefined where there is nothing, or where the browser keeps nothing. */
export const read = <T extends OfSomebody>(): Promise<T | undefined> =>
  inOrder(async () => {
    try {
      const found = (await inStore('readonly', (store) => store.get(KEY))) as
        | (T & { build: string })
        | undefined
      return found?.build === BUILD ? found : undefined
    } catch {
      return undefined
    }
  })

/** Forgets it. */
export const forgetRecord = (): Promise<void> =>
  inOrder(() => inStore('readwrite', (store) => store.delete(KEY)).catch(() => {}))
