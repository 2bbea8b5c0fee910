/**
 * A store in a process of its own that writes, pauses until maintenance has copied the log, and writes on.
 * `node busy-store.js DIR` prints `open` and `done`, each with how often the event loop has waited for the disk.
 */
import { existsSync, readFileSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { CHECKPOINT_AT_PAGES } from '../../storage/maintenance.js'
import { openStore } from '../../storage/store.js'
import { NOON, reading, until } from './open.js'

const path = `${process.argv[2]}/kaiser.db`
const syncs = (): number => {
  const log = process.env.SYNC_LOG!
  return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0
}

const store = openStore({ path, now: Date.now, monotonic: () => performance.now() })
const other = new SQLite(path, { readonly: true })
const log = other.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
let measured = 0
const insert = () =>
  store.group.run(() => store.readings.insert(reading({ timestamp: NOON + ++measured * 1000 })))
/** Sixteen pages at once, so that the log grows. */
const insertLong = () => store.group.run(() => store.rejects.insert({ ...long, received_at: Date.now() }))
const long = {
  topic: 'a/topic',
  payload: Buffer.alloc(65_000, 'x'),
  qos: 1,
  code: 'handler_failed' as const,
  detail: '',
  esp_id: null,
  client_id: null,
}

console.log(`open ${syncs()}`)
for (let pause = 0; pause < 3; pause++) {
  for (let i = 0; i < 150; i++) await insertLong()
  // On a slow disk the log was started anew amid these rows; what came after is too little for another round.
  const copied = (): boolean => {
    const { log: pages, checkpointed } = log.get()!
    return pages < CHECKPOINT_AT_PAGES || checkpointed === pages
  }
  await until(copied, 'the log to be copied')
  for (let i = 0; i < 20; i++) await insert()
}
console.log(`done ${syncs()}`)
process.exit(0)
