/** Secrets that devices are told: nobody else hears them, and nothing writes them down. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { heardOf, holdsSecrets, withoutSecrets } from '../../routing/contract/secrets.js'
import { register } from '../../routing/registry.js'
import { ADMINISTRATOR, ask, setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { connectMqtt } from '../support/client.js'
import { connected, counted, hears } from '../support/mqtt.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const DEVICE = 'ESP_12AB34CD'
const branch = `kaiser/god/esp/${DEVICE}`
const WORD = 'geheim-4711'
const ON = '{"command":"ON"}'
const CONFIG = JSON.stringify({
  wifi: { ssid: 'Gewächshaus', password: WORD },
  mqtt: { auth_token: WORD, deep: [{ wpa_psk: WORD, api_key: WORD, secretary: WORD }] },
  sensors: [{ gpio: 4, keys: 2 }],
})

t.test('a config is heard whole by its device and without its secrets by everybody else', async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const { access_token: token } = await setUp(app.origin)
  const { credentials } = await app.store.group.run(() => register(app.store, DEVICE, {}, 'test', Date.now()))
  await ask(app.origin, '/users', token, {
    method: 'POST',
    body: { username: 'vera', email: 'vera@example.org', password: 'Vera-2026', role: 'viewer' },
  })
  const device = await connectMqtt(t, app.mqttPort, {
    username: DEVICE,
    password: credentials.mqtt_password,
  })
  const admin = await connectMqtt(t, app.mqttPort, ADMINISTRATOR)
  const absent = { username: 'vera', password: 'Vera-2026', clientId: 'vera', clean: false }
  const viewer = await connectMqtt(t, app.mqttPort, absent)
  const [own, others, theirs] = [hears(device), hears(admin), hears(viewer)]
  await device.subscribeAsync(`${branch}/#`, { qos: 1 })
  await admin.subscribeAsync(`${branch}/#`, { qos: 1 })
  await viewer.subscribeAsync('kaiser/god/esp/#', { qos: 1 })
  const page = await listen(t, app, token)

  for (const [n, topic] of ['config', 'config/sensor/4', 'config_part', 'system/command'].entries()) {
    const payload = n % 2 === 0 ? CONFIG : Buffer.from(CONFIG)
    await app.broker.publish({ topic: `${branch}/${topic}`, payload, qos: 1, retain: false })
  }
  await until(() => own.length >= 4 && others.length >= 4 && theirs.length >= 4, 'four messages each')
  t.strictSame(own.filter((line) => line.includes(CONFIG)).length, 4, 'the device hears all of it')
  for (const heard of [others, theirs]) {
    t.notOk(JSON.stringify(heard).includes(WORD))
    t.match(heard[0], 'Gewächshaus', 'and everybody else the rest')
  }

  await viewer.endAsync()
  await app.broker.publish({ topic: `${branch}/config`, payload: CONFIG, qos: 1, retain: false })
  const back = await connectMqtt(t, app.mqttPort, { ...absent, manualConnect: false })
  const queued = hears(back)
  await back.subscribeAsync('kaiser/none')
  await until(() => queued.length + theirs.length >= 5, 'what waited')
  t.notOk(JSON.stringify([queued, theirs]).includes(WORD), 'what waited in a queue too')
  t.notOk(JSON.stringify(page.frames).includes(WORD))
})

t.test(
  'nobody says credentials or configuration over MQTT, and the try leaves no secret behind',
  async (t) => {
    const app = await openApp(t, { allowAnonymous: true })
    const { access_token: token } = await setUp(app.origin)
    const page = await listen(t, app, token)
    const spy = await connected(t, app, { clientId: 'spy' })
    const heard = hears(spy)
    await spy.subscribeAsync('#', { qos: 2 })
    const forger = await connected(t, app, { clientId: 'forger' })
    for (const [n, topic] of ['mqtt/auth_update', 'config', 'zone/assign'].entries())
      for (const retain of [false, true])
        await forger.publishAsync(`${branch}/${topic}`, n === 2 ? ON : CONFIG, {
          qos: n === 2 ? 2 : 1,
          retain,
        })
    await forger.publishAsync('lab/last', 'x', { qos: 1 })
    await until(() => heard.includes('lab/last x'), 'the last message')
    await until(() => page.frames.some(({ type }) => type === 'system_event'), 'the announcement')

    t.ok(forger.connected, 'they are acknowledged')
    t.notOk(
      heard.some((line) => line.startsWith(branch)),
      'and heard by nobody',
    )
    const late = await connected(t, app, { clientId: 'late' })
    const kept = hears(late)
    await late.subscribeAsync('#', { qos: 1 })
    await late.publishAsync('lab/late', 'x')
    await until(() => kept.includes('lab/late x'), 'its own message')
    t.notOk(
      kept.some((line) => line.startsWith(branch)),
      'nor retained',
    )
    t.equal(counted(app, 'command_refused'), 6)
    t.match(
      page.frames.filter(({ data }) => data.event_type === 'command_refused').map(({ data }) => data.details),
      [{ topic: `${branch}/mqtt/auth_update`, by: 'anonymous', client_id: 'forger' }],
    )
    const { body } = await ask(app.origin, '/audit?event_type=command_refused', token)
    t.match(body.data, [{ source_id: 'anonymous', error_code: 'command_refused' }])
    const rejects = app.store.rejects.list()
    t.equal(rejects.length, 6)
    for (const { topic, payload, payload_bytes } of rejects)
      t.strictSame(
        [Buffer.from(payload).toString(), payload_bytes],
        topic.endsWith('assign') ? [ON, ON.length] : ['', Buffer.byteLength(CONFIG)],
      )
    t.notOk(JSON.stringify([app.logged, page.frames, body]).includes(WORD))
    const [first] = rejects
    const retried = await ask(app.origin, `/rejects/${first!.id}/retry`, token, { method: 'POST' })
    t.match(JSON.stringify(retried.body), 'command_refused', 'handing it in again does not help')
    const files = readdirSync(app.dir).filter((file) => file.startsWith('kaiser.db'))
    for (const file of files) t.notOk(readFileSync(join(app.dir, file)).includes(WORD), file)
  },
)

t.test('what is blanked, and for whom', async (t) => {
  const other = 'kaiser/god/esp/ESP_2'
  t.strictSame(JSON.parse(Buffer.from(withoutSecrets(CONFIG)).toString()), {
    wifi: { ssid: 'Gewächshaus', password: '***' },
    mqtt: { auth_token: '***', deep: [{ wpa_psk: '***', api_key: '***', secretary: '***' }] },
    sensors: [{ gpio: 4, keys: 2 }],
  })
  t.equal(Buffer.from(withoutSecrets('not JSON')).toString(), '***')
  t.equal(Buffer.from(withoutSecrets(`${'['.repeat(60_000)}`)).toString(), '***')
  const deep = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
  t.doesNotThrow(() => withoutSecrets(deep))
  t.equal(heardOf(`${branch}/mqtt/auth_update`, 'x', DEVICE), 'x')
  t.equal(heardOf(`${branch}/mqtt/auth_update`, 'x', 'ESP_2'), undefined)
  t.equal(heardOf(`${branch}/mqtt/auth_update`, 'x', undefined), undefined)
  t.equal(heardOf(`${branch}/config`, '', undefined), '')
  t.equal(heardOf(`${branch}/config_response`, 'x', undefined), 'x')
  t.equal(heardOf(`${branch}/sensor/4/data`, 'x', undefined), 'x')
  for (const topic of ['mqtt/auth_update', 'config', 'config/actuator/4', 'config_part', 'system/command'])
    t.ok(holdsSecrets(`${other}/${topic}`), topic)
  for (const topic of [
    'config_response',
    'system/command/response',
    'sensor/4/command',
    'actuator/4/command',
  ])
    t.notOk(holdsSecrets(`${other}/${topic}`), topic)
})

t.test('every usual name of a secret is blanked, and what only looks like one is not', async (t) => {
  for (const name of [
    ...['password', 'mqtt_password', 'wifiPassword', 'passwd', 'PASSWD', 'pwd', 'wifi_pwd', 'pass'],
    ...['wifi_pass', 'wifiPass', 'pass_2', 'passphrase', 'passcode', 'credential', 'credentials'],
    ...['client_secret', 'auth_token', 'wpa_psk', 'api_key', 'key', 'part_data'],
  ])
    for (const value of [WORD, { deep: WORD }, [WORD]]) {
      const blanked = Buffer.from(withoutSecrets(JSON.stringify({ a: [{ [name]: value }] }))).toString()
      t.strictSame(JSON.parse(blanked), { a: [{ [name]: '***' }] }, name)
    }
  for (const name of ['bypass', 'compass', 'passive', 'pass_count', 'passes', 'keys', 'ssid', 'keyboard']) {
    const said = JSON.stringify({ [name]: 1 })
    t.equal(Buffer.from(withoutSecrets(said)).toString(), said, name)
  }
})

t.test('credentials are queued for their device, not for a person who is called like it', async (t) => {
  const app = await openApp(t, { allowAnonymous: false })
  const { access_token: token } = await setUp(app.origin)
  const namesake = { username: 'ESP_NEW', password: 'Namesake-2026' }
  await ask(app.origin, '/users', token, {
    method: 'POST',
    body: { ...namesake, email: 'new@example.org', role: 'operator' },
  })
  const reader = await connectMqtt(t, app.mqttPort, { ...namesake, clientId: 'reader', clean: false })
  await reader.subscribeAsync('kaiser/#', { qos: 1 })
  await reader.endAsync()
  await until(() => app.broker.counters().connections === 0, 'it to be gone')
  const topic = 'kaiser/god/esp/ESP_NEW/mqtt/auth_update'
  await app.broker.publish({ topic, payload: CONFIG, qos: 1, retain: false })
  await app.close()
  const files = readdirSync(app.dir).filter((file) => file.startsWith('kaiser.db'))
  for (const file of files) t.notOk(readFileSync(join(app.dir, file)).includes(WORD), file)
})
