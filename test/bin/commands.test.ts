import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import t from 'tap'
import { isPassword } from '../../routing/passwords.js'
import { ask, setUp } from '../support/administrator.js'
import { directory } from '../support/app.js'
import { BINARY, kaiser, startKaiser } from '../support/kaiser.js'
import { until } from '../support/until.js'

const rows = (dir: string, sql: string): unknown[] => {
  const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}

t.test('bare kaiser prints the help; every command has --help; an unknown one is named', async (t) => {
  t.match(await kaiser([]), { code: 0, out: /usage: kaiser <command>/ })
  for (const command of ['start', 'device', 'user', 'token', 'tail']) {
    const { code, out } = await kaiser([command, '--help'])
    t.match({ code, out }, { code: 0, out: new RegExp(`usage: kaiser ${command} .*--data DIR`, 's') })
  }
  t.match(await kaiser(['satrt']), {
    code: 2,
    err: /unknown command "satrt"; allowed: start, device, user, token, .*tail/,
  })
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
  t.match(await kaiser(['--version']), { code: 0, out: `${version}\n` })
})

for (const where of ['on a stopped server', 'on a running server'])
  t.test(`devices are added, listed, rejected, approved and removed ${where}`, async (t) => {
    const dir = directory(t)
    if (where === 'on a running server') await startKaiser(t, ['--log-level', 'error'], dir)
    const device = async (...args: string[]) => kaiser(['device', ...args, '--data', dir, '--json'])

    const added = await device('add', 'ESP_12AB34CD', '--name', 'north bench')
    t.equal(added.code, 0, added.err)
    const told = JSON.parse(added.out)
    t.match(told, {
      device_id: 'ESP_12AB34CD',
      status: 'approved',
      mqtt_username: 'ESP_12AB34CD',
      mqtt_password: /^[\w-]{22}$/,
    })
    t.match(rows(dir, 'SELECT device_id, name, status FROM esp_devices'), [
      { device_id: 'ESP_12AB34CD', name: 'north bench', status: 'approved' },
    ])
    t.notMatch(
      JSON.stringify(rows(dir, 'SELECT * FROM esp_devices')),
      told.mqtt_password,
      'only a hash is kept',
    )

    t.match(await device('add', 'ESP_12AB34CD'), { code: 1, err: /ESP_12AB34CD is registered already/ })
    t.match(await device('add', 'no/slash'), { code: 1, err: /"no\/slash" is no device id/ })
    t.match(await device('approve', 'ESP_0'), { code: 1, err: /ESP_0 is not known/ })
    t.match(JSON.parse((await device('list')).out), [
      { device_id: 'ESP_12AB34CD', status: 'approved', name: 'north bench' },
    ])
    t.match(JSON.parse((await device('reject', 'ESP_12AB34CD', '--reason', 'stolen')).out), {
      status: 'rejected',
    })
    t.match(JSON.parse((await device('approve', 'ESP_12AB34CD')).out), {
      status: 'approved',
      mqtt_password: /./,
    })
    t.match(JSON.parse((await device('remove', 'ESP_12AB34CD')).out), { removed: true })
    t.strictSame(JSON.parse((await device('list')).out), [])
  })

t.test('a call that is wrong is told how it goes', async (t) => {
  const dir = directory(t)
  t.match(await kaiser(['device', 'ad', 'X', '--data', dir]), {
    code: 2,
    err: /allowed: add, list, approve, reject, remove/,
  })
  t.match(await kaiser(['device', 'add', '--data', dir]), { code: 2, err: /needs a device id/ })
  t.match(await kaiser(['user', 'add', 'anna', '--data', dir]), { code: 2, err: /--password-stdin/ })
})

t.test('for people a list is a table and a password is told once', async (t) => {
  const dir = directory(t)
  const { out, err } = await kaiser(['device', 'add', 'ESP_1', '--data', dir])
  t.match(out, /mqtt_password: \S+/)
  t.match(err, /shown once/)
  t.match(
    (await kaiser(['device', 'list', '--data', dir])).out,
    /^device_id +status +hardware_type +name +last_seen\nESP_1 +approved +ESP32_WROOM +- +-\n$/,
  )
})

t.test('a user is added with a password from standard input and can log in', async (t) => {
  const running = await startKaiser(t, ['--log-level', 'error'])
  const { dir } = running
  const add = (name: string, input: string, ...args: string[]) =>
    kaiser(['user', 'add', name, '--password-stdin', '--data', dir, '--json', ...args], { input })

  t.match(await add('anna', 'Tomato-2026\n', '--role', 'operator'), { code: 0, out: /"role":"operator"/ })
  t.match(await add('anna', 'Tomato-2026\n'), { code: 1, err: /user anna exists/ })
  t.match(await add('bert', 'short\n'), { code: 1, err: /the password must have 8 to 128 characters/ })
  t.match(await add('bert', 'Tomato-2026\n', '--role', 'king'), {
    code: 1,
    err: /role is "king"; allowed: viewer, operator, admin/,
  })
  t.match(await add('9lives', 'Tomato-2026\n'), { code: 1, err: /no user name/ })

  const [user] = rows(dir, 'SELECT password_hash FROM users') as [{ password_hash: string }]
  t.notMatch(user.password_hash, /Tomato/)
  t.ok(await isPassword('Tomato-2026', user.password_hash))
  const answer = await ask(`http://127.0.0.1:${running.http_port}`, '/auth/login', undefined, {
    method: 'POST',
    body: { username: 'anna', password: 'Tomato-2026' },
  })
  t.match(answer, { status: 200, body: { user: { username: 'anna', role: 'operator' } } })
})

