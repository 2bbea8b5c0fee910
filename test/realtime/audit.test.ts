import t from 'tap'
import { operations } from '../../bin/admin.js'
import type { AuditEntry, AuditLog } from '../../storage/audit-logs.js'
import { ADMINISTRATOR, setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { type Answer, people, request } from '../support/http.js'
import { until } from '../support/until.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const entry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  event_type: 'config_response',
  severity: 'info',
  source_type: 'esp32',
  source_id: 'ESP_1',
  status: 'success',
  ...fields,
})

const write = (app: OpenApp, ...entries: [ago: number, fields: Partial<AuditEntry>][]): Promise<void> =>
  app.store.group.run(() => {
    for (const [ago, fields] of entries) app.store.auditLogs.insert(entry(fields), Date.now() - ago)
  })

/** Waits for entries of a kind, newest first; a note is written after the answer it belongs to. */
async function entries(app: OpenApp, event_type: string, n = 1): Promise<AuditLog[]> {
  let rows: AuditLog[] = []
  await until(async () => {
    rows = (await app.store.auditLogs.page({ event_type }, 1, 500)).rows
    return rows.length >= n
  }, `${n} ${event_type}`)
  return rows
}

t.test('the page of the original finds its six answers', async (t) => {
  const app = await openApp(t)
  const { viewer: token } = await people(app)
  await write(app, [HOUR, { severity: 'error', status: 'failed', error_code: '1030', details: { gpio: 4 } }])
  const get = async (path: string): Promise<Answer['body']> => {
    const { status, body } = await request(app, 'GET', `/audit${path}`, { token })
    t.equal(status, 200, path)
    return body
  }

  t.match(await get('?hours=24&page_size=1&severity=error'), {
    data: [
      {
        event_type: 'config_response',
        severity: 'error',
        source_type: 'esp32',
        source_id: 'ESP_1',
        status: 'failed',
        details: { gpio: 4 },
        error_code: '1030',
        message: null,
        created_at: /Z$/,
      },
    ],
    total: 1,
    page: 1,
    page_size: 1,
    total_pages: 1,
  })
  const statistics = await get('/statistics')
  t.match(statistics, {
    total_count: Number,
    count_by_severity: { info: Number, warning: 0, error: 1, critical: 0 },
    count_by_event_type: { config_response: 1, login_success: 2, setup_completed: 1 },
    oldest_entry: /Z$/,
    newest_entry: /Z$/,
    storage_estimate_mb: Number,
    pending_cleanup_count: 0,
    pending_cleanup_by_severity: { info: 0, warning: 0, error: 0, critical: 0 },
  })
  const retention = await get('/retention/config')
  t.strictSame(
    { ...retention, last_cleanup: null },
    {
      enabled: true,
      default_days: 90,
      severity_days: { info: 14, warning: 30, error: 90, critical: 365 },
      max_records: 100_000,
      batch_size: 1_000,
      preserve_emergency_stops: true,
      last_cleanup: null,
    },
  )
  t.match(statistics.retention_config, { max_records: 100_000 })
  t.match((await get('/event-types')) as unknown, [
    { value: 'config_response', category: 'Config', description: String },
  ])
  t.match((await get('/severities')) as unknown, [{ value: 'info', color: String, description: String }])
  t.strictSame(await get('/source-types'), ['esp32', 'user', 'system', 'api', 'mqtt', 'scheduler'])
})

t.test('entries are found by time, as people write it; hours go before start_time', async (t) => {
  const app = await openApp(t)
  const { viewer: token } = await people(app)
  const old = Date.UTC(2024, 4, 1, 12)
  const ago = (ms: number): number => Date.now() - ms
  await write(app, [ago(old), { source_id: 'A' }], [ago(old + HOUR), { source_id: 'B' }])
  const found = async (query: string) => {
    const { body } = await request(app, 'GET', `/audit?event_type=config_response&${query}`, { token })
    return (body.data as { source_id: string }[]).map(({ source_id }) => source_id)
  }
  t.strictSame(await found(''), ['B', 'A'])
  t.strictSame(await found('start_time=2024-05-01T12:30:00'), ['B'], 'UTC where no zone is said')
  t.strictSame(await found('end_time=2024-05-01T14:30:00%2B02:00'), ['A'])
  t.strictSame(await found('end_time=2024-05-01T14:30:00+02:00'), ['A'], 'a plus that was not encoded')
  t.strictSame(await found('start_time=2024-05-01&end_time=2024-05-02'), ['B', 'A'])
  t.strictSame(await found('start_time=2024-05-01&hours=720'), [])
  t.strictSame(await found('end_time=2024-05-01'), [])
})

