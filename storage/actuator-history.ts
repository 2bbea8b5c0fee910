/**
 * What happened to actuators: one row per command of ours, which changes with its stages, and one per fact that a
 * device reported by itself. Commands are in memory until ten minutes after their end; everything else is rows,
 * bounded: 200,000 of devices that were let in, and a ring of 10,000, with negative ids, of those that were not.
 */
import type { Database } from 'better-sqlite3'
import { type ActuatorHistoryReads, createActuatorHistoryReads } from './actuator-history-reads.js'
import type { ActuatorHistoryTable, Stage } from './actuator-tables.js'
import type { Group, Writer } from './group.js'
import { asTheyAre, createRecords } from './records.js'

export type { Stage } from './actuator-tables.js'
export type HistoryRow = Readonly<ActuatorHistoryTable>
/** A row of a command of ours. */
export type Command = HistoryRow & { readonly correlation_id: string }

type Given = 'esp_id' | 'gpio' | 'command_type' | 'issued_by' | 'state' | 'timestamp'
/** What makes a row; what is left out is null. */
export type NewRow = Pick<HistoryRow, Given> & Partial<Omit<HistoryRow, Given | 'id'>>

export interface ActuatorHistory extends ActuatorHistoryReads {
  /** Queues the row of a command of ours and keeps it in memory. Throws when its id is taken. Inside the group only. */
  insert(command: NewRow & { correlation_id: string }): Command
  /** Queues the changed row; a fact it comes with is known from now on. Inside the group only. */
  update(command: Command, changes: Partial<HistoryRow>): Command
  /** A command in memory: unfinished, or finished less than ten minutes ago. */
  find(correlation_id: string): Command | undefined
  /** Commands in memory, oldest first, of an actuator, of a device, or of all. */
  list(esp_id?: string, gpio?: number): Command[]
  /** Forgets in memory what ended long ago. */
  tidy(now: number): void
  /** Queues a reported fact. `known` false: of a device nobody has let in. Inside the group only. */
  report(row: NewRow, known: boolean): void
  /** Was this fact reported already? Asks memory, then the database; false when that cannot be read now. */
  knows(fact: string): boolean
  /** Reports of unknown devices that made room for newer ones. */
  readonly dropped: number
  /** Deletes rows that are older, a few at a time. Rejects when storage fails. */
  sweep(before: number, signal?: AbortSignal): Promise<number>
}

/** Rows of devices that were let in. */
export const MOST_ROWS = 200_000
/** Rows of those that were not. */
export const MOST_STRANGE_ROWS = 10_000
/** How long a finished command stays in memory, ms, and how many of them. */
export const LINGER = 600_000
const MOST_FINISHED = 5_000
/** Facts remembered until they are surely in the database. */
const MOST_FACTS = 30_000
/** Rows deleted in one transaction. */
const SLICE = 200

const COLUMNS = [
  'id',
  'correlation_id',
  'esp_id',
  'gpio',
  'actuator_type',
  'command_type',
  'value',
  'duration',
  'issued_by',
  'state',
  'success',
  'error_message',
  'limit_name',
  'timestamp',
  'sent_at',
  'acknowledged_at',
  'finished_at',
  'expires_at',
  'command_metadata',
  'data_source',
  'fact',
] as const satisfies readonly (keyof ActuatorHistoryTable)[]

const FINAL: ReadonlySet<Stage> = new Set(['done', 'failed', 'expired', 'superseded', 'refused'])
/** It is over, one way or another. */
export const isFinal = ({ state }: Pick<HistoryRow, 'state'>): boolean => FINAL.has(state)

