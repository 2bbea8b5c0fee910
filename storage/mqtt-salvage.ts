/**
 * Reads the broker's tables once, at the start, whatever state they are in: an unusable row is moved to
 * mqtt_quarantine, a table that cannot be read whole is put aside and a new one made of what could be read. The
 * broker always starts; what was lost is told. https://sqlite.org/recovery.html
 */
import type { Database } from 'better-sqlite3'
import { type MqttTable, SHAPES, unsound } from './mqtt-shapes.js'
import type { Tables } from './tables.js'

/** Rows of every table, sound and belonging together. */
export type MqttRows = { [T in MqttTable]: Tables[T][] }

/** What was found damaged and put aside. */
export interface Damage {
  readonly table: MqttTable
  /** Rows in mqtt_quarantine; a table put aside has more of them. */
  readonly rows: number
  readonly reason: string
}

type Row = Record<string, unknown>

/** Quarantined rows kept. */
const KEPT = 1_000

export function salvage(db: Database, schema: string, now: number): { rows: MqttRows; damage: Damage[] } {
  const damage: Damage[] = []
  const rows = {} as Record<MqttTable, Row[]>
  const putAside = (table: MqttTable, bad: { row: Row; reason: string }[]): void => {
    if (bad.length === 0) return
    damage.push({ table, rows: bad.length, reason: bad[0]!.reason })
    quarantine(db, table, bad, now)
  }

  for (const table of Object.keys(SHAPES) as MqttTable[]) {
    const found = readAll(db, table)
    if (found.error) {
      renew(db, table, schema, found.rows, now)
      damage.push({ table, rows: 0, reason: found.error })
    }
    const bad: { row: Row; reason: string }[] = []
    rows[table] = found.rows.filter((row) => {
      const reason = unsound(SHAPES[table], row)
      if (reason) bad.push({ row, reason })
      return !reason
    })
    putAside(table, bad)
  }

  for (const [table, belongs] of Object.entries(belonging(rows)) as [MqttTable, Belongs][]) {
    const bad = rows[table].flatMap((row) => {
      const reason = belongs(row)
      return reason ? [{ row, reason }] : []
    })
    if (bad.length > 0) rows[table] = rows[table].filter((row) => !bad.some((one) => one.row === row))
    putAside(table, bad)
  }
  return { rows: rows as unknown as MqttRows, damage }
}

type Belongs = (row: Row) => string | undefined

/** Rows that mean nothing without another one. */
function belonging(rows: Record<MqttTable, Row[]>): Partial<Record<MqttTable, Belongs>> {
  const sessions = new Set(rows.mqtt_sessions.map((row) => row.client_id))
  const messages = new Set(rows.mqtt_messages.map((row) => row.id))
  const ofSession: Belongs = ({ client_id }) =>
    sessions.has(client_id) ? undefined : 'its session is missing'
  return {
    mqtt_subscriptions: ofSession,
    mqtt_incoming: ofSession,
    mqtt_queue: (row) =>
      ofSession(row) ??
      (row.message_id === null || messages.has(row.message_id) ? undefined : 'its message is missing'),
  }
}

/** All rows there are; with `error`, those that could be read from either end. */
function readAll(db: Database, table: MqttTable): { rows: Row[]; error?: string } {
  const key = SHAPES[table].key.join(', ')
  const seen = new Map<string, Row>()
  const read = (direction: 'ASC' | 'DESC'): unknown => {
    try {
      const order = SHAPES[table].key.map((column) => `${column} ${direction}`).join(', ')
      for (const row of db.prepare<[], Row>(`SELECT * FROM ${table} ORDER BY ${order}`).iterate()) {
        const name = JSON.stringify(SHAPES[table].key.map((column) => row[column]))
        if (!seen.has(name)) seen.set(name, row)
      }
      return undefined
    } catch (error) {
      return error
    }
  }
  const error = read('ASC')
  if (error === undefined) return { rows: [...seen.values()] }
  const before = [...seen.values()]
  seen.clear()
  read('DESC')
  const after = [...seen.values()].reverse()
  const known = new Set(before.map((row) => JSON.stringify(key.split(', ').map((column) => row[column]))))
  return {
    rows: [
      ...before,
      ...after.filter((row) => !known.has(JSON.stringify(key.split(', ').map((column) => row[column])))),
    ],
    error: (error as Error).message,
  }
}

/** Moves rows to the quarantine; when even that fails they stay, and are found again at the next start. */
function quarantine(db: Database, table: MqttTable, bad: { row: Row; reason: string }[], now: number): void {
  const keep = db.prepare(
    'INSERT INTO mqtt_quarantine (quarantined_at, table_name, reason, row) VALUES (?, ?, ?, ?)',
  )
  const { key } = SHAPES[table]
  const remove = db.prepare(
    `DELETE FROM ${table} WHERE ${key.map((column) => `${column} IS ?`).join(' AND ')}`,
  )
  const trim = db.prepare('DELETE FROM mqtt_quarantine WHERE id <= (SELECT max(id) FROM mqtt_quarantine) - ?')
  attempt(db, () => {
    for (const { row, reason } of bad) {
      keep.run(now, table, reason, JSON.stringify(row, inWords))
      remove.run(...key.map((column) => row[column]))
    }
    trim.run(KEPT)
  })
}

const inWords = (_name: string, value: unknown): unknown => {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data).toString('hex') : value
}

/** Puts a table aside and makes a new one of what could be read of it. */
function renew(db: Database, table: MqttTable, schema: string, rows: Row[], now: number): void {
  const create = new RegExp(`CREATE TABLE ${table} \\([^;]+;`).exec(schema)![0]
  attempt(db, () => {
    const present = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined
    if (present) db.exec(`ALTER TABLE ${table} RENAME TO quarantined_${table}_${now}`)
    db.exec(create)
    const columns = Object.keys(SHAPES[table].columns)
    const insert = db.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    )
    for (const row of rows)
      if (!unsound(SHAPES[table], row)) insert.run(...columns.map((column) => row[column]))
  })
}

const attempt = (db: Database, work: () => void): void => {
  try {
    db.transaction(work).immediate()
  } catch {
    // The broker starts with what it has in memory; the damage is told anyway.
  }
}