t.test('a wrong filter is named; a page beyond the last is empty', async (t) => {
  const app = await openApp(t)
  const { viewer: token } = await people(app)
  for (const [query, field] of [
    ['severity=loud', 'severity'],
    ['source_type=cat', 'source_type'],
    ['hours=0', 'hours'],
    ['hours=721', 'hours'],
    ['page=0', 'page'],
    ['page_size=501', 'page_size'],
    ['start_time=yesterday', 'start_time'],
    ['end_time=12', 'end_time'],
  ] as const)
    t.match(
      await request(app, 'GET', `/audit?${query}`, { token }),
      { status: 422, body: { detail: [{ loc: ['query', field] }] } },
      query,
    )
  for (const path of [
    '/errors?hours=169',
    '/errors?limit=501',
    '/esp/a%20b/config-history',
    '/esp/E/config-history?limit=201',
  ])
    t.equal((await request(app, 'GET', `/audit${path}`, { token })).status, 422, path)
  t.match((await request(app, 'GET', '/audit?page=9', { token })).body, { data: [], page: 9, total_pages: 1 })
  t.match((await request(app, 'GET', '/audit?event_type=nothing', { token })).body, {
    total: 0,
    total_pages: 0,
  })
})

t.test('errors, their rate, and what a device was configured', async (t) => {
  const app = await openApp(t)
  const { viewer: token } = await people(app)
  await write(
    app,
    [2 * DAY, { severity: 'critical', message: 'long ago' }],
    [HOUR, { severity: 'error', message: 'just now' }],
    [HOUR, { source_id: 'ESP_2' }],
    [HOUR, { event_type: 'device_online' }],
  )
  const get = async (path: string) => (await request(app, 'GET', `/audit${path}`, { token })).body as unknown
  t.match(await get('/errors'), [{ message: 'just now' }])
  t.equal(((await get('/errors?hours=72')) as unknown[]).length, 2)
  t.equal(((await get('/errors?hours=72&limit=1')) as unknown[]).length, 1)
  const rate = (await get('/error-rate')) as Record<string, number>
  t.match(rate, { period_hours: 24, error_events: 1 })
  t.equal(rate.error_rate_percent, Math.round(10_000 / rate.total_events!) / 100)
  t.match(await get('/esp/ESP_1/config-history'), [{ message: 'just now' }, { message: 'long ago' }])
  t.strictSame(await get('/esp/ESP_9/config-history'), [])
})

t.test('an administrator changes the retention; a bad value is named and changes nothing', async (t) => {
  const app = await openApp(t)
  const { admin: token, operator } = await people(app)
  const put = (body: unknown) => request(app, 'PUT', '/audit/retention/config', { token, body })
  t.match(await put({ max_records: 0, severity_days: { info: 7 }, enabled: false }), {
    status: 200,
    body: { enabled: false, max_records: 0, severity_days: { info: 7, warning: 30 }, default_days: 90 },
  })
  t.match(await put({ default_days: 5, severity_days: { info: null } }), {
    body: { severity_days: { info: 5, warning: 30 } },
  })
  for (const [body, detail] of [
    [{ default_days: 0 }, 'default_days is 0; allowed: 1 to 3650'],
    [{ severity_days: { error: 9_999 } }, 'severity_days.error is 9999; allowed: 1 to 3650'],
    [{ max_records: -1 }, /^max_records is -1/],
    [{ enabled: true, batch_size: 10 }, 'batch_size is 10; allowed: 100 to 10000'],
  ] as const)
    t.match(await put(body), { status: 400, body: { detail, code: 'request_refused' } })
  for (const [body, field] of [
    [{ default_days: 'many' }, ['body', 'default_days']],
    [{ severity_days: { loud: 1 } }, ['body', 'severity_days']],
    [{ batch_size: 100.5 }, ['body', 'batch_size']],
    [{ enabled: 'no' }, ['body', 'enabled']],
  ] as const)
    t.match(await put(body), { status: 422, body: { detail: [{ loc: field }] } }, JSON.stringify(body))
  t.match((await request(app, 'GET', '/audit/retention/config', { token })).body, {
    enabled: false,
    default_days: 5,
    max_records: 0,
    batch_size: 1_000,
  })
  const refused = await request(app, 'PUT', '/audit/retention/config', { token: operator, body: {} })
  t.equal(refused.status, 403)
  t.match(await entries(app, 'retention_changed', 2), [
    { source_id: ADMINISTRATOR.username, details: '{"default_days":5,"severity_days":{"info":null}}' },
    {},
  ])
})

