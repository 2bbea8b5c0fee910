import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { kaiser, startKaiser } from '../support/kaiser.js'
import { DEVICE, seedMock } from '../support/samples.js'

t.test('a wrong flag or value is named with what is allowed, and nothing is written', async (t) => {
  const dir = `${directory(t)}/data`
  const cases: [args: string[], says: RegExp, env?: NodeJS.ProcessEnv][] = [
    [['--mqtt-prot', '1'], /unknown flag --mqtt-prot; allowed: .*--mqtt-port/],
    [['--mqtt-port', '70000'], /--mqtt-port is "70000"; a port is 0 to 65535/],
    [['--mqtt-port', 'x'], /--mqtt-port is "x"/],
    [['--discovery', 'maybe'], /--discovery is "maybe"; allowed: off, pending, auto/],
    [['--kaiser-id', 'a/b'], /--kaiser-id is "a\/b"; 1 to 50 letters/],
    [['--ws-rate', '-1'], /ws-rate/],
    [['--log-level', 'loud'], /--log-level is "loud"; allowed: /],
    [['--data'], /data/],
    [['now'], /"now" is too much/],
    [
      ['--mqtt-port', '18831', '--http-port', '18831'],
      /--http-port is "18831"; that is the --mqtt-port already/,
    ],
    [[], /KAISER_MQTT_PORT is "x"; a port/, { KAISER_MQTT_PORT: 'x' }],
    [[], /LOG_LEVEL is "loud"; allowed/, { LOG_LEVEL: 'loud' }],
    [[], /KAISER_ALLOW_ANONYMOUS is "maybe"; allowed: true, false/, { KAISER_ALLOW_ANONYMOUS: 'maybe' }],
  ]
  for (const [args, says, env] of cases) {
    const { code, err } = await kaiser(
      ['start', ...(args.includes('--data') ? [] : ['--data', dir]), ...args],
      env ? { env } : {},
    )
    t.match({ code, err }, { code: 2, err: says }, args.join(' '))
    t.equal(err.trim().split('\n').length, 1, 'one sentence')
  }
  t.notOk(existsSync(dir))
})

t.test('a port in use is named, also by a second kaiser, and nothing is written', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await new Promise((resolve) => other.once('listening', resolve))
  const { port } = other.address() as { port: number }
  const dir = `${directory(t)}/data`
  const first = await startKaiser(t, ['--log-level', 'error'])
  for (const args of [
    ['--mqtt-port', String(port), '--http-port', '0'],
    ['--mqtt-port', '0', '--http-port', String(port)],
    ['--mqtt-port', String(first.mqtt_port), '--http-port', '0'],
    ['--mqtt-port', '0', '--http-port', String(first.http_port)],
  ]) {
    const { code, err } = await kaiser(['start', '--data', dir, '--host', '127.0.0.1', ...args])
    t.match(
      { code, err },
      { code: 1, err: /--(mqtt|http)-port \d+ on 127\.0\.0\.1 is in use/ },
      args.join(' '),
    )
  }
  t.notOk(existsSync(dir))
})

t.test('one data directory serves one kaiser at a time', async (t) => {
  const first = await startKaiser(t, ['--log-level', 'error'])
  const { code, err } = await kaiser([
    'start',
    '--data',
    first.dir,
    '--host',
    '127.0.0.1',
    '--mqtt-port',
    '0',
    '--http-port',
    '0',
  ])
  t.match({ code, err }, { code: 1, err: /--data .* is in use by another kaiser/ })
  await first.stop('SIGKILL')
  const second = await startKaiser(t, ['--log-level', 'error'], first.dir)
  t.not(second.pid, first.pid, 'a killed one lets go of it')
})

t.test('a data directory that cannot be written is named', async (t) => {
  const parent = directory(t)
  writeFileSync(`${parent}/file`, 'in the way')
  const { code, err } = await kaiser([
    'start',
    '--data',
    `${parent}/file/data`,
    '--mqtt-port',
    '0',
    '--http-port',
    '0',
  ])
  t.match({ code, err }, { code: 1, err: /--data .*file\/data cannot be written/ })
  t.strictSame(readdirSync(parent), ['file'])
})

