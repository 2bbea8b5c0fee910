import pino from 'pino'
import t from 'tap'
import { createLogLines } from '../../realtime/log-lines.js'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { request } from '../support/http.js'
import { startKaiser } from '../support/kaiser.js'

t.test('the latest lines are read over REST, newest first, and filtered', async (t) => {
  const logLines = createLogLines()
  const log = pino({ level: 'trace', base: null }, logLines)
  log.info('kaiser is ready')
  log.warn({ code: 'payload_invalid', family: 'Payload', device: 'ESP_1' }, 'Invalid payload')
  log.error({ err: new Error('disk full') }, 'Storage is unavailable')
  log.trace('very small')
  log.fatal('the end')
  const app = await openApp(t, { logLines })
  const { access_token: token } = await setUp(app.origin)
  const logs = async (query = '') => {
    const { status, body } = await request(app, 'GET', `/debug/logs${query}`, { token })
    t.equal(status, 200, query)
    return body as { logs: { message: string }[]; total_count: number; has_more: boolean }
  }
  const said = async (query: string) => (await logs(query)).logs.map(({ message }) => message)

  const all = await logs()
  t.match(all, { success: true, total_count: 5, page: 1, page_size: 100, has_more: false })
  t.match(all.logs, [
    { level: 'CRITICAL', message: 'the end' },
    { level: 'DEBUG', message: 'very small' },
    { level: 'ERROR', message: 'Storage is unavailable', exception: /disk full/ },
    { level: 'WARNING', module: 'Payload', extra: { code: 'payload_invalid', device: 'ESP_1' } },
    { level: 'INFO', logger: 'kaiser', message: 'kaiser is ready', extra: null, timestamp: /Z$/ },
  ])
  t.same(await said('?level=ERROR'), ['the end', 'Storage is unavailable'])
  t.same(await said('?module=payload'), ['Invalid payload'])
  t.same(await said('?search=esp_1&level=INFO&module='), ['Invalid payload'])
  t.same(await said('?page=2&page_size=2'), ['Storage is unavailable', 'Invalid payload'])
  t.equal((await logs('?page=2&page_size=2')).has_more, true)
  t.equal((await logs('?page=3&page_size=2')).has_more, false)
  t.same(await said('?end_time=2020-01-01T00:00'), [])
  t.equal((await said('?start_time=2020-01-01T00:00&file=kaiser.log')).length, 5)

  const { body } = await request(app, 'GET', '/debug/logs/files', { token })
  t.match(body, {
    success: true,
    files: [{ name: 'kaiser.log', size_bytes: logLines.size, size_human: /KB$/, is_current: true }],
    log_directory: 'memory',
  })
  for (const file of ['../kaiser.db', 'other.log', '/etc/passwd'])
    t.match(await request(app, 'GET', `/debug/logs?file=${encodeURIComponent(file)}`, { token }), {
      status: 404,
      body: { detail: /There is no log file/ },
    })
  for (const wrong of ['level=LOUD', 'page_size=1001', 'start_time=yesterday'])
    t.equal((await request(app, 'GET', `/debug/logs?${wrong}`, { token })).status, 422, wrong)
})

t.test('what is kept is bounded in number and in size, and a cut line is shown as text', async (t) => {
  const lines = createLogLines()
  for (let n = 0; n < 5_000; n++) lines.write(`{"level":30,"time":${n},"msg":"${n}"}\n`)
  t.equal(lines.list().length, 2_000)
  t.match(lines.list()[0], /"msg":"3000"/)
  t.equal(
    lines.size,
    lines.list().reduce((sum, line) => sum + line.length, 0),
  )
  for (let n = 0; n < 500; n++) lines.write(`{"level":30,"msg":"${'x'.repeat(20_000)}"}\n`)
  t.ok(lines.size <= 1_048_576 && lines.list().length >= 60, `${lines.list().length} lines`)

  const app = await openApp(t, { logLines: lines })
  const { access_token: token } = await setUp(app.origin)
  const { status, body } = await request(app, 'GET', '/debug/logs?page_size=1', { token })
  t.match({ status, body }, { status: 200, body: { logs: [{ level: 'INFO', message: /^\{"level":30/ }] } })
})

t.test('a kaiser that runs keeps what it writes', async (t) => {
  const kaiser = await startKaiser(t, [])
  const { access_token: token } = await setUp(`http://127.0.0.1:${kaiser.http_port}`)
  const answer = await fetch(`http://127.0.0.1:${kaiser.http_port}/api/v1/debug/logs?search=is%20ready`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  t.match(await answer.json(), {
    logs: [{ level: 'INFO', message: 'kaiser is ready', extra: { http_port: kaiser.http_port } }],
  })
})