export function createActuatorHistory(db: Database, group: Group): ActuatorHistory {
  const byCorrelation = new Map<string, Command>()
  const byActuator = new Map<string, Map<number, Command>>()
  const actuatorOf = ({ esp_id, gpio }: HistoryRow): string => `${esp_id} ${gpio}`
  const facts = new Set<string>()

  const records = createRecords<ActuatorHistoryTable, Command>(db, group, {
    table: 'actuator_history',
    columns: COLUMNS,
    key: ['id'],
    ownerOf: ({ esp_id }) => esp_id,
    where: `state IN ('pending', 'sent', 'acknowledged')`,
    refer: ({ id, timestamp }, trail, message) => trail.wrote(message, 'actuator_history', id, 0, timestamp),
    ...(asTheyAre<ActuatorHistoryTable>() as {
      recordOf: (row: ActuatorHistoryTable) => Command
      rowOf: (record: Command) => ActuatorHistoryTable
    }),
    changed(before, after) {
      // An answer that is withdrawn was not given.
      if (after && before?.fact && before.fact !== after.fact) facts.delete(before.fact)
      const of = (before ?? after)!
      const commands = byActuator.get(actuatorOf(of))
      if (after) {
        byCorrelation.set(after.correlation_id, after)
        if (commands) commands.set(after.id, after)
        else byActuator.set(actuatorOf(of), new Map([[after.id, after]]))
        return
      }
      byCorrelation.delete(of.correlation_id)
      commands?.delete(of.id)
      if (commands?.size === 0) byActuator.delete(actuatorOf(of))
    },
  })

  let lastId = Number(
    db.prepare('SELECT coalesce(max(id), 0) FROM actuator_history WHERE id > 0').pluck().get(),
  )
  let strangers = Number(db.prepare('SELECT count(*) FROM actuator_history WHERE id < 0').pluck().get())
  let slot = Number(
    db
      .prepare(
        'SELECT coalesce((SELECT -id FROM actuator_history WHERE id < 0 ORDER BY timestamp DESC LIMIT 1), 0)',
      )
      .pluck()
      .get(),
  )
  let dropped = 0

  const put = db.prepare<[HistoryRow]>(
    `INSERT INTO actuator_history (${COLUMNS.join()}) VALUES (${COLUMNS.map((column) => `@${column}`).join()})
     ON CONFLICT (fact) DO NOTHING`,
  )
  const vacate = db.prepare<[number]>('DELETE FROM actuator_history WHERE id = ?')
  const trim = db.prepare<[number]>('DELETE FROM actuator_history WHERE id BETWEEN 1 AND ?')
  const known = db.prepare<[string], number>('SELECT 1 FROM actuator_history WHERE fact = ?').pluck()
  const oldest = db.prepare<[], Pick<HistoryRow, 'id' | 'timestamp'>>(
    `SELECT id, timestamp FROM actuator_history WHERE id > 0 ORDER BY id LIMIT ${SLICE}`,
  )
  const strange = db.prepare<[number], Pick<HistoryRow, 'id' | 'timestamp'>>(
    `SELECT id, timestamp FROM actuator_history WHERE id < 0 AND timestamp < ? LIMIT ${SLICE}`,
  )

  const reporter: Writer<HistoryRow> = {
    write(row) {
      if (row.id < 0) vacate.run(row.id)
      put.run(row)
      if (row.id > MOST_ROWS) trim.run(row.id - MOST_ROWS)
    },
    undo: ({ fact }) => void (fact !== null && facts.delete(fact)),
    refer: ({ id, timestamp }, trail, message) => trail.wrote(message, 'actuator_history', id, 0, timestamp),
  }
  const trimmer: Writer<number> = { write: (id) => void trim.run(id) }
  const sweeper: Writer<readonly { id: number }[]> = {
    write(rows) {
      for (const { id } of rows) vacate.run(id)
    },
  }

  const learn = (fact: string | null): void => {
    if (fact === null) return
    facts.add(fact)
    if (facts.size > MOST_FACTS) facts.delete(facts.values().next().value!)
  }

  const nextId = (isKnown: boolean): number => {
    if (isKnown) return ++lastId
    if (strangers < MOST_STRANGE_ROWS) strangers++
    else dropped++
    slot = (slot % MOST_STRANGE_ROWS) + 1
    return -slot
  }

  return {
    ...createActuatorHistoryReads(db),
    insert(command) {
      if (byCorrelation.has(command.correlation_id))
        throw new Error(`command ${command.correlation_id} exists`)
      const id = ++lastId
      if (id > MOST_ROWS) group.write(trimmer, id - MOST_ROWS)
      return records.put(undefined, rowFrom(command, id) as Command)
    },
    update(command, changes) {
      if (changes.fact) learn(changes.fact)
      return records.put(command, { ...command, ...changes } as Command)
    },
    find: (correlation_id) => byCorrelation.get(correlation_id),
    list(esp_id, gpio) {
      if (esp_id === undefined || gpio === undefined) return records.list(esp_id)
      return [...(byActuator.get(`${esp_id} ${gpio}`)?.values() ?? [])]
    },
    tidy(now) {
      const finished = records.list().filter(isFinal)
      const over = finished.length - MOST_FINISHED
      finished.forEach((command, n) => {
        if (n < over || now - (command.finished_at ?? 0) > LINGER) records.forget(command)
      })
    },
    report(row, isKnown) {
      learn(row.fact ?? null)
      group.write(reporter, rowFrom(row, nextId(isKnown)))
    },
    knows(fact) {
      if (facts.has(fact)) return true
      try {
        return known.get(fact) !== undefined
      } catch {
        // The disk fails; what it reports is said and kept all the same, and the row says no to a second one.
        return false
      }
    },
    get dropped() {
      return dropped
    },
    async sweep(before, signal) {
      let swept = 0
      for (const slice of [oldest.all.bind(oldest), () => strange.all(before)])
        for (;;) {
          signal?.throwIfAborted()
          const rows = slice()
          const late = rows.findIndex(({ timestamp }) => timestamp >= before)
          const over = late < 0 ? rows : rows.slice(0, late)
          if (over.length > 0) await group.run(() => group.write(sweeper, over))
          swept += over.length
          if (over.length < SLICE) break
        }
      return swept
    },
  }
}

/** What is left out is null. Field by field, because many are made at once when everything is stopped. */
const rowFrom = (row: NewRow, id: number): HistoryRow => ({
  id,
  correlation_id: row.correlation_id ?? null,
  esp_id: row.esp_id,
  gpio: row.gpio,
  actuator_type: row.actuator_type ?? null,
  command_type: row.command_type,
  value: row.value ?? null,
  duration: row.duration ?? null,
  issued_by: row.issued_by,
  state: row.state,
  success: row.success ?? null,
  error_message: row.error_message ?? null,
  limit_name: row.limit_name ?? null,
  timestamp: row.timestamp,
  sent_at: row.sent_at ?? null,
  acknowledged_at: row.acknowledged_at ?? null,
  finished_at: row.finished_at ?? null,
  expires_at: row.expires_at ?? null,
  command_metadata: row.command_metadata ?? '{}',
  data_source: row.data_source ?? null,
  fact: row.fact ?? null,
})
