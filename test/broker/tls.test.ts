import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import type tls from 'node:tls'
import SQLite from 'better-sqlite3'
import type { IClientOptions } from 'mqtt'
import t from 'tap'
import { openApp } from '../support/app.js'
import {
  client,
  connected,
  counted,
  hears,
  logged,
  reading,
  stored,
  topicOf,
  witness,
} from '../support/mqtt.js'
import { connect, openWire } from '../support/mqtt-wire.js'
import { authority, mqtts, openSecurely, replace, shakeHands, trusting } from '../support/tls.js'
import { until } from '../support/until.js'

t.test('a reading over TLS is stored and heard like any other, on both ports', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const device = client(t, mqtts(app), { clientId: 'ESP_12AB34CD', ...trusting(home) })
  await until(() => device.connected, 'the connection over TLS')
  const page = await connected(t, app)
  const heard = hears(page)
  await page.subscribeAsync(topicOf())
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  t.equal(stored(app).length, 1)
  await until(() => heard.length === 1, 'the message on the plain port')
  t.equal(app.broker.counters().connections, 2)
})

t.test('a message larger than a fragment arrives whole, in both directions', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const device = client(t, mqtts(app), trusting(home))
  await until(() => device.connected, 'the connection')
  const large = 'x'.repeat(60_000)
  const heard = hears(device)
  await device.subscribeAsync('large')
  await device.publishAsync('large', large, { qos: 1 })
  await until(() => heard.length === 1, 'the message')
  t.equal(heard[0], `large ${large}`)
})

t.test('a client that trusts somebody else does not get in, and the log says why', async (t) => {
  const [home, other] = [await authority(t), await authority(t)]
  const app = await openSecurely(t, home)
  const good = await witness(t, app)
  await t.rejects(shakeHands(t, app.mqttsPort, { ca: other.ca }), /self-signed|unable to/)
  await until(() => counted(app, 'tls_failed') === 1, 'the count')
  t.match(logged(app, 'tls_failed')[0], { address: '127.0.0.1', detail: /does it know who signed/ })
  await good()
  await until(() => app.broker.counters().connections === 1, 'its place to be free again')
})

t.test(
  'Mosquitto’s client gets in with the authority, and with another one the log says what it said',
  async (t) => {
    if (spawnSync('mosquitto_pub', ['--help']).error) return t.comment('mosquitto-clients is not installed')
    const [home, other] = [await authority(t), await authority(t)]
    const app = await openSecurely(t, home)
    const send = (ca: string) =>
      new Promise<number | null>((resolve) => {
        const args = ['--cafile', ca, '-h', 'localhost', '-p', String(app.mqttsPort), '-q', '1']
        const child = spawn('mosquitto_pub', [...args, '-t', topicOf(), '-m', reading(1)])
        t.teardown(() => child.kill())
        child.once('close', resolve)
      })
    t.equal(await send(home.files.ca), 0)
    t.equal(stored(app).length, 1)
    t.not(await send(other.files.ca), 0)
    await until(() => counted(app, 'tls_failed') === 1, 'the count')
    t.match(logged(app, 'tls_failed')[0], { detail: /give it the CA/ })
  },
)

t.test('what is no TLS is named: MQTT, HTTP and noise on the TLS port', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const mqtt = await openWire(t, app.mqttsPort)
  mqtt.send(connect())
  await mqtt.end()
  const http = await openWire(t, app.mqttsPort)
  http.send(Buffer.from('GET / HTTP/1.1\r\nHost: kaiser\r\n\r\n'))
  await http.end()
  await until(() => counted(app, 'tls_failed') === 2, 'two counts')
  const noise = await openWire(t, app.mqttsPort)
  noise.send(Buffer.alloc(300, 0xa5))
  await noise.end()
  await until(() => counted(app, 'tls_failed') === 3, 'three counts')
  t.match(logged(app, 'tls_failed'), [{ detail: /this is no TLS; plain MQTT has a port of its own/ }])
  t.equal(logged(app, 'tls_failed').length, 1, 'one line per address and minute')
  await until(() => app.broker.counters().connections === 0, 'the places to be free again')
  t.equal(app.broker.counters().unauthenticated, 0)
})

