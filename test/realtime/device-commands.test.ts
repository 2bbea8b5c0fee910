import type { IPublishPacket } from 'mqtt'
import t from 'tap'
import { register } from '../../routing/registry.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

interface Heard {
  topic: string
  message: Record<string, unknown>
  packet: IPublishPacket
}

/** A device that is online and listens to these topics of its branch. */
async function device(t: Teardown, app: OpenApp, ...topics: string[]): Promise<Heard[]> {
  const { credentials } = await app.store.group.run(() =>
    register(app.store, 'ESP_1', {}, 'test', Date.now()),
  )
  // What is secret in a configuration is for the device alone.
  const { mqtt_username: username, mqtt_password: password } = credentials
  const client = await connected(t, app, { username, password })
  const heard: Heard[] = []
  client.on('message', (topic, payload, packet) => {
    heard.push({ topic, message: JSON.parse(String(payload)), packet })
  })
  for (const topic of topics) await client.subscribeAsync(`kaiser/god/esp/ESP_1/${topic}`, { qos: 1 })
  await client.publishAsync(
    'kaiser/god/esp/ESP_1/system/heartbeat',
    JSON.stringify({ esp_id: 'ESP_1', uptime: 1, heap_free: 150_000, wifi_rssi: -50 }),
    { qos: 1 },
  )
  return heard
}

const audited = async (app: OpenApp, event_type: 'device_command' | 'config_published' | 'config_failed') => {
  const found = async () => (await app.store.auditLogs.page({ event_type }, 1, 10)).rows
  await until(async () => (await found()).length > 0, event_type)
  return (await found())[0]!
}

t.test('a restart goes out once, at QoS 1, not retained, and is written down with its id', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const heard = await device(t, app, 'system/command')
  const body = { delay_seconds: 5, reason: 'new sensor' }
  const answer = await request(app, 'POST', '/esp/devices/ESP_1/restart', { token: operator, body })
  t.match(answer, {
    status: 200,
    body: {
      success: true,
      device_id: 'ESP_1',
      command: 'restart',
      command_sent: true,
      correlation_id: String,
    },
  })
  await until(() => heard.length > 0, 'the command')
  const [{ topic, message, packet }] = heard as [Heard]
  t.equal(topic, 'kaiser/god/esp/ESP_1/system/command')
  t.match(packet, { qos: 1, retain: false })
  t.match(message, {
    command: 'REBOOT',
    params: { delay_seconds: 5, delay: 5000, reason: 'new sensor' },
    timestamp: Number,
    correlation_id: answer.body.correlation_id,
  })
  t.match(await audited(app, 'device_command'), {
    source_id: 'a-operator',
    status: 'success',
    details: /restart|reboot/,
    correlation_id: answer.body.correlation_id,
  })
})

t.test('a device that is not there is not told: the command would wait for it', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const absent = await connected(t, app, { clientId: 'ESP_1', clean: false })
  await absent.subscribeAsync('kaiser/god/esp/ESP_1/#', { qos: 1 })
  await absent.endAsync(true)
  await app.store.group.run(() => app.store.devices.insert('ESP_1', { status: 'offline' }, Date.now()))

  for (const [what, body] of [
    ['restart', {}],
    ['reset', { confirm: true }],
    ['config', { log_level: 'DEBUG' }],
  ] as const)
    t.match(await request(app, 'POST', `/esp/devices/ESP_1/${what}`, { token: operator, body }), {
      status: 409,
      body: { code: 'device_offline', detail: /ESP_1 is not online/ },
    })
  t.equal((await request(app, 'POST', '/esp/devices/ESP_2/restart', { token: operator })).status, 404)

  const back = await connected(t, app, { clientId: 'ESP_1', clean: false })
  const heard: string[] = []
  back.on('message', (topic) => heard.push(topic))
  await back.publishAsync('kaiser/god/esp/ESP_1/x', '', { qos: 1 })
  t.notOk(heard.some((topic) => /command|config/.test(topic)))
})

