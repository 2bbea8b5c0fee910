/**
 * The thread that does what may wait for the disk: checkpoints, and the move from the intake into the
 * history. It has its own connection; it takes the write lock only while the event loop lends it.
 */
import { parentPort, workerData } from 'node:worker_threads'
import SQLite from 'better-sqlite3'
import { DATA_SOURCES } from '../routing/contract/quality.js'
import { type BySource, createHistoryNote, nothingBySource } from './readings-by-source.js'
import { params, prepare, query } from './statement.js'
import { type CompactionTable, READING_COLUMNS } from './tables.js'

/** What the thread can be asked; each answer is a plain object. */
export interface Operations {
  /** Copies what it can from the log into the database, without stopping anybody; `restart` does the rest. */
  checkpoint(): { log: number; checkpointed: number }
  /** Copies all of it and starts the log anew; `complete` is false when a reader keeps it from finishing. */
  restart(): { complete: boolean }
  /**
   * Puts what is in the intake and before the id `movable` in the order of the history; the oldest part of it
   * when it is much.
   */
  planMove(movable: number): { rows: number; cutoff: number }
  /** Moves rows for at most 10 ms. Throws when this thread has planned nothing. */
  move(): { done: boolean; rows: number }
  /** Clears moved rows for at most about 10 ms. Throws when the move is not complete. */
  clear(): { done: boolean }
  /** How many readings of each data source the history has. Counts them when nobody ever noted it. */
  count(): BySource
}

const STEP_MS = 10
/** A plan is kept in memory; a longer intake takes several. */
const PLAN_ROWS = 32_768
const MOVE_ROWS = 512
const CLEAR_ROWS = 4_000
const NOTHING = { sensor_id: 0, timestamp: 0, id: 0 }
const EVERYTHING = { sensor_id: Number.MAX_SAFE_INTEGER, timestamp: 0, id: 0 }

const { path } = workerData as { path: string }
const db = new SQLite(path, { timeout: 0 })
db.pragma('wal_autocheckpoint = 0')
db.pragma('synchronous = NORMAL')
db.pragma('temp_store = MEMORY')

/**
 * Whoever writes after the log was copied to its end starts it anew and must wait for the disk. That must not
 * be the event loop: from `checkpoint` until `restart` this reader keeps the log as it is.
 */
const keeper = new SQLite(path, { readonly: true, timeout: 0 })
const look = keeper.prepare('SELECT one FROM checkpoint')

const LIST = READING_COLUMNS.join(', ')

// The plan is a table in this connection's own memory, so that rows are sorted and moved without ever
// becoming objects. Its rowid is the order of the history. It says which rows and in which order, no more: what
// they hold is read when they are moved, so that a row may be amended until then.
db.exec(`CREATE TEMP TABLE plan AS SELECT sensor_id, timestamp, id, data_source FROM readings_intake LIMIT 0`)
const forgetPlan = db.prepare('DELETE FROM temp.plan')
const makePlan = db.prepare(
  `INSERT INTO temp.plan SELECT sensor_id, timestamp, id, data_source FROM readings_intake
    WHERE id <= @cutoff AND (sensor_id, timestamp, id) > (@sensor_id, @timestamp, @id)
    ORDER BY sensor_id, timestamp, id`,
)
const planned = db.prepare<[number], CompactionTable>(
  'SELECT sensor_id, timestamp, id FROM temp.plan WHERE rowid = ?',
)
const moveRows = db.prepare(
  `INSERT INTO readings_history (${LIST})
   SELECT ${READING_COLUMNS.map((column) => `r.${column}`).join(', ')}
     FROM temp.plan p CROSS JOIN readings_intake r ON r.id = p.id
    WHERE p.rowid > @from AND p.rowid <= @to ORDER BY p.rowid`,
)
interface Counted {
  data_source: number
  rows: number
}
const movedBySource = db.prepare<object, Counted>(
  `SELECT data_source, count(*) AS rows FROM temp.plan WHERE rowid > @from AND rowid <= @to GROUP BY data_source`,
)
const historyBySource = db.prepare<[], Counted>(
  'SELECT data_source, count(*) AS rows FROM readings_history GROUP BY data_source',
)
const note = createHistoryNote(db)
const progress = prepare<object, CompactionTable>(db, query.selectFrom('compaction').selectAll())
const mark = prepare<Omit<CompactionTable, 'one'>>(
  db,
  query
    .updateTable('compaction')
    .set(params<Omit<CompactionTable, 'one'>>(['cutoff', 'sensor_id', 'timestamp', 'id'])),
)
const isIntake = db.prepare<[number], number>('SELECT 1 FROM readings_intake WHERE id <= ? LIMIT 1').pluck()
const clearRows = db.prepare(
  'DELETE FROM readings_intake WHERE id <= @cutoff AND id < (SELECT min(id) FROM readings_intake) + @rows',
)
const newest = db.prepare<[], number | null>('SELECT max(id) FROM readings_intake').pluck()
const oldest = db.prepare<[], number | null>('SELECT min(id) FROM readings_intake').pluck()
const started = db.prepare('UPDATE checkpoint SET checkpointed_at = ?')