t.test('a cleanup is counted first, then done, and written down', async (t) => {
  const app = await openApp(t)
  const { admin: token } = await people(app)
  await write(
    app,
    [20 * DAY, { message: 'old' }],
    [20 * DAY, { severity: 'warning' }],
    [2_000 * DAY, { severity: 'critical', event_type: 'emergency_stop' }],
  )
  const clean = (query: string) => request(app, 'POST', `/audit/retention/cleanup${query}`, { token })
  const wanted = {
    deleted_count: 1,
    deleted_by_severity: { info: 1, warning: 0, error: 0, critical: 0 },
    duration_ms: Number,
    errors: [],
  }
  t.match(await clean('?dry_run=true'), { status: 200, body: { ...wanted, dry_run: true } })
  t.match(await clean(''), { status: 200, body: { ...wanted, dry_run: false } })
  t.match(await clean(''), { body: { deleted_count: 0 } })
  t.match((await request(app, 'GET', '/audit/retention/config', { token })).body, { last_cleanup: /Z$/ })
  t.match(await entries(app, 'audit_cleaned', 2), [{}, { message: '1 old entries were deleted' }])
  t.equal((await entries(app, 'emergency_stop')).length, 1)
})

t.test('who logs in, and who does not, is written with the id of the request', async (t) => {
  const app = await openApp(t)
  await setUp(app.origin)
  const login = (username: string, password: string) =>
    request(app, 'POST', '/auth/login', {
      body: { username, password },
      headers: { 'user-agent': 'x'.repeat(500), 'x-request-id': `try-${username}` },
    })
  t.equal((await login('grower', 'Wrong-2026')).status, 401)
  t.equal((await login('my-Passw0rd', 'Wrong-2026')).status, 401)
  const { body } = await login('grower', ADMINISTRATOR.password)
  const { access_token: token } = body.tokens as { access_token: string }

  t.match(await entries(app, 'setup_completed'), [{ source_id: 'grower', source_type: 'user' }])
  const [unknown, wrong] = await entries(app, 'login_failed', 2)
  t.match(wrong, {
    source_id: 'grower',
    severity: 'warning',
    status: 'failed',
    request_id: 'try-grower',
    ip_address: '127.0.0.1',
    user_agent: 'x'.repeat(255),
  })
  t.match(unknown, { source_id: null, request_id: 'try-my-Passw0rd' })
  t.notMatch(unknown!.message, 'Passw0rd', 'what was typed may be a password')
  t.match(await entries(app, 'login_success'), [{ source_id: 'grower', request_id: 'try-grower' }])

  const out = await request(app, 'POST', '/auth/logout', { token, body: { all_devices: true } })
  const request_id = out.headers.get('x-request-id')
  t.match(await entries(app, 'logout'), [{ source_id: 'grower', request_id }])
  t.match(await entries(app, 'token_revoked'), [{ source_id: 'grower', request_id }])
})

t.test('what is done to users is written: by whom, to whom, and never a password', async (t) => {
  const app = await openApp(t)
  const { access_token: token } = await setUp(app.origin)
  const ask = (method: string, path: string, body?: unknown) => request(app, method, path, { token, body })
  const account = { username: 'anna', email: 'anna@example.org', password: 'Pepper-2026' }
  const { body: anna } = await ask('POST', '/users', account)
  await ask('PATCH', `/users/${anna.id}`, { role: 'operator', full_name: 'Anna' })
  await ask('POST', `/users/${anna.id}/reset-password`, { new_password: 'Pepper-2027' })
  t.equal((await ask('DELETE', `/users/${anna.id}`)).status, 204)
  await ask('PATCH', '/users/me/password', { current_password: 'Wrong-2026', new_password: 'Pepper-2028' })
  await ask('PATCH', '/users/me/password', {
    current_password: ADMINISTRATOR.password,
    new_password: 'Pepper-2028',
  })

  const by = { source_type: 'user', source_id: 'grower', ip_address: '127.0.0.1', request_id: String }
  const about = { id: anna.id, username: 'anna' }
  for (const [event_type, details] of [
    ['user_created', { ...about, role: 'viewer' }],
    ['user_changed', { ...about, fields: ['role', 'full_name'], role: 'operator' }],
    ['password_reset', about],
    ['user_deleted', about],
  ] as const) {
    const [written] = await entries(app, event_type)
    t.match(written, by, event_type)
    t.strictSame(JSON.parse(written!.details), details)
  }
  t.match(await entries(app, 'password_changed', 2), [
    { ...by, status: 'success' },
    { ...by, status: 'failed', severity: 'warning' },
  ])
  const { rows } = await app.store.auditLogs.page({}, 1, 500)
  t.notMatch(JSON.stringify(rows), /Pepper|Tomato|argon|scrypt/)
})