t.test('nobody claims that something was sent when nobody listens', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  await device(t, app)
  t.match(await request(app, 'POST', '/esp/devices/ESP_1/restart', { token: operator, body: 'null' }), {
    status: 200,
    body: { success: false, command_sent: false, message: /does not listen/ },
  })
  t.match(await audited(app, 'device_command'), { status: 'failed' })
})

t.test('a factory reset must be confirmed', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const heard = await device(t, app, 'system/command')
  const reset = (body: object) => request(app, 'POST', '/esp/devices/ESP_1/reset', { token: operator, body })
  for (const body of [{}, { confirm: false }])
    t.match(await reset(body), { status: 400, body: { code: 'request_refused', detail: /confirm/ } })
  t.equal((await reset({ confirm: 'yes' })).status, 422)
  t.match(await reset({ confirm: true, preserve_wifi: true }), {
    status: 200,
    body: { command: 'factory_reset', command_sent: true },
  })
  await until(() => heard.length > 0, 'the command')
  t.match(heard, [{ message: { command: 'FACTORY_RESET', params: { confirm: true, preserve_wifi: true } } }])
  t.equal(heard.length, 1)
})

t.test('a configuration carries what was given, and its secrets are written down nowhere', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const heard = await device(t, app, 'config')
  const body = { wifi_ssid: 'tent', wifi_password: 'Grow-Secret-1', mqtt_broker: '', surplus: 1 }
  t.match(await request(app, 'POST', '/esp/devices/ESP_1/config', { token: operator, body }), {
    status: 200,
    body: { config_sent: true, config_acknowledged: false, correlation_id: String },
  })
  await until(() => heard.length > 0, 'the configuration')
  const { timestamp: _, correlation_id: __, ...sent } = heard[0]!.message
  t.strictSame(sent, { wifi_ssid: 'tent', wifi_password: 'Grow-Secret-1' })
  t.match(heard[0]!.packet, { qos: 1, retain: false })
  const entry = await audited(app, 'config_published')
  t.equal(entry.source_id, 'ESP_1')
  t.match(entry.details, /wifi_password/)
  t.notMatch(JSON.stringify([entry, app.logged]), /Grow-Secret-1/)
})

t.test('what is wrong in a command is named, and nothing is sent', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const heard = await device(t, app, 'system/command')
  for (const [what, body, field] of [
    ['restart', { delay_seconds: 61 }, 'delay_seconds'],
    ['restart', { delay_seconds: 1.5 }, 'delay_seconds'],
    ['restart', { reason: 'x'.repeat(201) }, 'reason'],
    ['config', { report_interval_ms: 999 }, 'report_interval_ms'],
    ['config', { heartbeat_interval_ms: 300_001 }, 'heartbeat_interval_ms'],
    ['config', { mqtt_port: 0 }, 'mqtt_port'],
  ] as const)
    t.match(
      await request(app, 'POST', `/esp/devices/ESP_1/${what}`, { token: operator, body }),
      { status: 422, body: { detail: [{ loc: ['body', field] }] } },
      `${what} ${field}`,
    )
  t.match(
    await request(app, 'POST', '/esp/devices/ESP_1/config', { token: operator, body: { surplus: 1 } }),
    {
      status: 400,
      body: { code: 'request_refused' },
    },
  )
  t.strictSame(heard, [])
})

t.test('a field nobody knows is refused by name, and nothing is sent', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const heard = await device(t, app, 'system/command')
  for (const [path, body, field] of [
    ['restart', { delay: 60 }, 'delay'],
    ['reset', { confirm: true, preserve_wlan: true }, 'preserve_wlan'],
  ] as const)
    t.match(await request(app, 'POST', `/esp/devices/ESP_1/${path}`, { token: operator, body }), {
      status: 422,
      body: { detail: [{ loc: ['body', field], msg: /^is not known; allowed: / }] },
    })
  t.strictSame(heard, [])
})
