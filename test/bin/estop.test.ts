/** `kaiser estop` in a process of its own: on a running server, and on one that does not run. */
import SQLite from 'better-sqlite3'
import t from 'tap'
import { directory, type Teardown } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { kaiser, type Running, startKaiser } from '../support/kaiser.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'
const branch = `kaiser/god/esp/${ESP}`

const rows = (dir: string, sql: string): unknown[] => {
  const db = new SQLite(`${dir}/kaiser.db`, { readonly: true })
  try {
    return db.prepare(sql).all()
  } finally {
    db.close()
  }
}
const STOPS = 'SELECT scope, esp_id, gpio, reason, issued_by, released_by FROM emergency_stops ORDER BY id'

/** A device with a pump on gpio 5 that confirms what it is told. */
async function device(t: Teardown, { mqtt_port }: Running) {
  const client = await connectMqtt(t, mqtt_port, { clientId: ESP })
  const heard: string[] = []
  const says = (what: string, payload: object) =>
    client.publishAsync(
      `${branch}/${what}`,
      JSON.stringify({ esp_id: ESP, ts: Date.now() / 1000, ...payload }),
      {
        qos: 1,
      },
    )
  client.on('message', (topic, bytes) => {
    const { command } = JSON.parse(String(bytes)) as { command: string }
    heard.push(`${topic.slice(branch.length + 1)} ${command}`)
    if (command === 'emergency_stop')
      says('actuator/emergency/ack', { command, outcome: 'executed' }).catch(() => {})
  })
  await client.subscribeAsync([`${branch}/actuator/+/command`, `${branch}/actuator/emergency`], { qos: 1 })
  return {
    heard,
    is: (state: string) =>
      says('actuator/5/status', { gpio: 5, actuator_type: 'pump', state, value: state === 'on' ? 1 : 0 }),
  }
}

const LAB = ['--allow-anonymous', '--discovery', 'auto', '--log-level', 'error']

t.test('a wrong call is told how it goes, and changes nothing', async (t) => {
  const dir = directory(t)
  for (const [args, err] of [
    [[], /estop needs --reason TEXT/],
    [['--reason', ' '], /--reason.*it must not be empty/],
    [['everything', '--reason', 'x'], /takes flags only; "everything"/],
    [['--device', 'A', '--zone', 'b', '--reason', 'x'], /--device or --zone, not both/],
    [['--gpio', '5', '--reason', 'x'], /--gpio needs --device/],
    [['--device', 'A', '--gpio', '255', '--reason', 'x'], /a GPIO is 0 to 254/],
    [['--device', 'A', '--gpio', '-1', '--reason', 'x'], /--gpio/],
    [['--token', 'abc', '--reason', 'x'], /--token needs --release/],
    [['--release'], /needs --reason/],
    [['--list', '--device', 'A'], /--list takes no --device/],
    [['--list', '--release'], /--list takes no --release/],
    [['--stop'], /--stop/],
  ] as const)
    t.match(await kaiser(['estop', ...args, '--data', dir]), { code: 2, err }, args.join(' '))
  t.match(await kaiser(['estop', '--device', 'ESP_NONE', '--reason', 'x', '--data', dir]), {
    code: 1,
    err: /device ESP_NONE is not known/,
  })
  t.match(await kaiser(['estop', '--reason', 'x'.repeat(501), '--data', dir]), {
    code: 1,
    err: /at most 500/,
  })
  t.match(await kaiser(['estop', '--release', '--reason', 'x', '--data', dir]), {
    code: 1,
    err: /no emergency stop of everything is latched/,
  })
  t.match(await kaiser(['estop', '--list', '--data', dir]), {
    code: 0,
    out: 'No emergency stop holds\n',
    err: '',
  })
  t.strictSame(rows(dir, STOPS), [])
  const { out } = await kaiser(['estop', '--help'])
  for (const flag of ['device', 'zone', 'gpio', 'reason', 'release', 'token', 'list', 'json'])
    t.match(out, `--${flag}`)
})