t.test('a device that was approved on the command line is known to the running server at once', async (t) => {
  const running = await startKaiser(t, ['--log-level', 'error'])
  const origin = `http://127.0.0.1:${running.http_port}`
  const { access_token } = await setUp(origin)
  await kaiser(['device', 'add', 'ESP_1', '--data', running.dir])
  t.match(await ask(origin, '/esp/devices/ESP_1', access_token), {
    status: 200,
    body: { device_id: 'ESP_1', status: 'unknown' },
  })
})

for (const where of ['on a stopped server', 'on a running server'])
  t.test(`a user gets a new password and a token ${where}`, async (t) => {
    const dir = directory(t)
    await kaiser(['user', 'add', 'anna', '--password-stdin', '--data', dir], { input: 'Tomato-2026' })
    let running =
      where === 'on a running server' ? await startKaiser(t, ['--log-level', 'error'], dir) : undefined
    const passwd = (name: string, input: string) =>
      kaiser(['user', 'passwd', name, '--password-stdin', '--data', dir], { input })

    const old = (await kaiser(['token', '--user', 'anna', '--data', dir])).out.trim()
    t.match(await passwd('anna', 'Basil-2027'), { code: 0, out: /sessions_ended: true/ })
    t.match(await passwd('anna', 'basil'), { code: 1, err: /the password must have 8 to 128/ })
    t.match(await passwd('bert', 'Basil-2027'), { code: 1, err: /user bert is not known/ })
    const issued = JSON.parse(
      (await kaiser(['token', '--user', 'anna', '--ttl', '90s', '--data', dir, '--json'])).out,
    )
    t.match(issued, { username: 'anna', role: 'viewer', expires_at: /Z$/ })

    running ??= await startKaiser(t, ['--log-level', 'error'], dir)
    const origin = `http://127.0.0.1:${running.http_port}`
    t.match(await ask(origin, '/auth/me', issued.token), { status: 200, body: { username: 'anna' } })
    t.match(await ask(origin, '/auth/me', old), { status: 401 }, 'a new password ends what was issued before')
    const login = (password: string) =>
      ask(origin, '/auth/login', undefined, { method: 'POST', body: { username: 'anna', password } })
    t.match(await login('Basil-2027'), { status: 200 })
    t.match(await login('Tomato-2026'), { status: 401 })
  })

t.test('a token is for a known user and a time that can be read', async (t) => {
  const dir = directory(t)
  t.match(await kaiser(['token', '--data', dir]), { code: 2, err: /token needs --user NAME/ })
  t.match(await kaiser(['token', '--user', 'anna', '--data', dir]), {
    code: 1,
    err: /user anna is not known/,
  })
  t.match(await kaiser(['token', '--user', 'anna', '--ttl', 'soon', '--data', dir]), {
    code: 2,
    err: /--ttl is "soon"; a time such as 90s/,
  })
})

t.test('tail follows the events of a running server until it stops', async (t) => {
  const dir = directory(t)
  t.match(await kaiser(['tail', '--data', dir]), { code: 1, err: /no kaiser runs on --data/ })
  t.match(await kaiser(['tail', '--type', 'Sensor!', '--data', dir]), {
    code: 2,
    err: /--type is "Sensor!"; event types, such as sensor_data/,
  })
  const running = await startKaiser(t, ['--log-level', 'error', '--demo'], dir)
  const people = kaiser(['tail', '--data', dir])
  const machine = kaiser(['tail', '--data', dir, '--type', 'sensor_data', '--device', 'MOCK_TANK', '--json'])
  await new Promise((resolve) => setTimeout(resolve, 7_000))
  await running.stop()
  const seen = await people
  t.match(seen, { code: 0, err: /kaiser stopped/ })
  t.match(seen.out, /^\d\d:\d\d:\d\d\.\d{3} {2}sensor_data {6,}MOCK_\w+ gpio \d+ \w+ [\d.]+ \S+ \(good\)$/m)
  t.match(seen.out, /system_event +stop kaiser stops/)
  const lines = (await machine).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.ok(lines.length >= 2)
  for (const line of lines) t.match(line, { type: 'sensor_data', data: { esp_id: 'MOCK_TANK' } })
})

t.test('tail says that kaiser died, and follows the next one', async (t) => {
  const dir = directory(t)
  const first = await startKaiser(t, ['--log-level', 'error', '--demo'], dir)
  const child = spawn(process.execPath, [BINARY, 'tail', '--data', dir])
  t.teardown(() => child.kill('SIGKILL'))
  const seen = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (seen.out += chunk))
  child.stderr.on('data', (chunk) => (seen.err += chunk))
  await until(() => seen.out !== '', 'the first events', 30_000)
  await first.stop('SIGKILL')
  await until(() => seen.err !== '', 'it is said', 30_000)
  t.match(
    seen.err,
    /^kaiser is gone without a word; looked for again, after 1 s to 30 s, until you interrupt\n$/,
  )
  seen.out = ''
  const second = await startKaiser(t, ['--log-level', 'error', '--demo'], dir)
  await until(() => seen.out !== '', 'events of the next one', 60_000)
  t.match(seen.err, /kaiser is back; what happened meanwhile is not shown\n$/)
  const ended = once(child, 'exit')
  await second.stop()
  t.strictSame(await ended, [0, null])
  t.match(seen.err, /kaiser stopped\n$/)
})

t.test('a reader that has seen enough of tail ends it without a word', async (t) => {
  const running = await startKaiser(t, ['--log-level', 'error', '--demo'])
  const child = spawn(process.execPath, [BINARY, 'tail', '--data', running.dir])
  t.teardown(() => child.kill('SIGKILL'))
  let complaint = ''
  child.stderr.on('data', (chunk) => (complaint += chunk))
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'exit')
  t.strictSame({ code, complaint }, { code: 0, complaint: '' })
})
