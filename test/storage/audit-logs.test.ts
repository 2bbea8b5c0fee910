import t from 'tap'
import type { AuditEntry, AuditFilter } from '../../storage/audit-logs.js'
import { NOON, type Opened, open, outsider, until } from './open.js'

const HOUR = 3_600_000
const entry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  event_type: 'device_online',
  severity: 'info',
  source_type: 'esp32',
  source_id: 'ESP_1',
  status: 'success',
  ...fields,
})

/** Writes entries, the n-th of them n milliseconds after noon. */
const write = (opened: Opened, ...entries: Partial<AuditEntry>[]): Promise<void> =>
  opened.store.group.run(() =>
    entries.forEach((fields, n) => {
      opened.store.auditLogs.insert(entry(fields), NOON + n)
    }),
  )

t.test('an entry is written whole, and what it leaves out is null', async (t) => {
  const opened = await open(t)
  const whole: AuditEntry = {
    event_type: 'mqtt_error',
    severity: 'critical',
    source_type: 'esp32',
    source_id: 'ESP_ü',
    status: 'failed',
    message: 'Sensor\u0000 gone \ud83d\udca7',
    details: { gpio: 4, nested: { list: [1, null] }, ok: true },
    error_code: '1030',
    error_description: 'no answer',
    ip_address: '::1',
    user_agent: 'curl',
    correlation_id: 'c-1',
    request_id: 'r-1',
  }
  await write(opened, whole, {})
  const { rows, total } = await opened.store.auditLogs.page({}, 1, 50)
  t.equal(total, 2)
  t.match(rows[1], { ...whole, id: 1, created_at: NOON, details: JSON.stringify(whole.details) })
  t.match(rows[0], { details: '{}', message: null, error_code: null, correlation_id: null, request_id: null })
})

t.test('ids go on after a restart', async (t) => {
  const opened = await open(t)
  await write(opened, {}, {})
  await opened.reopen()
  await write(opened, {})
  t.strictSame(opened.rows('SELECT id FROM audit_logs ORDER BY id'), [{ id: 1 }, { id: 2 }, { id: 3 }])
})

t.test('a note waits for nobody, and stands although what was going on is withdrawn', async (t) => {
  const opened = await open(t)
  const { auditLogs, group } = opened.store
  auditLogs.note(entry({ message: 'outside' }), NOON)
  await t.rejects(
    group.run(() => {
      auditLogs.insert(entry({ message: 'withdrawn' }), NOON)
      auditLogs.note(entry({ message: 'inside' }), NOON)
      throw new Error('no')
    }),
  )
  await group.run(() => {})
  t.strictSame(opened.rows('SELECT message FROM audit_logs ORDER BY id'), [
    { message: 'outside' },
    { message: 'inside' },
  ])
})

t.test('while storage fails a note waits in memory, and one too many is left out', async (t) => {
  const opened = await open(t, { backlog: 3 })
  const { auditLogs, group } = opened.store
  const lock = outsider(t, opened.path)
  lock.exec('BEGIN IMMEDIATE')
  for (let n = 0; n < 10; n++) auditLogs.note(entry({ message: String(n) }), NOON)
  await until(() => group.state !== 'ok', 'storage to fail')
  t.equal(group.waiting, 3)
  lock.exec('ROLLBACK')
  await until(() => group.waiting === 0, 'the notes to be written')
  t.strictSame(opened.rows('SELECT message FROM audit_logs ORDER BY id'), [
    { message: '0' },
    { message: '1' },
    { message: '2' },
  ])
})

t.test('each filter finds its entries, together they all apply', async (t) => {
  const opened = await open(t)
  await write(
    opened,
    { event_type: 'login_failed', source_type: 'user', source_id: 'anna', status: 'failed' },
    { severity: 'error', error_code: '1030', status: 'failed' },
    { source_id: 'ESP_2' },
    {},
  )
  const found = async (filter: AuditFilter) =>
    (await opened.store.auditLogs.page(filter, 1, 50)).rows.map(({ id }) => id)
  t.strictSame(await found({}), [4, 3, 2, 1])
  t.strictSame(await found({ event_type: 'login_failed' }), [1])
  t.strictSame(await found({ severity: 'error' }), [2])
  t.strictSame(await found({ source_type: 'esp32' }), [4, 3, 2])
  t.strictSame(await found({ source_id: 'ESP_2' }), [3])
  t.strictSame(await found({ status: 'failed' }), [2, 1])
  t.strictSame(await found({ error_code: '1030' }), [2])
  t.strictSame(await found({ status: 'failed', source_type: 'esp32' }), [2])
  t.strictSame(await found({ from: NOON + 1, until: NOON + 2 }), [3, 2], 'both ends belong to it')
  t.strictSame(await found({ from: NOON + 4 }), [])
  t.strictSame(await found({ event_type: "' OR 1=1 --" }), [])
})

