/** `kaiser sim`: load for a broker that is there, one that is not yet, one that dies, and one that says no. */
import t from 'tap'
import { register } from '../../routing/registry.js'
import { openApp } from '../support/app.js'
import { PASSWORD, people } from '../support/http.js'
import { begin, kaiser } from '../support/kaiser.js'
import { mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { stored } from '../support/mqtt.js'
import { authority, openSecurely } from '../support/tls.js'
import { until } from '../support/until.js'

const skip = withoutMosquitto

t.test(
  'ten devices on Mosquitto: all that they say at QoS 1 is acknowledged, and Ctrl-C ends them',
  { skip },
  async (t) => {
    const broker = await mosquitto(t)
    await broker.start()
    const { child, said, end } = begin(t, ['sim', '--broker', broker.url, '--interval', '1s', '--json'])
    await until(() => / 10\/10 up /.test(said.err), 'a line that says that all are up')
    t.match(
      said.err,
      /^\d+ s {2}10\/10 up {2}[\d.]+\/s published {2}[\d.]+\/s acknowledged {2}p50 [\d.,]+ p99 [\d.,]+ ms$/m,
    )
    for (const line of said.err.split('\n')) t.ok(line.length < 80, line)
    child.kill('SIGINT')
    const { code, out } = await end
    t.equal(code, 0)
    const summary = JSON.parse(out)
    t.match(summary, {
      profile: 'tomato',
      devices: 10,
      connected: 10,
      reconnects: 0,
      unreachable: 0,
      repeated: 0,
    })
    t.ok(summary.acknowledged >= 10, `${summary.acknowledged} acknowledged`)
    t.equal(summary.acknowledged + summary.published_at_qos_0 + summary.unacknowledged, summary.published)
    t.ok(summary.puback_ms.p50 > 0 && summary.puback_ms.p50 <= summary.puback_ms.max)
  },
)

t.test(
  'a broker that is not there yet is waited for, and one that dies is come back to',
  { skip },
  async (t) => {
    const broker = await mosquitto(t)
    const { child, said, end } = begin(t, [
      'sim',
      '--broker',
      broker.url,
      '--devices',
      '2',
      '--interval',
      '1s',
    ])
    await until(() => said.err.includes('cannot be reached'), 'a word about it')
    t.match(
      said.err,
      /^mqtt:\/\/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED.*; tried again after 1 s to 30 s$/m,
    )
    await broker.start()
    await until(() => said.err.includes(' 2/2 up '), 'both')
    await broker.kill()
    await broker.start()
    const lines = said.err.length
    await until(() => said.err.slice(lines).includes(' 2/2 up '), 'both again')
    child.kill('SIGTERM')
    const { code, out } = await end
    t.equal(code, 0)
    t.match(out, /^ {2}connected {5}2 of 2$/m)
    t.match(out, /^ {2}unreachable {3}[1-9]/m)
    t.match(out, /^ {2}reconnects {4}[2-9]/m)
    for (const line of out.split('\n')) t.ok(line.length < 80, line)
  },
)

t.test('readings arrive in a kaiser as those of any device, over TLS as well', async (t) => {
  const trust = await authority(t)
  const app = await openSecurely(t, trust)
  const { code, out, err } = await kaiser([
    ...['sim', '--broker', `mqtts://localhost:${app.mqttsPort}`, '--ca', trust.files.ca, '--json'],
    ...['--devices', '3', '--interval', '1s', '--for', '3s', '--prefix', 'LOAD_'],
  ])
  t.equal(code, 0, err)
  t.match(JSON.parse(out), { devices: 3, refused: { connections: 0, subscriptions: 0 } })
  t.ok(stored(app, 'LOAD_00001').length > 0, 'readings of the first are stored')
})

t.test('a kaiser that does not know them says no, and the summary says that', async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const { code, out, err } = await kaiser([
    ...['sim', '--broker', `mqtt://127.0.0.1:${app.mqttPort}`, '--devices', '50', '--for', '2s', '--json'],
  ])
  t.equal(code, 1)
  t.match(err, /refuses SIM_00001: (user name or password is wrong|not authorized); tried again/)
  const summary = JSON.parse(out)
  t.match(summary, { connected: 0, published: 0 })
  t.ok(summary.refused.connections >= 1 && summary.refused.connections < 5, 'only the first of them tried')
})

t.test(
  'devices that are not let in are said: nothing of theirs is kept, whatever is acknowledged',
  async (t) => {
    const app = await openApp(t, { discovery: 'pending' })
    const at = ['sim', '--broker', `mqtt://127.0.0.1:${app.mqttPort}`, '--devices', '3', '--interval', '1s']
    const { code, out, err } = await kaiser([...at, '--for', '3s'])
    t.equal(code, 1, 'it failed')
    t.match(out, /^ {2}not let in {4}3 devices: nothing they said is kept$/m)
    t.match(err, /^mqtt:\/\/127\.0\.0\.1:\d+ does not let SIM_00001 in \(pending_approval\); .*--register/m)
    for (const line of out.split('\n')) t.ok(line.length < 80, line)
    await app.store.group.run(() => {
      for (const device_id of ['SIM_00001', 'SIM_00002', 'SIM_00003'])
        register(app.store, device_id, {}, 'test', Date.now())
    })
    const again = await kaiser([...at, '--for', '2s', '--json'])
    t.equal(again.code, 0, again.err)
    t.match(JSON.parse(again.out), { not_let_in: 0 })
  },
)