t.test('TLS and HTTP on the port for plain MQTT are told which port is theirs', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const good = await witness(t, app)
  await t.rejects(shakeHands(t, app.mqttPort, { ca: home.ca }))
  await until(() => counted(app, 'protocol_violation') === 1, 'the count')
  t.match(logged(app, 'protocol_violation')[0], {
    detail: `this looks like TLS; the TLS port is ${app.mqttsPort}`,
  })

  const plain = await openApp(t)
  await t.rejects(fetch(`http://127.0.0.1:${plain.mqttPort}/`))
  await until(() => counted(plain, 'protocol_violation') === 1, 'the count')
  t.match(logged(plain, 'protocol_violation')[0], {
    detail: `this looks like HTTP; the HTTP port is ${plain.httpPort}`,
  })
  await good()
})

t.test('TLS below 1.2 is refused', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const old: tls.ConnectionOptions = {
    ca: home.ca,
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  }
  for (const port of [app.mqttsPort, app.httpPort]) await t.rejects(shakeHands(t, port, old))
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const port of [app.mqttsPort, app.httpPort])
      t.equal((await shakeHands(t, port, { ca: home.ca, maxVersion })).getProtocol(), maxVersion)
})

t.test('who never finishes the handshake has a place among strangers, for a while', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home, { bounds: { unauthenticated: 2, connect_timeout: 300 } })
  const slow = [0, 1].map(() => createConnection({ host: '127.0.0.1', port: app.mqttsPort }))
  t.teardown(() => slow.forEach((socket) => void socket.destroy()))
  await until(() => app.broker.counters().unauthenticated === 2, 'two strangers')
  await t.rejects(shakeHands(t, app.mqttsPort, { ca: home.ca }), 'no room for a third')
  await until(() => app.broker.counters().connections === 0, 'both to be sent away')
  t.match(logged(app, 'tls_failed')[0], { detail: 'the handshake was not done in time' })
  const device = client(t, mqtts(app), trusting(home))
  await until(() => device.connected, 'somebody else to get in')
})

t.test('who only looks whether the port is open is no news', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const wire = await openWire(t, app.mqttsPort)
  await until(() => app.broker.counters().connections === 1, 'the connection')
  wire.socket.destroy()
  await until(() => app.broker.counters().connections === 0, 'its end')
  t.equal(counted(app, 'tls_failed'), 0)
})

t.test('with --tls-client-ca a device logs in with its certificate, and is that device alone', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home, { clients: home.files.ca, allowAnonymous: false })
  await app.store.group.run(() => app.store.devices.insert('ESP_1', { status: 'offline' }, Date.now()))
  const pair = await home.client('ESP_1')

  const device = client(t, mqtts(app), { clientId: 'ESP_1', ...trusting(home), ...pair })
  await until(() => device.connected, 'the device')
  await device.publishAsync(topicOf('ESP_1'), reading(1, 'ESP_1'), { qos: 1 })
  t.equal(stored(app, 'ESP_1').length, 1)
  device.publish(topicOf('ESP_2'), reading(1, 'ESP_2'), { qos: 1 })
  await until(() => counted(app, 'publish_forbidden') === 1, 'the refusal: another device’s topic')
  await until(() => !device.connected, 'the end of that connection')

  const refused = async (what: string, code: string, options: IClientOptions): Promise<void> => {
    const before = counted(app, code)
    const other = client(t, mqtts(app), { ...trusting(home), ...options })
    await until(() => counted(app, code) > before, what)
    t.notOk(other.connected, what)
  }
  await refused('another name than the certificate’s', 'certificate_mismatch', { ...pair, username: 'ESP_2' })
  await refused('a device nobody registered', 'certificate_mismatch', await home.client('ESP_2'))
  await refused('no certificate and no password', 'not_authorized', {})
})

t.test('a client certificate that is not good is refused; who shows none may use a password', async (t) => {
  const [home, other] = [await authority(t), await authority(t)]
  const app = await openSecurely(t, home, { clients: home.files.ca })
  const plain = client(t, mqtts(app), trusting(home))
  await until(() => plain.connected, 'a client without a certificate')
  for (const [what, pair] of [
    ['another authority', await other.client('ESP_1')],
    ['a server’s', { cert: readFileSync(home.files.server), key: readFileSync(home.files.server_key) }],
    ['an expired one', await home.client('ESP_1', -1)],
  ] as const) {
    const before = counted(app, 'tls_failed')
    const bad = client(t, mqtts(app), { ...trusting(home), ...pair })
    await until(() => counted(app, 'tls_failed') > before, what)
    t.notOk(bad.connected, what)
  }
  t.match(logged(app, 'tls_failed')[0], { detail: /the client certificate is not good/ })
  t.equal(app.broker.counters().connections, 1)
})

