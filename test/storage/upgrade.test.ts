/** A database of an older kaiser: it gets what it lacks, keeps what it has, whole or not at all. */
import SQLite from 'better-sqlite3'
import t from 'tap'
import { openDatabase, SCHEMA_VERSION } from '../../storage/database.js'
import { directory } from '../support/app.js'

/** A file as schema version 1 had it, in the parts that differ: fewer columns, fewer tables, an older view. */
const older = (path: string): void => {
  openDatabase(path).close()
  const db = new SQLite(path)
  db.exec('DROP VIEW sensor_data')
  db.exec('CREATE VIEW sensor_data AS SELECT 1 AS one')
  db.exec('DROP TABLE calibrations')
  db.exec('DROP TABLE audit_logs')
  for (const column of ['health', 'heartbeat_interval', 'flapping_since'])
    db.exec(`ALTER TABLE esp_devices DROP COLUMN ${column}`)
  db.exec(
    `INSERT INTO esp_devices (id, device_id, status, created_at, updated_at) VALUES ('a', 'ESP_OLD', 'online', 1, 1)`,
  )
  db.pragma('user_version = 1')
  db.close()
}

const shapeOf = (path: string): unknown[] => {
  const db = new SQLite(path, { readonly: true })
  const tables = db
    .prepare<[], { name: string; type: string }>(`SELECT name, type FROM sqlite_schema WHERE sql IS NOT NULL`)
    .all()
    .map(({ name, type }) => ({
      name,
      type,
      columns: db
        .prepare<[string], { name: string }>('SELECT name, type, "notnull" FROM pragma_table_info(?)')
        .all(name)
        .sort((a, b) => a.name.localeCompare(b.name)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
  db.close()
  return tables
}

t.test('a database of an older kaiser gets the tables, columns and views it lacks', async (t) => {
  const dir = directory(t)
  older(`${dir}/old.db`)
  openDatabase(`${dir}/new.db`).close()
  const db = openDatabase(`${dir}/old.db`)
  t.equal(db.pragma('user_version', { simple: true }), SCHEMA_VERSION)
  t.match(db.prepare('SELECT device_id, status, health, flapping_since FROM esp_devices').get(), {
    device_id: 'ESP_OLD',
    status: 'online',
    health: '{}',
    flapping_since: null,
  })
  db.close()
  t.strictSame(shapeOf(`${dir}/old.db`), shapeOf(`${dir}/new.db`))
})

t.test('a word that is another one now is that one', async (t) => {
  const path = `${directory(t)}/old.db`
  older(path)
  const before = new SQLite(path)
  before.pragma('ignore_check_constraints = ON')
  before.exec(
    `INSERT INTO sensor_configs (id, esp_id, gpio, sensor_type, config_status, created_at, updated_at)
     VALUES ('a', 'ESP_OLD', 4, 'ph', 'active', 1, 1)`,
  )
  before.close()
  const db = openDatabase(path)
  t.strictSame(db.prepare('SELECT config_status FROM sensor_configs').pluck().all(), ['applied'])
  db.close()
})

t.test('an upgrade that fails leaves the file as it was', async (t) => {
  const path = `${directory(t)}/old.db`
  older(path)
  const db = new SQLite(path)
  // A table of somebody else has the name of an index that is to come.
  db.exec('CREATE VIEW audit_logs AS SELECT 1 AS one; DROP VIEW readings; CREATE TABLE readings (x)')
  db.close()
  const before = shapeOf(path)
  t.throws(() => openDatabase(path), { name: 'StorageError', message: /old\.db/ })
  t.strictSame(shapeOf(path), before)
})