t.test('on a running server everything stops, is listed, and is let go in two steps', async (t) => {
  const running = await startKaiser(t, LAB)
  const estop = (...args: string[]) => kaiser(['estop', ...args, '--data', running.dir])
  const pump = await device(t, running)
  await pump.is('on')
  const stopped = await estop('--reason', 'smoke')
  t.match(stopped, { code: 0, err: '', out: 'Emergency stop of everything: 1 of 1 devices were told\n' })
  await until(() => pump.heard.includes('actuator/5/command OFF'), 'OFF')
  t.ok(pump.heard.includes('actuator/emergency emergency_stop'))
  await until(async () => /confirmed/.test((await estop('--list')).out), 'the confirmation')
  const { out } = await estop('--list')
  t.match(
    out,
    /^Stopped: everything\neverything, since 20\S+, emergency:command line: smoke\n {2}ESP_12AB34CD {2}confirmed 20/,
  )

  t.match(await estop('--release', '--reason', 'looked', '--token', 'guessed'), {
    code: 1,
    err: /not armed with this token/,
  })
  const armed = await estop('--release', '--reason', 'looked')
  t.match(armed, {
    code: 0,
    out: /^Nothing is released yet.*ESP_12AB34CD {2}confirmed.*\ntoken: [0-9a-f]{24}\nexpires_at: 20/s,
  })
  const token = /token: (\S+)/.exec(armed.out)![1]!
  t.match(await estop('--release', '--reason', 'looked', '--token', token), {
    code: 0,
    out: 'The emergency stop of everything is released; nothing was switched on\n',
  })
  await until(() => pump.heard.includes('actuator/emergency clear_emergency'), 'the device to hear it')
  const json = async (...args: string[]) => JSON.parse((await estop(...args, '--json')).out)
  t.match(await json('--list'), {
    active: false,
    stops: [],
    history: [{ reason: 'smoke', released_by: 'command line', release_reason: 'looked' }],
    server_running: true,
  })
  t.match(await json('--device', ESP, '--gpio', '5', '--reason', 'leak'), {
    scope: 'actuator',
    devices_reached: 1,
    details: [{ esp_id: ESP, actuators: [{ gpio: 5, success: true }] }],
    server_running: true,
  })
  const { token: second, stop } = await json('--release', '--device', ESP, '--gpio', '5', '--reason', 'dry')
  t.match(stop, { scope: 'actuator', gpio: 5 })
  t.match(await json('--release', '--device', ESP, '--gpio', '5', '--reason', 'dry', '--token', second), {
    stop: { release_reason: 'dry' },
    still_stopped: [],
  })
  await running.stop()
  t.match(
    rows(
      running.dir,
      "SELECT source_id FROM audit_logs WHERE event_type IN ('emergency_stop', 'emergency_released')",
    ),
    Array(4).fill({ source_id: 'command line' }),
  )
})

t.test('on a stopped server it is latched, and devices hear of it when kaiser starts', async (t) => {
  const dir = directory(t)
  const estop = (...args: string[]) => kaiser(['estop', ...args, '--data', dir])
  const first = await startKaiser(t, LAB, dir)
  await (await device(t, first)).is('on')
  await first.stop()

  t.match(await estop('--device', ESP, '--reason', 'leak'), {
    code: 0,
    out: /0 of 1 devices were told/,
    err: 'kaiser does not run: devices hear of it when it starts and they come in\n',
  })
  t.strictSame(rows(dir, STOPS), [
    {
      scope: 'device',
      esp_id: ESP,
      gpio: null,
      reason: 'leak',
      issued_by: 'emergency:command line',
      released_by: null,
    },
  ])
  t.match((await estop('--list')).out, /device ESP_12AB34CD, since .*\n {2}ESP_12AB34CD {2}not reached yet\n/)

  const again = await startKaiser(t, LAB, dir)
  const pump = await device(t, again)
  await until(() => pump.heard.includes('actuator/emergency emergency_stop'), 'the stop')
  await until(() => pump.heard.includes('actuator/5/command OFF'), 'OFF')
  await until(async () => /confirmed/.test((await estop('--list')).out), 'the confirmation')
  await again.stop('SIGKILL')

  const { token } = JSON.parse((await estop('--release', '--device', ESP, '--reason', 'dry', '--json')).out)
  t.match(await estop('--release', '--device', ESP, '--reason', 'dry', '--token', token), { code: 0 })
  t.match(rows(dir, STOPS), [{ released_by: 'command line' }])
  const last = await startKaiser(t, LAB, dir)
  const free = await device(t, last)
  await until(() => free.heard.includes('actuator/emergency clear_emergency'), 'the device to hear it')
  t.strictSame(
    free.heard.filter((what) => what.startsWith('actuator/5')),
    [],
    'nothing is switched on',
  )
})
