/** What the System page lists, in one answer. */
import { statSync } from 'node:fs'
import t from 'tap'
import { NOON, reading } from '../storage/open.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

t.test('versions, sizes, rates, latencies, writes, clients and bounds, for whoever may look', async (t) => {
  let clock = 0
  const app = await openApp(t, { monotonic: () => performance.now() + clock })
  const { viewer } = await people(app)
  const stored = 30
  await app.store.group.run(() => {
    for (let n = 0; n < stored; n++)
      app.store.readings.insert(reading({ timestamp: NOON + n * 1_000, seq: n }))
  })
  clock = 10_000
  const { status, body } = await request(app, 'GET', '/system', { token: viewer })
  t.equal(status, 200)
  const disk = body.disk as Record<string, number>
  const rates = body.rates as Record<string, number>
  t.match(body, {
    success: true,
    status: 'healthy',
    versions: {
      kaiser: /^\d+\.\d+\.\d+/,
      node: process.versions.node,
      sqlite: /^3\.\d+/,
      uws: /^\d+\.\d+\.\d+$/,
      aedes: /^1\.\d+/,
    },
    latency: { handler: { p99_ms: Number }, sync: { p50_ms: Number }, broadcast: {}, db_write: {} },
    event_loop: { delay_p99_ms: Number },
    storage: { state: 'ok', intake_rows: stored },
    broker: { connections: 0, unauthenticated: 0 },
    findings: 0,
  })
  t.equal(disk.database_bytes, statSync(app.store.path).size)
  t.ok(disk.wal_bytes! > 0)
  t.ok(disk.free_bytes! > 0 && disk.free_bytes! <= disk.total_bytes!)
  t.ok(rates.over_s! >= 10)
  t.ok(
    rates.readings_stored! > 0 && rates.readings_stored! <= stored / 10,
    `${rates.readings_stored} a second`,
  )
  t.equal(rates.readings_received, rates.readings_stored)
  const bounds = body.bounds as { name: string; hits: number }[]
  t.match(
    bounds.find(({ name }) => name === 'connections'),
    { flag: '--max-connections', value: 5_000, hits: 0 },
  )
  const writes = body.writes as { since: string; bytes: number; per_day: number | null } | null
  if (process.platform === 'linux')
    t.match(writes, { bytes: Number, per_day: null }, 'a day is not foretold at once')
  t.equal((await request(app, 'GET', '/system')).status, 401)
})
