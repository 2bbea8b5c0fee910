/** A device that does not come: what people who wait for it are told. */
import { connectAsync } from 'mqtt'
import t from 'tap'
import { createRefusedLogins } from '../../routing/refused-logins.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const ID = 'ESP_12AB34CD'

t.test('a device that is being connected shows how far it has come, and why it is not let in', async (t) => {
  const app = await openApp(t, { allowAnonymous: false, discovery: 'pending' })
  const { operator, viewer } = await people(app)
  const arrival = async () =>
    (await request(app, 'GET', `/esp/devices/${ID}/arrival`, { token: operator })).body as Record<
      string,
      never
    >
  t.match(await arrival(), {
    kaiser_id: 'god',
    mqtt_port: app.mqttPort,
    mqtts_port: null,
    mqtt_auth_enabled: true,
    status: null,
    connection: null,
    refused_logins: [],
    strangers: [],
  })
  t.equal((await request(app, 'GET', `/esp/devices/${ID}/arrival`, { token: viewer })).status, 403)

  const { body } = await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ID } })
  const login = (username: string | undefined, password?: string) =>
    connectAsync(`mqtt://127.0.0.1:${app.mqttPort}`, {
      clientId: ID,
      ...(username && { username }),
      ...(password && { password }),
      reconnectPeriod: 0,
      will: { topic: `kaiser/god/esp/${ID}/system/will`, payload: '{}', qos: 1, retain: true },
    })
  await t.rejects(login(ID, 'wrong'))
  await t.rejects(login(ID, 'wrong'))
  await t.rejects(login('ESP_12AB34CE', body.mqtt_password as string))
  await t.rejects(login('my secret password', 'x'))
  const refused = await arrival()
  t.match(refused, {
    status: 'unknown',
    connection: null,
    refused_logins: [{ code: 'bad_credentials', count: 2, address: '127.0.0.1', esp_id: ID }],
  })
  t.match(refused.strangers, [
    { code: 'bad_credentials', esp_id: null },
    { code: 'bad_credentials', esp_id: 'ESP_12AB34CE' },
  ])
  t.notMatch(JSON.stringify(refused), 'secret', 'a name that nobody has may be a password')

  const device = await login(ID, body.mqtt_password as string)
  t.teardown(() => device.endAsync(true))
  await device.subscribeAsync(`kaiser/god/esp/${ID}/config`)
  await until(async () => (await arrival()).connection, 'the connection')
  t.match(await arrival(), {
    connection: {
      client_id: ID,
      kind: 'device',
      address: '127.0.0.1',
      transport: 'tcp',
      subscriptions: [`kaiser/god/esp/${ID}/config`],
      will_topic: `kaiser/god/esp/${ID}/system/will`,
    },
  })
})

t.test('refused logins are bounded, and strangers are forgotten after ten minutes', (t) => {
  let now = 0
  const logins = createRefusedLogins({ isDevice: (name) => name === ID, now: () => now })
  const identify = logins.watch((_credentials, settle) => settle('bad_credentials'))
  const come = (username: string, address: string) =>
    identify({ client_id: 'c', username, password: undefined, address, certificate_cn: undefined }, () => {})
  come(ID, '192.0.2.1')
  for (let n = 0; n < 1_000; n++) come('somebody', `2001:db8::${n.toString(16)}`)
  t.equal(logins.of(ID).length, 0, 'the oldest makes room')
  t.equal(logins.strangers().length, 1_000)
  now = 600_000
  t.equal(logins.strangers().length, 0)
  t.end()
})
