/** Opening the one file: a new one is made, ours is kept, and what is not ours is refused and left alone. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { openDatabase, SCHEMA_VERSION } from '../../storage/database.js'
import { StorageError } from '../../storage/errors.js'
import { directory } from '../support/app.js'
import { open } from './open.js'

/** The bytes of a database and of its log. */
const bytes = (path: string): (string | undefined)[] =>
  ['', '-wal'].map((end) =>
    existsSync(path + end) ? readFileSync(path + end).toString('base64') : undefined,
  )

t.test('a new database is made whole, and opened again as it is', async (t) => {
  const path = `${directory(t)}/kaiser.db`
  const db = openDatabase(path)
  t.equal(db.pragma('user_version', { simple: true }), SCHEMA_VERSION)
  t.equal(db.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(db.pragma('busy_timeout', { simple: true }), 0, 'the event loop waits for nobody')
  t.ok(db.prepare('SELECT * FROM sensor_data').all())
  db.close()
  const again = openDatabase(path)
  t.strictSame(again.prepare('SELECT count(*) AS rows FROM esp_devices').get(), { rows: 0 })
  again.close()
})

t.test('an empty file is a new database', async (t) => {
  const path = `${directory(t)}/kaiser.db`
  writeFileSync(path, '')
  const db = openDatabase(path)
  t.ok(db.prepare('SELECT * FROM sensor_data').all())
  db.close()
})

/** Makes a file that is not ours. `left` makes it as a killed process leaves it, with rows in its log. */
const STRANGERS: Record<string, { make: (path: string) => void; says: RegExp }> = {
  'a database of a newer kaiser': {
    make(path) {
      const db = openDatabase(path)
      db.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
      db.close()
    },
    says: /^\S+kaiser\.db was made by a newer kaiser \(schema \d+, this one knows \d+\); upgrade kaiser/,
  },
  'a database of a newer kaiser that was killed': {
    make(path) {
      const db = openDatabase(`${path}.made`)
      db.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
      for (const end of ['', '-wal']) copyFileSync(`${path}.made${end}`, path + end)
      db.close()
    },
    says: /newer kaiser/,
  },
  'a database of something else': {
    make(path) {
      const db = new SQLite(path)
      db.exec('CREATE TABLE songs (title TEXT)')
      db.close()
    },
    says: /^\S+kaiser\.db is a database of something else; choose another --data$/,
  },
  'a file that is no database': {
    make: (path) => writeFileSync(path, 'temperature;21.5\n'.repeat(1000)),
    says: /^\S+kaiser\.db is not an SQLite database; move it away/,
  },
  'a very short file that is no database': {
    make: (path) => writeFileSync(path, 'hello'),
    says: /^\S+kaiser\.db is not an SQLite database/,
  },
}

for (const [name, { make, says }] of Object.entries(STRANGERS))
  t.test(`${name} is refused with one sentence and not touched`, async (t) => {
    const path = `${directory(t)}/kaiser.db`
    make(path)
    const before = bytes(path)
    t.throws(() => openDatabase(path), { name: 'StorageError', message: says })
    t.strictSame(bytes(path), before)
  })

t.test('a directory in the place of the file is refused with one sentence', async (t) => {
  const path = `${directory(t)}/kaiser.db`
  mkdirSync(path)
  t.throws(() => openDatabase(path), StorageError)
  t.throws(() => openDatabase(`${path}/missing/kaiser.db`), { message: /cannot be opened/ })
})

t.test('what may not be written is refused with one sentence and exit code 1', async (t) => {
  // Root may write everything, so kaiser is started as somebody else where this test runs as root.
  const isRoot = process.getuid?.() === 0
  const as = isRoot ? { uid: 65_534, gid: 65_534 } : {}
  const start = (dir: string) =>
    // A clean environment: the test runner's own options would write where this user may not.
    spawnSync(
      'env',
      [
        ...['-i', `PATH=${process.env.PATH}`, process.execPath, 'bin/kaiser', 'start', '--data', dir],
        ...['--host', '127.0.0.1', '--mqtt-port', '0', '--http-port', '0'],
      ],
      { encoding: 'utf8', timeout: 30_000, ...as },
    )

  const closed = directory(t)
  chmodSync(closed, 0o555)
  const refused = start(closed)
  t.equal(refused.status, 1)
  t.match(refused.stderr, /^kaiser: --data \S+ cannot be written: .*\n$/)

  const dir = directory(t)
  openDatabase(`${dir}/kaiser.db`).close()
  if (isRoot) chownSync(dir, 65_534, 65_534)
  chmodSync(`${dir}/kaiser.db`, 0o444)
  const before = readFileSync(`${dir}/kaiser.db`)
  const readOnly = start(dir)
  t.equal(readOnly.status, 1)
  t.match(readOnly.stderr, /^kaiser: \S+kaiser\.db cannot be opened: .*\n$/)
  t.ok(before.equals(readFileSync(`${dir}/kaiser.db`)))
})

t.test('what was acknowledged is there after a kill, and the log is whole', async (t) => {
  const opened = await open(t)
  await opened.insert({ seq: 1 }, { seq: 2 })
  const dir = directory(t)
  for (const end of ['', '-wal']) copyFileSync(opened.path + end, `${dir}/kaiser.db${end}`)
  t.ok(statSync(`${dir}/kaiser.db-wal`).size > 0)
  const found = await open(t, { dir })
  t.strictSame(found.rows('SELECT seq FROM sensor_data'), [{ seq: 1 }, { seq: 2 }])
  t.strictSame(found.rows('PRAGMA integrity_check'), [{ integrity_check: 'ok' }])
})
