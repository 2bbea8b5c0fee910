/** Tables of the broker that a broken disk or somebody's hand got at: set aside, told, and the broker starts. */
import { closeSync, openSync, writeSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory, openApp } from '../support/app.js'
import { client, connected, counted, hears, logged, tcp } from '../support/mqtt.js'
import { until } from '../support/until.js'

type Test = Parameters<typeof openApp>[0]

/** A data directory with two sessions, three messages for each, and two retained messages. */
async function used(t: Test): Promise<string> {
  const dir = directory(t)
  const app = await openApp(t, { dir })
  for (const clientId of ['one', 'two']) {
    const absent = await connected(t, app, { clientId, clean: false })
    await absent.subscribeAsync('lab/#', { qos: 1 })
    await absent.endAsync()
  }
  await until(() => app.broker.counters().connections === 0, 'them to be gone')
  const sender = await connected(t, app)
  for (const n of [1, 2, 3]) await sender.publishAsync('lab/a', String(n), { qos: 1 })
  for (const topic of ['plant/a', 'plant/b']) await sender.publishAsync(topic, 'x', { qos: 1, retain: true })
  await app.close()
  return dir
}

/** Changes the database as no kaiser would. */
function tamper(dir: string, sql: string): void {
  const db = new SQLite(`${dir}/kaiser.db`)
  db.exec(sql)
  db.close()
}

/** Overwrites the pages of a table. */
function smash(dir: string, table: string): void {
  const path = `${dir}/kaiser.db`
  const db = new SQLite(path)
  db.pragma('wal_checkpoint(TRUNCATE)')
  const size = db.pragma('page_size', { simple: true }) as number
  const page = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table) as number
  db.close()
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(size, 0xa5), 0, size, (page - 1) * size)
  closeSync(file)
}

/** What a session hears when it comes back. */
async function heardBy(
  t: Test,
  app: Awaited<ReturnType<typeof openApp>>,
  clientId: string,
): Promise<string[]> {
  // It hears from the first moment on.
  const back = client(t, tcp(app), { clientId, clean: false })
  const heard = hears(back)
  await back.subscribeAsync('last', { qos: 1 })
  await back.publishAsync('last', '', { qos: 1 })
  await until(() => heard.includes('last '), 'the last word')
  return heard.filter((one) => one !== 'last ')
}

const TAMPERED: Record<string, { sql: string; table: string; rows: number; left: string[] }> = {
  'an entry of the queue whose message is missing': {
    sql: 'DELETE FROM mqtt_messages WHERE id = (SELECT min(id) FROM mqtt_messages)',
    table: 'mqtt_queue',
    rows: 2,
    left: ['lab/a 2', 'lab/a 3'],
  },
  'a QoS that does not exist': {
    sql: 'UPDATE mqtt_queue SET qos = 7 WHERE id = (SELECT min(id) FROM mqtt_queue)',
    table: 'mqtt_queue',
    rows: 1,
    left: ['lab/a 2', 'lab/a 3'],
  },
  'a topic with a wildcard': {
    sql: "UPDATE mqtt_messages SET topic = 'lab/#' WHERE id = (SELECT max(id) FROM mqtt_messages)",
    table: 'mqtt_messages',
    rows: 1,
    left: ['lab/a 1', 'lab/a 2'],
  },
  'a filter that is none': {
    sql: "UPDATE mqtt_subscriptions SET filter = 'lab/#/x' WHERE client_id = 'two'",
    table: 'mqtt_subscriptions',
    rows: 1,
    left: ['lab/a 1', 'lab/a 2', 'lab/a 3'],
  },
  'subscriptions without their session': {
    sql: "DELETE FROM mqtt_sessions WHERE client_id = 'two'",
    table: 'mqtt_subscriptions',
    rows: 1,
    left: ['lab/a 1', 'lab/a 2', 'lab/a 3'],
  },
  'a Packet Identifier out of range': {
    sql: "UPDATE mqtt_queue SET packet_id = 70000 WHERE client_id = 'one'",
    table: 'mqtt_queue',
    rows: 3,
    left: [],
  },
}

for (const [what, { sql, table, rows, left }] of Object.entries(TAMPERED))
  t.test(`${what} is put into quarantine, and everything else is used`, async (t) => {
    const dir = await used(t)
    tamper(dir, sql)
    const app = await openApp(t, { dir })
    const found = app.store.mqttState.damage.find((one) => one.table === table)
    t.match(found, { rows })
    t.ok(counted(app, 'sessions_damaged') > 0)
    t.match(
      logged(app, 'sessions_damaged').find((line) => line.table === table),
      { level: 50, rows },
    )
    t.ok(app.findings.list().some(({ kind, esp_id }) => kind === 'sessions_damaged' && esp_id === table))
    t.strictSame(await heardBy(t, app, 'one'), left)
    await app.close()

    const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
    const kept = db.prepare('SELECT row FROM mqtt_quarantine WHERE table_name = ?').pluck().all(table)
    db.close()
    t.equal(kept.length, rows)
    for (const row of kept) t.doesNotThrow(() => JSON.parse(row as string))
    const again = await openApp(t, { dir })
    t.strictSame(again.store.mqttState.damage, [], 'it is told once')
  })

for (const table of [
  'mqtt_sessions',
  'mqtt_subscriptions',
  'mqtt_messages',
  'mqtt_queue',
  'mqtt_incoming',
  'mqtt_retained',
  'mqtt_wills',
])
  t.test(`a broken page of ${table}: the table is put aside, and kaiser starts and goes on`, async (t) => {
    const dir = await used(t)
    smash(dir, table)
    const app = await openApp(t, { dir })
    t.ok(app.store.mqttState.damage.some((one) => one.table === table))
    t.ok(counted(app, 'sessions_damaged') > 0)

    const reader = await connected(t, app, { clientId: 'new', clean: false })
    await reader.subscribeAsync('lab/#', { qos: 2 })
    const sender = await connected(t, app, { will: { topic: 'lab/will', payload: Buffer.from('x') } })
    await sender.publishAsync('lab/b', 'after', { qos: 2, retain: true })
    await reader.endAsync()
    await sender.publishAsync('lab/b', 'later', { qos: 1 })
    await app.close()
    const again = await openApp(t, { dir })
    t.strictSame(again.store.mqttState.damage, [], 'it is told once')
    t.ok((await heardBy(t, again, 'new')).includes('lab/b later'))
    t.ok((await again.broker.retained()).some(({ topic }) => topic === 'lab/b'))
  })

t.test('a table that is missing is made anew', async (t) => {
  const dir = await used(t)
  tamper(dir, 'DROP TABLE mqtt_retained')
  const app = await openApp(t, { dir })
  t.match(app.store.mqttState.damage, [{ table: 'mqtt_retained', reason: /no such table/ }])
  const sender = await connected(t, app)
  await sender.publishAsync('plant/c', 'x', { qos: 1, retain: true })
  await app.close()
  const again = await openApp(t, { dir })
  t.strictSame(
    (await again.broker.retained()).map(({ topic }) => topic),
    ['plant/c'],
  )
})