t.test('pages of many entries, newest first by time, join without gap or double', async (t) => {
  const opened = await open(t)
  const { store } = opened
  // More than two slices; every third is an error; twenty at a time share a millisecond.
  await store.group.run(() => {
    for (let n = 0; n < 5_000; n++)
      store.auditLogs.insert(entry({ severity: n % 3 === 0 ? 'error' : 'info' }), NOON + Math.floor(n / 20))
    // The clock was wrong for a while: an old time, written last.
    store.auditLogs.insert(entry(), NOON - HOUR)
  })
  for (const filter of [{}, { severity: 'error' as const }, { from: NOON + 10, until: NOON + 229 }]) {
    const wanted = opened.rows<{ id: number }>(
      `SELECT id FROM audit_logs WHERE created_at >= ${filter.from ?? 0} AND created_at <= ${filter.until ?? 9e15}
       ${'severity' in filter ? "AND severity = 'error'" : ''} ORDER BY created_at DESC, id DESC`,
    )
    const seen: number[] = []
    for (let page = 1; ; page++) {
      const { rows, total } = await store.auditLogs.page(filter, page, 499)
      t.equal(total, wanted.length)
      if (rows.length === 0) break
      seen.push(...rows.map(({ id }) => id))
    }
    t.strictSame(
      seen,
      wanted.map(({ id }) => id),
      JSON.stringify(filter),
    )
  }
  const { rows } = await store.auditLogs.page({}, 1, 5_001)
  t.equal(rows.length, 5_001, 'one page may span several slices')
  t.equal(rows.at(-1)!.created_at, NOON - HOUR)
})

t.test('entries are counted by severity and kind, the most frequent first', async (t) => {
  const opened = await open(t)
  const { store } = opened
  t.strictSame(await store.auditLogs.counts(), { total: 0, by_severity: {}, by_event_type: {} })
  t.strictSame(store.auditLogs.extent(), { oldest: null, newest: null, bytes_each: 120 })
  await store.group.run(() => {
    for (let n = 0; n < 4_500; n++)
      store.auditLogs.insert(
        n % 9 === 0 ? entry({ event_type: 'mqtt_error', severity: 'error' }) : entry(),
        NOON + n,
      )
  })
  const counts = await store.auditLogs.counts()
  t.strictSame(counts, {
    total: 4_500,
    by_severity: { error: 500, info: 4_000 },
    by_event_type: { device_online: 4_000, mqtt_error: 500 },
  })
  t.strictSame(Object.keys(counts.by_event_type), ['device_online', 'mqtt_error'])
  t.match(store.auditLogs.extent(), { oldest: NOON, newest: NOON + 4_499 })
})

t.test('what went wrong, and which part of all that is', async (t) => {
  const opened = await open(t)
  const { auditLogs } = opened.store
  await write(
    opened,
    { severity: 'error' },
    {},
    { severity: 'critical' },
    { severity: 'warning' },
    { severity: 'error' },
  )
  const ids = (from: number, limit: number) => auditLogs.errors(from, limit).map(({ id }) => id)
  t.strictSame(ids(NOON, 10), [5, 3, 1])
  t.strictSame(ids(NOON + 1, 10), [5, 3])
  t.strictSame(ids(NOON, 2), [5, 3])
  t.strictSame(auditLogs.rate(NOON), { total: 5, errors: 3 })
  t.strictSame(auditLogs.rate(NOON + 1), { total: 4, errors: 2 })
  t.strictSame(auditLogs.rate(NOON + 9), { total: 0, errors: 0 })
})

t.test('the configurations of one device, newest first', async (t) => {
  const opened = await open(t)
  await write(
    opened,
    { event_type: 'config_published' },
    { event_type: 'config_response' },
    { event_type: 'config_response', source_id: 'ESP_2' },
    {},
    { event_type: 'config_failed' },
  )
  const ids = async (limit: number) =>
    (await opened.store.auditLogs.configHistory('ESP_1', limit)).map(({ id }) => id)
  t.strictSame(await ids(10), [5, 2, 1])
  t.strictSame(await ids(2), [5, 2])
  await write(opened, ...Array.from({ length: 4_100 }, () => ({})))
  t.strictSame(await ids(10), [5, 2, 1], 'also behind much else')
})

