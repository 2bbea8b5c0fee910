/**
 * A table that is all in memory: each record frozen, each in its row, looked up by its key and by its owner. A
 * record is never changed in place; when a row is withdrawn, the record before it comes back. Every change is
 * written, so that whoever is told that its row is on disk does not depend on a row that comes later.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Trail, Writer } from './group.js'
import type { Tables } from './tables.js'

export interface RecordsOptions<Row extends object, Kept extends object> {
  table: keyof Tables
  columns: readonly (keyof Row & string)[]
  /** Columns that name a row. */
  key: readonly (keyof Row & keyof Kept & string)[]
  recordOf: (row: Row) => Kept
  rowOf: (record: Kept) => Row
  /** What the record belongs to, such as its device. */
  ownerOf: (record: Kept) => string
  /** Which rows are loaded at the start, in SQL; all of them when it is not given. */
  where?: string
  /** Says which row it is, where people want to find it again. */
  refer?: (record: Kept, trail: Trail, message: number) => void
  /** Hears of every change in memory, also of one that is taken back. */
  changed?: (before: Kept | undefined, after: Kept | undefined) => void
}

export interface Records<Kept> {
  /** `key` in the order of the columns. */
  find(...key: (string | number)[]): Kept | undefined
  /** In the order in which they came. */
  list(owner?: string): Kept[]
  count(owner: string): number
  /** Queues the row of a new or changed record, in the place of `before`. Inside the group only. */
  put(before: Kept | undefined, after: Kept): Kept
  /** Queues the removal of the row. Inside the group only. */
  remove(record: Kept): void
  /** Forgets it in memory; its row stays. */
  forget(record: Kept): void
}

interface Change<Kept> {
  before: Kept | undefined
  after: Kept | undefined
}

export function createRecords<Row extends object, Kept extends object = Readonly<Row>>(
  db: Database,
  group: Group,
  options: RecordsOptions<Row, Kept>,
): Records<Kept> {
  const { table, columns, key, recordOf, rowOf, ownerOf, changed, refer } = options
  const bound = columns.map((column) => `@${column}`)
  const set = columns.map((column) => `${column} = @${column}`)
  const named = key.map((column) => `${column} = @${column}`).join(' AND ')
  const put = db.prepare<[Row]>(
    `INSERT INTO ${table} (${columns.join()}) VALUES (${bound.join()})
     ON CONFLICT (${key.join()}) DO UPDATE SET ${set.join()}`,
  )
  const remove = db.prepare<[Row]>(`DELETE FROM ${table} WHERE ${named}`)

  const byKey = new Map<string, Kept>()
  const byOwner = new Map<string, Map<string, Kept>>()
  const keyOf = (record: Kept): string => key.map((column) => record[column]).join(' ')

  const hold = (name: string, next: Kept | undefined): void => {
    const known = byKey.get(name)
    if (known === next) return
    if (known && !(next && ownerOf(known) === ownerOf(next))) {
      const others = byOwner.get(ownerOf(known))!
      others.delete(name)
      if (others.size === 0) byOwner.delete(ownerOf(known))
      byKey.delete(name)
    }
    if (next) {
      byKey.set(name, next)
      const owned = byOwner.get(ownerOf(next))
      if (owned) owned.set(name, next)
      else byOwner.set(ownerOf(next), new Map([[name, next]]))
    }
    changed?.(known, next)
  }

  for (const row of db
    .prepare<[], Row>(
      `SELECT ${columns.join()} FROM ${table} ${options.where ? `WHERE ${options.where}` : ''} ORDER BY ${key.join()}`,
    )
    .iterate()) {
    const record = recordOf(row)
    hold(keyOf(record), record)
  }

  /** Records whose rows were withdrawn, with those they were made from. */
  const withdrawn = new WeakMap<Kept, Kept | undefined>()
  const lastGood = (record: Kept | undefined): Kept | undefined => {
    let good = record
    while (good && withdrawn.has(good)) good = withdrawn.get(good)
    return good
  }

  const writer: Writer<Change<Kept>> = {
    write({ before, after }) {
      if (after) put.run(rowOf(after))
      else remove.run(rowOf(before!))
    },
    undo({ before, after }) {
      const name = keyOf((before ?? after)!)
      if (after) withdrawn.set(after, before)
      if (byKey.get(name) === after) hold(name, lastGood(before))
    },
    ...(refer && {
      refer({ after }, trail, message) {
        if (after) refer(after, trail, message)
      },
    }),
  }

  const change = (before: Kept | undefined, after: Kept | undefined): void => {
    hold(keyOf((before ?? after)!), after)
    group.write(writer, { before, after })
  }

  return {
    find: (...name) => byKey.get(name.join(' ')),
    list: (owner) => [...((owner === undefined ? byKey : byOwner.get(owner))?.values() ?? [])],
    count: (owner) => byOwner.get(owner)?.size ?? 0,
    put(before, after) {
      change(before, Object.freeze(after))
      return after
    },
    remove: (record) => change(record, undefined),
    forget: (record) => hold(keyOf(record), undefined),
  }
}

/** For tables whose records are their rows. */
export const asTheyAre = <Row extends object>() => ({
  recordOf: (row: Row): Readonly<Row> => Object.freeze(row),
  rowOf: (record: Readonly<Row>): Row => record,
})