t.test('a database of a newer schema is refused and left as it is', async (t) => {
  const dir = directory(t)
  const db = new SQLite(`${dir}/kaiser.db`)
  db.exec('CREATE TABLE future (x); PRAGMA user_version = 999')
  db.close()
  const before = readFileSync(`${dir}/kaiser.db`)
  const { code, err } = await kaiser(['start', '--data', dir, '--mqtt-port', '0', '--http-port', '0'])
  t.match({ code, err }, { code: 1, err: /kaiser\.db was made by a newer kaiser \(schema 999/ })
  t.ok(before.equals(readFileSync(`${dir}/kaiser.db`)))
  t.strictSame(readdirSync(dir), ['kaiser.db'])
})

t.test('an unsupported Node is refused in one sentence', async (t) => {
  const dir = directory(t)
  writeFileSync(`${dir}/old.cjs`, "Object.defineProperty(process.versions, 'node', { value: '18.20.0' })")
  const { code, err } = await kaiser(['start'], { nodeArgs: ['--require', `${dir}/old.cjs`] })
  t.match(
    { code, err },
    {
      code: 1,
      err: /^kaiser: Node 18\.20\.0 is not supported; use Node 20 \(20\.19 or newer\) or Node 22\n$/,
    },
  )
})

t.test(
  'ready means that everything accepts; the ready file says where, and secrets are private',
  async (t) => {
    const running = await startKaiser(t)
    t.match(await (await fetch(`http://127.0.0.1:${running.http_port}/api/v1/health`)).json(), {
      status: 'healthy',
    })
    t.equal(running.pid, running.child.pid)
    for (const secret of ['secret', 'kaiser.sock'])
      t.equal(statSync(`${running.dir}/${secret}`).mode & 0o777, 0o600, secret)
    const { out, code } = await running.stop()
    t.equal(code, 0)
    const [first] = out.split('\n')
    t.match(JSON.parse(first!), {
      mqtt_port: running.mqtt_port,
      mqtts_port: null,
      http_port: running.http_port,
      scheme: 'http',
      pid: running.pid,
    })
  },
)

t.test('the environment counts less than a flag and more than a default', async (t) => {
  process.env.KAISER_KAISER_ID = 'kaiser_01'
  process.env.LOG_LEVEL = 'WARNING'
  t.teardown(() => {
    delete process.env.KAISER_KAISER_ID
    delete process.env.LOG_LEVEL
  })
  const running = await startKaiser(t, ['--allow-anonymous', '--discovery', 'auto'])
  const client = await connectMqtt(t, running.mqtt_port)
  await client.publishAsync(
    `kaiser/kaiser_01/esp/${DEVICE}/sensor/4/data`,
    JSON.stringify({ ...seedMock, esp_id: DEVICE }),
    { qos: 1 },
  )
  const { out } = await running.stop()
  t.notMatch(out, /kaiser is ready/, 'WARNING hides info')
  const db = new SQLite(`${running.dir}/kaiser.db`, { readonly: true })
  t.teardown(() => db.close())
  t.match(db.prepare('SELECT esp_id FROM sensor_data').all(), [{ esp_id: DEVICE }])
})

t.test('SIGTERM loses nothing: what was sent before it is stored, QoS 0 included', async (t) => {
  const running = await startKaiser(t, ['--allow-anonymous', '--discovery', 'auto', '--log-level', 'error'])
  const client = await connectMqtt(t, running.mqtt_port)
  for (let n = 0; n < 500; n++)
    client.publish(
      `kaiser/god/esp/${DEVICE}/sensor/4/data`,
      JSON.stringify({ ...seedMock, esp_id: DEVICE, ts: 1735818000000 + n }),
      { qos: 0 },
    )
  await client.publishAsync(
    `kaiser/god/esp/${DEVICE}/sensor/5/data`,
    JSON.stringify({ ...seedMock, esp_id: DEVICE, gpio: 5 }),
    { qos: 1 },
  )
  t.equal((await running.stop()).code, 0)
  const db = new SQLite(`${running.dir}/kaiser.db`, { readonly: true })
  t.teardown(() => db.close())
  t.match(db.prepare('SELECT count(*) AS n FROM sensor_data').get(), { n: 501 })
})

t.test('--demo shows live data at once, and its devices come back after a restart', async (t) => {
  const dir = directory(t)
  mkdirSync(dir, { recursive: true })
  for (const round of ['first', 'second']) {
    const running = await startKaiser(t, ['--demo', '--log-level', 'error'], dir)
    const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
    const count = db
      .prepare<[], number>('SELECT count(DISTINCT esp_id) FROM sensor_data WHERE received_at > ?' as never)
      .pluck()
    const since = Date.now() - 1_000
    while (((count as unknown as { get(since: number): number }).get(since) ?? 0) < 3)
      await new Promise((resolve) => setTimeout(resolve, 20))
    db.close()
    t.equal((await running.stop('SIGINT')).code, 0, round)
  }
})
