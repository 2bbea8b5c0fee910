/** What a retention would delete is counted before it is set. rest-contract §12 */
import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

const DAY = 86_400_000

t.test('a retention that is only supposed counts what it would delete, and changes nothing', async (t) => {
  const app = await openApp(t)
  const { admin: token } = await people(app)
  await app.store.group.run(() => {
    for (const days of [3, 5, 10])
      app.store.auditLogs.insert(
        { event_type: 'config_response', severity: 'info', source_type: 'esp32', status: 'success' },
        Date.now() - days * DAY,
      )
  })
  const cleanup = (query: string, body?: unknown) =>
    request(app, 'POST', `/audit/retention/cleanup${query}`, { token, body })

  t.match((await cleanup('?dry_run=true')).body, { deleted_count: 0, dry_run: true })
  const supposed = { severity_days: { info: 4 } }
  t.match((await cleanup('?dry_run=true', supposed)).body, {
    deleted_count: 2,
    deleted_by_severity: { info: 2, warning: 0 },
    dry_run: true,
  })
  t.match((await request(app, 'GET', '/audit/retention/config', { token })).body, {
    severity_days: { info: 14 },
  })
  t.match(await cleanup('', supposed), { status: 400, body: { code: 'request_refused' } })
  t.match(await cleanup('?dry_run=true', { severity_days: { info: 0 } }), { status: 400 })
  t.match((await cleanup('')).body, { deleted_count: 0 })
})