t.test('each is registered over REST where that is asked, and logs in as itself', async (t) => {
  const app = await openApp(t, { allowAnonymous: false, discovery: 'off' })
  await people(app)
  const run = (more: string[], input = `${PASSWORD}\n`) =>
    kaiser(
      [
        ...[
          'sim',
          '--broker',
          `mqtt://127.0.0.1:${app.mqttPort}`,
          '--register',
          app.origin,
          '--password-stdin',
        ],
        ...['--devices', '4', '--interval', '1s', '--for', '2s', '--json', ...more],
      ],
      { input },
    )
  const operator = ['--username', 'a-operator']
  for (const time of ['the first time', 'and again']) {
    const { code, out, err } = await run(operator)
    t.equal(code, 0, `${time}: ${err}`)
    t.match(JSON.parse(out), { connected: 4, not_let_in: 0, refused: { connections: 0, subscriptions: 0 } })
  }
  t.ok(stored(app, 'SIM_00004').length > 0)
  t.match(app.store.devices.find('SIM_00004'), { zone_id: 'tomato_2', approved_by: 'a-operator' })
  t.match(app.findings.list(), [], 'and nothing about them is odd')

  await app.store.group.run(() => register(app.store, 'ESP_00002', {}, 'test', Date.now()))
  const theirs = await run([...operator, '--prefix', 'ESP_'])
  t.equal(theirs.code, 1)
  t.match(theirs.err, /ESP_00002 is registered already, and not by kaiser sim; .*--prefix/)
  const wrong = await run(operator, 'not this\n')
  t.equal(wrong.code, 1)
  t.match(wrong.err, /does not let a-operator in/)
  t.notMatch(wrong.err + wrong.out, /not this/, 'a password is not shown')
  const viewer = await run(['--username', 'a-viewer'])
  t.equal(viewer.code, 1)
  t.match(viewer.err, /does not register SIM_0000\d: .*operator/)
})

t.test(
  'one that has a password logs in with it, from a flag, the environment or standard input',
  async (t) => {
    const app = await openApp(t, { allowAnonymous: false })
    const {
      credentials: { mqtt_password },
    } = await app.store.group.run(() => register(app.store, 'SIM_00001', {}, 'test', Date.now()))
    const at = ['--broker', `mqtt://127.0.0.1:${app.mqttPort}`, '--username', 'SIM_00001']
    const run = [...at, '--devices', '1', '--interval', '1s', '--for', '1s', '--json']
    for (const [args, options] of [
      [['--password', mqtt_password], {}],
      [[], { env: { KAISER_PASSWORD: mqtt_password } }],
      [['--password-stdin'], { input: `${mqtt_password}\n` }],
    ] as const) {
      const { code, out, err } = await kaiser(['sim', ...run, ...args], options)
      t.equal(code, 0, err)
      t.match(JSON.parse(out), { connected: 1, refused: { connections: 0 } })
    }
    const wrong = await kaiser(['sim', ...run, '--password', 'not this'])
    t.equal(wrong.code, 1)
    t.notMatch(wrong.err + wrong.out, /not this/, 'a password is not shown')
  },
)

t.test('a wrong call is told what is allowed', async (t) => {
  const at = ['--broker', 'mqtt://127.0.0.1:1']
  const cases: [args: string[], err: RegExp][] = [
    [[], /needs --broker URL/],
    [[...at, '--register', 'mqtt://127.0.0.1:1'], /--register is "mqtt:.*http:\/\/localhost:8000/],
    [[...at, '--register', 'http://127.0.0.1:1'], /--register needs --username/],
    [['--sandbox', '--register', 'http://127.0.0.1:1'], /--register needs --broker/],
    [['--broker', 'http://x'], /--broker is "http:\/\/x"; an address such as mqtt:\/\/host:1883/],
    [['--broker', 'mqtt://ada:secret@x'], /without credentials/],
    [[...at, '--profile', 'tomatoe'], /--profile is "tomatoe"; allowed: tomato .*seedlings .*mixed/],
    [[...at, '--interval', '0'], /--interval is "0"; a time from 1s to 1h/],
    [[...at, '--interval', '0s'], /from 1s to 1h/],
    [[...at, '--devices', '0'], /--devices is "0"; a whole number from 1 to/],
    [[...at, '--qos', '2'], /--qos is "2"; allowed: 0, 1/],
    [[...at, '--username', 'ada'], /needs --password-stdin/],
    [[...at, '--password', 'p'], /--password needs --username NAME/],
    [[...at, '--username', 'ada', '--password', 'p', '--password-stdin'], /exclude one another/],
    [[...at, '--ca', 'x.pem'], /--ca needs a broker with mqtts/],
    [['--broker', 'mqtts://127.0.0.1:1', '--ca', '/'], /--ca is "\/"; it cannot be read: EISDIR/],
    [[...at, 'fast'], /"fast" is too much/],
  ]
  for (const [args, err] of cases) t.match(await kaiser(['sim', ...args]), { code: 2, err, out: '' })
})