t.test(
  'whose authority is no longer trusted is out after a reload, also with a session to resume',
  async (t) => {
    const [home, other] = [await authority(t), await authority(t)]
    const clients = `${home.data}/clients-ca.pem`
    writeFileSync(clients, home.ca)
    const app = await openSecurely(t, home, { clients, allowAnonymous: false })
    await app.store.group.run(() => app.store.devices.insert('ESP_1', { status: 'offline' }, Date.now()))
    const pair = await home.client('ESP_1')
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      writeFileSync(clients, home.ca)
      await app.reload()
      const options = { ca: home.ca, ...pair, maxVersion }
      const socket = await shakeHands(t, app.mqttsPort, options)
      socket.resume()
      socket.write(connect({ clientId: 'ESP_1' }))
      await until(() => socket.bytesRead > 0, 'the CONNACK')
      const session = socket.getSession()
      const resumed = await shakeHands(t, app.mqttsPort, { ...options, session })
      t.ok(resumed.isSessionReused(), 'a device may resume, which costs it less')
      resumed.destroy()
      socket.destroy()

      writeFileSync(clients, other.ca)
      await app.reload()
      const before = counted(app, 'tls_failed')
      const again = await shakeHands(t, app.mqttsPort, { ...options, session }).catch(() => undefined)
      again?.write(connect({ clientId: 'ESP_1' }))
      await until(() => counted(app, 'tls_failed') > before, `the refusal with ${maxVersion}`)
    }
  },
)

t.test('a new certificate is taken without a restart; who is connected stays', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const before = home.fingerprint()
  const old = client(t, mqtts(app), { clientId: 'ESP_12AB34CD', ...trusting(home) })
  await until(() => old.connected, 'the connection')
  t.equal((await shakeHands(t, app.mqttsPort, { ca: home.ca })).fingerprint, before)

  await home.renew()
  await until(
    () => app.logged.some(({ msg }) => msg === 'The certificate was renewed'),
    'the new certificate',
  )
  t.equal((await shakeHands(t, app.mqttsPort, { ca: home.ca })).fingerprint, home.fingerprint())
  t.not(home.fingerprint(), before)
  await old.publishAsync(topicOf(), reading(1), { qos: 1 })
  t.equal(stored(app).length, 1, 'the old connection works')
  const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
  t.teardown(() => db.close())
  const entries = db.prepare("SELECT status FROM audit_logs WHERE event_type = 'certificate_renewed'")
  await until(() => entries.all().length === 1, 'the entry in the audit')
  t.strictSame(entries.all(), [{ status: 'success' }])
})

t.test('a new certificate that cannot be used changes nothing, and is reported once', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const before = home.fingerprint()
  const good = readFileSync(home.files.server)
  replace(home.files.server, (await authority(t)).ca)
  await until(() => counted(app, 'tls_reload_failed') === 1, 'the report')
  t.match(logged(app, 'tls_reload_failed')[0], { detail: /--tls-key is .*not the key of --tls-cert/ })
  t.equal((await shakeHands(t, app.mqttsPort, { ca: home.ca })).fingerprint, before)

  replace(home.files.server, 'half a certific')
  await until(() => counted(app, 'tls_reload_failed') === 2, 'the next one')
  t.equal((await shakeHands(t, app.mqttsPort, { ca: home.ca })).fingerprint, before)

  replace(home.files.server, good)
  await new Promise((resolve) => setTimeout(resolve, 100))
  await home.renew()
  await until(
    async () => (await shakeHands(t, app.mqttsPort, { ca: home.ca })).fingerprint === home.fingerprint(),
    'a good one at last',
  )
  t.equal(counted(app, 'tls_reload_failed'), 2)
})

t.test('the plain port and the TLS port share the bounds', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home, { bounds: { connections: 2 } })
  await connected(t, app)
  const device = client(t, mqtts(app), trusting(home))
  await until(() => device.connected, 'the second')
  await t.rejects(shakeHands(t, app.mqttsPort, { ca: home.ca }), 'the third')
  t.equal(counted(app, 'connections_full'), 1)
})