/** Rows of the plan, how many of them are moved, and up to which intake id it goes. */
let rows: number | undefined
let at = 0
let cutoff = 0

/** What was counted and is noted with the next step of a move. */
let uncounted: BySource | undefined

const plus = (counts: BySource, more: readonly Counted[]): BySource => {
  const sum = { ...counts }
  for (const { data_source, rows } of more) sum[DATA_SOURCES[data_source]!] += rows
  return sum
}

/** Nobody but this thread adds to the history, so the count stays true until it moves rows itself. */
const inHistory = (): BySource => {
  const noted = note.read() ?? uncounted
  uncounted = noted ?? plus(nothingBySource(), historyBySource.all())
  return uncounted
}

const letGo = (): void => {
  if (keeper.inTransaction) keeper.exec('COMMIT')
}

const copy = (): { log: number; checkpointed: number } => {
  const [result] = db.pragma('wal_checkpoint(PASSIVE)') as [{ log: number; checkpointed: number }]
  return { log: result.log, checkpointed: result.checkpointed }
}

const operations: Operations = {
  checkpoint() {
    letGo()
    keeper.exec('BEGIN')
    look.get()
    return copy()
  },
  restart() {
    letGo()
    const { log, checkpointed } = copy()
    if (checkpointed < log) return { complete: false }
    // This write finds the whole log copied, so it starts it anew and, with FULL, syncs header and frame.
    db.pragma('synchronous = FULL')
    try {
      started.run(Date.now())
    } finally {
      db.pragma('synchronous = NORMAL')
    }
    return { complete: true }
  },
  planMove(movable) {
    inHistory()
    const done = progress.get({})!
    // A move that was cut short is finished, and its rows are cleared, before a new one begins.
    const unfinished = isIntake.get(done.cutoff) !== undefined
    const first = oldest.get()
    if (unfinished || first == null) cutoff = done.cutoff
    else cutoff = Math.max(done.cutoff, Math.min(newest.get()!, first + PLAN_ROWS - 1, movable - 1))
    const { sensor_id, timestamp, id } = unfinished ? done : NOTHING
    forgetPlan.run()
    rows = makePlan.run({ cutoff, sensor_id, timestamp, id }).changes
    at = 0
    return { rows, cutoff }
  },
  move() {
    if (rows === undefined) throw new Error('no move is planned in this thread')
    const all = rows
    const until = performance.now() + STEP_MS * 0.8
    const first = at
    db.transaction(() => {
      // At least once, however busy the machine is.
      do {
        const to = Math.min(all, at + MOVE_ROWS)
        moveRows.run({ from: at, to })
        at = to
      } while (at < all && performance.now() < until)
      const { sensor_id, timestamp, id } = at >= all ? EVERYTHING : planned.get(at)!
      mark.run({ cutoff, sensor_id, timestamp, id })
      note.write(plus(inHistory(), movedBySource.all({ from: first, to: at })), Date.now())
    }).immediate()
    const done = at >= all
    if (done) {
      rows = undefined
      forgetPlan.run()
    }
    return { done, rows: at - first }
  },
  clear() {
    const done = progress.get({})!
    if (done.cutoff > 0 && done.sensor_id !== EVERYTHING.sensor_id)
      throw new Error('rows are cleared when all of them are moved')
    const removed = clearRows.run({ cutoff: done.cutoff, rows: CLEAR_ROWS }).changes
    return { done: removed === 0 }
  },
  count: inHistory,
}

interface Question {
  id: number
  operation: keyof Operations | 'close'
  argument: number
}

parentPort!.on('message', ({ id, operation, argument }: Question) => {
  if (operation === 'close') {
    keeper.close()
    db.close()
    parentPort!.close()
    return
  }
  const before = at
  try {
    parentPort!.postMessage({ id, result: operations[operation](argument) })
  } catch (error) {
    at = before
    parentPort!.postMessage({
      id,
      error: { message: (error as Error).message, code: (error as { code?: string }).code },
    })
  }
})