const KEEP = { info: 0, warning: 0, error: 0, critical: 0 }
const limits = { before: KEEP, max_records: 0, batch_size: 1_000, preserve_emergency_stops: true }
const left = (opened: Opened) =>
  opened.rows<{ id: number }>('SELECT id FROM audit_logs ORDER BY id').map(({ id }) => id)

t.test('a sweep deletes what is past its time, by severity, and keeps emergency stops', async (t) => {
  const opened = await open(t)
  const { auditLogs } = opened.store
  await write(
    opened,
    {},
    { severity: 'warning' },
    { severity: 'critical', event_type: 'emergency_stop' },
    { severity: 'critical' },
    {},
  )
  const some = { ...limits, before: { info: NOON + 4, warning: NOON, error: 0, critical: NOON + 9 } }
  const wanted = { by_severity: { info: 1, warning: 0, error: 0, critical: 1 }, errors: [] }
  t.strictSame(await auditLogs.sweep(some, true), wanted, 'counted first')
  t.strictSame(left(opened), [1, 2, 3, 4, 5], 'counting deletes nothing')
  t.strictSame(await auditLogs.sweep(some, false), wanted)
  t.strictSame(left(opened), [2, 3, 5])
  t.match(await auditLogs.sweep({ ...some, preserve_emergency_stops: false }, false), {
    by_severity: { critical: 1 },
  })
  t.strictSame(left(opened), [2, 5])
})

t.test('beyond a number the oldest go, past emergency stops, and are not counted twice', async (t) => {
  const opened = await open(t)
  const { auditLogs } = opened.store
  await write(
    opened,
    { severity: 'critical', event_type: 'emergency_stop' },
    {},
    { severity: 'error' },
    {},
    { severity: 'warning' },
    {},
  )
  const some = { ...limits, before: { ...KEEP, info: NOON + 2 }, max_records: 3 }
  const wanted = { by_severity: { info: 2, warning: 0, error: 1, critical: 0 }, errors: [] }
  t.strictSame(await auditLogs.sweep(some, true), wanted)
  t.strictSame(await auditLogs.sweep(some, false), wanted)
  t.strictSame(left(opened), [1, 5, 6])
})

t.test('a large sweep goes in small steps: others write meanwhile and nobody waits', async (t) => {
  const opened = await open(t)
  const { store } = opened
  await store.group.run(() => {
    for (let n = 0; n < 8_000; n++) store.auditLogs.insert(entry(), NOON + n)
  })
  let written = 0
  let sweeping = true
  const writing = (async () => {
    while (sweeping) {
      await store.group.run(() => store.auditLogs.insert(entry({ severity: 'error' }), NOON + 9_000))
      written++
    }
  })()
  const swept = await store.auditLogs.sweep({ ...limits, before: { ...KEEP, info: NOON + 9_000 } }, false)
  sweeping = false
  await writing
  t.strictSame(swept, { by_severity: { info: 8_000, warning: 0, error: 0, critical: 0 }, errors: [] })
  t.ok(written > 3, `${written} others were written between the steps`)
  t.strictSame(opened.rows('SELECT severity, count(*) AS n FROM audit_logs GROUP BY 1'), [
    { severity: 'error', n: written },
  ])
})

t.test('a sweep that storage does not take says so, and what it did', async (t) => {
  const opened = await open(t)
  const { auditLogs, group } = opened.store
  await write(opened, {})
  const lock = outsider(t, opened.path)
  lock.exec('BEGIN IMMEDIATE')
  auditLogs.note(entry(), NOON + HOUR)
  await until(() => group.state !== 'ok', 'storage to fail')
  const swept = await auditLogs.sweep({ ...limits, before: { ...KEEP, info: NOON + 1 } }, false)
  t.match(swept, { by_severity: { info: 0 }, errors: [/storage/] })
  lock.exec('ROLLBACK')
})

t.test('a sweep that is told to stop stops', async (t) => {
  const opened = await open(t)
  await write(opened, {}, {})
  const swept = await opened.store.auditLogs.sweep(
    { ...limits, before: { ...KEEP, info: NOON + 9 } },
    false,
    AbortSignal.abort(),
  )
  t.match(swept, { by_severity: { info: 0 }, errors: [/abort/] })
  t.equal(left(opened).length, 2)
})
