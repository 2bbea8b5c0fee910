/**
 * The people: few, so all of them are in memory, each in its row. Names and e-mail addresses are one, however
 * they are capitalised.
 */
import type { Database } from 'better-sqlite3'
import type { Group, Writer } from './group.js'
import { param, params, prepare, query } from './statement.js'
import type { UsersTable } from './tables.js'

export type User = Readonly<UsersTable>
export type { Role } from './tables.js'

export interface NewUser {
  username: string
  email: string
  full_name: string | null
  password_hash: string
  role: UsersTable['role']
}

export interface Users {
  get(id: number): User | undefined
  /** By user name or e-mail address. */
  find(name: string): User | undefined
  list(): User[]
  readonly count: number
  /** Queues the row. Throws when name or address is taken: ask `find` first. */
  insert(user: NewUser, now: number): User
  update(user: User, changes: Partial<User>, now: number): User
  remove(user: User): void
  /** `changed` hears of each change of somebody who was here, in the call that makes it. */
  watch(changed: (before: User, after: User | undefined) => void): void
}

const COLUMNS = [
  'id',
  'username',
  'email',
  'full_name',
  'password_hash',
  'role',
  'is_active',
  'token_version',
  'session_version',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof UsersTable)[]

/** One of the two is missing when somebody comes or goes. */
interface Change {
  before: User | undefined
  after: User | undefined
}

export function createUsers(db: Database, group: Group): Users {
  const insert = prepare<User>(db, query.insertInto('users').values(params<UsersTable>(COLUMNS)))
  const update = prepare<User>(
    db,
    query.updateTable('users').set(params<UsersTable>(COLUMNS)).where('id', '=', param<number>('id')),
  )
  const remove = prepare<{ id: number }>(db, query.deleteFrom('users').where('id', '=', param<number>('id')))
  const users = new Map<number, User>()
  for (const row of prepare<object, User>(db, query.selectFrom('users').selectAll().orderBy('id')).all({}))
    users.set(row.id, row)
  let lastId = Math.max(0, ...users.keys())

  const writer: Writer<Change> = {
    write({ before, after }) {
      if (!after) remove.run({ id: before!.id })
      else if (before) update.run(after)
      else insert.run(after)
    },
    undo({ before, after }) {
      const id = (after ?? before)!.id
      if (users.get(id) !== after) return
      if (before) users.set(id, before)
      else users.delete(id)
    },
  }

  const watching: ((before: User, after: User | undefined) => void)[] = []

  const find = (name: string): User | undefined => {
    const wanted = name.toLowerCase()
    for (const user of users.values())
      if (user.username.toLowerCase() === wanted || user.email.toLowerCase() === wanted) return user
    return undefined
  }

  return {
    get: (id) => users.get(id),
    find,
    list: () => [...users.values()],
    get count() {
      return users.size
    },
    insert(user, now) {
      if (find(user.username) || find(user.email)) throw new Error('user name or e-mail is taken')
      const after: User = {
        ...user,
        id: ++lastId,
        is_active: 1,
        // An id may have been somebody else's, whose tokens must not open this account.
        token_version: now,
        session_version: now,
        created_at: now,
        updated_at: now,
      }
      users.set(after.id, after)
      group.write(writer, { before: undefined, after })
      return after
    },
    update(user, changes, now) {
      const after: User = { ...user, ...changes, id: user.id, updated_at: now }
      users.set(user.id, after)
      group.write(writer, { before: user, after })
      for (const changed of watching) changed(user, after)
      return after
    },
    remove(user) {
      users.delete(user.id)
      group.write(writer, { before: user, after: undefined })
      for (const changed of watching) changed(user, undefined)
    },
    watch: (changed) => void watching.push(changed),
  }
}