t.test('what a role does not allow is written once a minute per user and route', async (t) => {
  const app = await openApp(t)
  const { viewer, operator } = await people(app)
  for (let n = 1; n <= 3; n++) await request(app, 'DELETE', `/users/${n}`, { token: viewer })
  await request(app, 'DELETE', '/users/1', { token: operator })
  await request(app, 'GET', '/users', { token: viewer })
  const written = await entries(app, 'permission_denied', 3)
  t.strictSame(written.map(({ source_id, details }) => [source_id, JSON.parse(details)]).reverse(), [
    ['a-viewer', { method: 'DELETE', path: '/api/v1/users/1' }],
    ['a-operator', { method: 'DELETE', path: '/api/v1/users/1' }],
    ['a-viewer', { method: 'GET', path: '/api/v1/users' }],
  ])
  t.match(written[0], { severity: 'warning', status: 'failed', source_type: 'user', request_id: String })
})

t.test('who asks too often is written once a minute', async (t) => {
  const app = await openApp(t, { restRate: 5 })
  for (let n = 0; n < 12; n++) await request(app, 'GET', `/auth/status?${n}`)
  t.match(await entries(app, 'rate_limit_exceeded'), [
    {
      source_type: 'api',
      source_id: '127.0.0.1',
      error_code: 'rate_limited',
      details: '{"method":"GET","path":"/api/v1/auth/status"}',
    },
  ])
  t.equal((await entries(app, 'rate_limit_exceeded')).length, 1)
})

t.test('what is done on the command line is written too', async (t) => {
  const { store } = await openApp(t)
  const context = { store, now: Date.now, secret: () => new Uint8Array(32) }
  const cli = (operation: string, args: Record<string, string>) => operations[operation]!(context, args)
  const device_id = 'ESP_12AB34CD'
  await cli('device.add', { device_id })
  await cli('device.reject', { device_id, reason: 'stolen' })
  await cli('device.approve', { device_id })
  await cli('device.remove', { device_id })
  await t.rejects(cli('device.remove', { device_id }))
  await cli('user.add', { username: 'anna', password: 'Pepper-2026', role: 'operator' })
  await cli('user.passwd', { username: 'anna', password: 'Pepper-2027' })
  await cli('token.issue', { username: 'anna', seconds: '60' })
  await store.group.run(() => {})
  const { rows } = await store.auditLogs.page({ source_id: 'command line' }, 1, 50)
  const anna = { id: 1, username: 'anna' }
  t.strictSame(
    rows.reverse().map(({ event_type, details }) => [event_type, JSON.parse(details)]),
    [
      ['device_registered', { device_id }],
      ['device_rejected', { device_id, reason: 'stolen' }],
      ['device_approved', { device_id }],
      ['device_removed', { device_id }],
      ['user_created', { ...anna, role: 'operator' }],
      ['password_reset', anna],
      ['token_issued', { ...anna, seconds: 60 }],
    ],
  )
})

t.test('kaiser writes down that it started and stopped', async (t) => {
  const first = await openApp(t)
  await entries(first, 'service_start')
  await first.close()
  const again = await openApp(t, { dir: first.dir })
  t.match(await entries(again, 'service_start', 2), [{ source_type: 'system' }, { source_type: 'system' }])
  t.match(await entries(again, 'service_stop'), [{ source_id: 'kaiser', status: 'success' }])
})

t.test('storage that failed and recovered is written when it is back', async (t) => {
  const app = await openApp(t)
  const { default: SQLite } = await import('better-sqlite3')
  const other = new SQLite(`${app.dir}/kaiser.db`, { timeout: 0 })
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE')
  app.store.auditLogs.note(entry(), Date.now())
  await until(() => app.store.group.state !== 'ok', 'storage to fail')
  other.exec('ROLLBACK')
  const written = await entries(app, 'database_error', 2)
  t.match(written.at(-1), { severity: 'error', status: 'failed', source_id: 'storage' })
  t.match(written[0], { severity: 'info', status: 'success', message: 'Storage takes writes again' })
  await until(() => app.store.group.waiting === 0, 'nobody to wait')
  t.equal(app.store.group.state, 'ok')
})
