/**
 * A group over a real database with one table of notes, and members that write down what they are told.
 */
import type { Database } from 'better-sqlite3'
import { Group, type GroupOptions, Member, type Writer } from '../../storage/group.js'
import { directory, type Teardown } from '../support/app.js'
import { outsider } from './open.js'

/** A note; null is one that the table refuses. */
export type Note = string | null

export interface House {
  readonly group: Group
  readonly path: string
  readonly db: Database
  /** Everything members and the breaker were told, in order. */
  readonly heard: string[]
  /** Notes that were withdrawn. */
  readonly undone: Note[]
  /** A member called `name` joins and queues notes. */
  join(name: string, ...notes: Note[]): void
  write(note: Note): void
  /** The notes in order of writing, read by an outsider. */
  notes(): string[]
}

class Guest extends Member {
  constructor(
    readonly name: string,
    readonly heard: string[],
    readonly onFailure: () => void,
  ) {
    super()
  }
  committed(stored: boolean): void {
    this.heard.push(`${this.name} ${stored ? 'committed' : 'not stored'}`)
  }
  durable(): void {
    this.heard.push(`${this.name} durable`)
  }
  held(): void {
    this.heard.push(`${this.name} held`)
  }
  expired(): void {
    this.heard.push(`${this.name} expired`)
  }
  failed(): void {
    this.heard.push(`${this.name} failed`)
    this.onFailure()
  }
}

export function openHouse(
  t: Teardown,
  options: Partial<GroupOptions> & { onFailure?: (house: House) => void } = {},
): House {
  const path = `${directory(t)}/notes.db`
  const db = outsider(t, path)
  db.pragma('journal_mode = WAL')
  db.pragma('wal_autocheckpoint = 0')
  db.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT')
  const insert = db.prepare<[Note]>('INSERT INTO notes (note) VALUES (?)')
  const heard: string[] = []
  const undone: Note[] = []
  const writer: Writer<Note> = {
    write: (note) => void insert.run(note),
    undo: (note) => void undone.push(note),
  }
  const group = new Group({
    db,
    sync: (done) => setImmediate(done, null),
    rescue: () => Promise.resolve(),
    monotonic: () => performance.now(),
    onState: (state) => heard.push(`storage ${state}`),
    ...options,
  })
  t.teardown(() => group.close(0))
  const house: House = {
    group,
    path,
    db,
    heard,
    undone,
    write: (note) => group.write(writer, note),
    join(name, ...notes) {
      group.join(new Guest(name, heard, () => options.onFailure?.(house)), () => {
        for (const note of notes) house.write(note)
      })
    },
    notes() {
      const reader = outsider(t, path)
      const notes = reader.prepare<[], string>('SELECT note FROM notes ORDER BY id').pluck().all()
      reader.close()
      return notes
    },
  }
  return house
}

/** Work that goes wrong, for `group.join`. */
export const guest = (name: string, heard: string[]): Member => new Guest(name, heard, () => {})
