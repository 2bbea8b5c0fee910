/** What goes is told OFF first, and does not go while somebody else's safety hangs on it. */
import t from 'tap'
import { actuatorDevice } from '../support/actuator-device.js'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected } from '../support/mqtt.js'
import { until } from '../support/until.js'

const A = 'ESP_AAAAAAAA'
const B = 'ESP_BBBBBBBB'

async function house(t: Teardown) {
  const app = await openApp(t)
  const { operator } = await people(app)
  const ask = (method: string, path: string, body?: unknown) =>
    request(app, method, path, { token: operator, ...(body !== undefined && { body }) })
  const actuator = (esp_id: string, gpio: number, body: object) =>
    ask('POST', `/actuators/${esp_id}/${gpio}`, body)
  return { app, ask, actuator }
}

t.test(
  'a device that is removed, or shut out, hears OFF for each actuator before its connection ends',
  async (t) => {
    for (const [method, path, status, reason] of [
      ['DELETE', `/esp/devices/${A}`, 204, 'device_removed'],
      ['POST', `/esp/devices/${A}/reject`, 200, 'device_rejected'],
    ] as const) {
      const { app, ask, actuator } = await house(t)
      const { body } = await ask('POST', '/esp/devices', { device_id: A })
      await actuator(A, 5, { actuator_type: 'pump' })
      await actuator(A, 18, { actuator_type: 'fan' })
      const client = await connected(t, app, {
        clientId: A,
        username: A,
        password: String(body.mqtt_password),
      })
      const heard: string[] = []
      client.on('message', (topic, payload) => {
        const { command, issued_by } = JSON.parse(String(payload))
        heard.push(`${topic.split('/').at(-2)} ${command} ${issued_by}`)
      })
      await client.subscribeAsync(`kaiser/god/esp/${A}/actuator/+/command`, { qos: 1 })
      let closed = false
      client.on('close', () => {
        closed = true
      })
      t.equal((await ask(method, path, method === 'POST' ? {} : undefined)).status, status)
      await until(() => closed, 'the connection to end')
      t.strictSame(heard.sort(), [`18 OFF gate:${reason}`, `5 OFF gate:${reason}`])
      t.match(await ask('GET', `/actuators/${A}/5/history`), {
        body: { entries: [{ command_type: 'OFF', issued_by: `gate:${reason}` }] },
      })
    }
  },
)

t.test('what an interlock of another actuator names stays, and who needs it is named', async (t) => {
  const { app, ask, actuator } = await house(t)
  for (const device_id of [A, B]) await ask('POST', '/esp/devices', { device_id })
  await actuator(A, 18, { actuator_type: 'fan' })
  await actuator(A, 5, { actuator_type: 'pump', interlocks: [{ kind: 'never_with', gpio: 18 }] })
  const only_while = { kind: 'only_while', esp_id: A, gpio: 18 }
  await actuator(B, 4, { actuator_type: 'heater', interlocks: [only_while] })
  const device = await actuatorDevice(t, app, A)
  await device.is('on', 18)

  t.match(await ask('DELETE', `/actuators/${A}/18`), {
    status: 409,
    body: {
      code: 'actuator_needed',
      detail: `GPIO 5 of ${A} may never be on together with GPIO 18 of ${A}, GPIO 4 of ${B} may be on only while GPIO 18 of ${A}: change its interlocks first`,
    },
  })
  t.match(await ask('DELETE', `/esp/devices/${A}`), {
    status: 409,
    body: {
      code: 'actuator_needed',
      detail: /^GPIO 4 of ESP_BBBBBBBB may be on only while GPIO 18 of ESP_AAAAAAAA:/,
    },
  })
  t.strictSame(device.commands(18), [], 'what stays is not switched off')
  t.match(await ask('GET', `/actuators/${A}/18`), { status: 200 })

  t.match(await ask('DELETE', `/esp/devices/${B}`), { status: 204 }, 'who only needs others may go')
  t.match(await ask('DELETE', `/actuators/${A}/5`), { status: 200 })
  t.match(await ask('DELETE', `/actuators/${A}/18`), { status: 200 })
  await until(() => device.commands(18).length > 0, 'OFF')
  t.match(await ask('DELETE', `/esp/devices/${A}`), { status: 204 })
  t.match(await ask('DELETE', `/esp/devices/${A}`), { status: 404 })
})

t.test('a sensor that an actuator must hear from stays, and who needs it is named', async (t) => {
  const { ask, actuator } = await house(t)
  await ask('POST', '/esp/devices', { device_id: A })
  await ask('POST', `/sensors/${A}/4`, { sensor_type: 'ds18b20' })
  const required_sensors = [{ gpio: 4, sensor_type: 'DS18B20' }]
  t.match(await actuator(A, 5, { actuator_type: 'pump', required_sensors }), { status: 200 })
  t.match(await ask('DELETE', `/sensors/${A}/4`), {
    status: 409,
    body: {
      code: 'sensor_needed',
      detail: `GPIO 5 of ${A} must hear from ds18b20 on GPIO 4 of ${A}: change its required_sensors first`,
    },
  })
  t.match(await ask('GET', `/sensors/${A}/4`), { status: 200 })
  await actuator(A, 5, { required_sensors: null })
  t.match(await ask('DELETE', `/sensors/${A}/4`), { status: 200 })
})

t.test(
  'a device whose sensor an actuator of another device hears from stays, and who needs it is named',
  async (t) => {
    const { ask, actuator } = await house(t)
    for (const device_id of [A, B]) await ask('POST', '/esp/devices', { device_id })
    await ask('POST', `/sensors/${A}/4`, { sensor_type: 'ds18b20' })
    await ask('POST', `/sensors/${A}/13`, { sensor_type: 'flow' })
    const required_sensors = [{ esp_id: A, gpio: 4, sensor_type: 'DS18B20' }]
    t.match(await actuator(B, 5, { actuator_type: 'pump', required_sensors }), { status: 200 })
    t.match(await ask('DELETE', `/esp/devices/${A}`), {
      status: 409,
      body: {
        code: 'sensor_needed',
        detail: `GPIO 5 of ${B} must hear from ds18b20 on GPIO 4 of ${A}: change its required_sensors first`,
      },
    })
    t.match(await ask('GET', `/esp/devices/${A}`), { status: 200 })
    const sanity = { kind: 'flow', esp_id: A, gpio: 13, sensor_type: 'flow', min: 1, within_s: 20 }
    await actuator(B, 5, { required_sensors: null, sanity })
    for (const path of [`/esp/devices/${A}`, `/sensors/${A}/13`])
      t.match(await ask('DELETE', path), {
        status: 409,
        body: {
          code: 'sensor_needed',
          detail: `GPIO 5 of ${B} is checked by flow on GPIO 13 of ${A}: change its sanity first`,
        },
      })
    await actuator(B, 5, { sanity: null })
    // Its own actuators go with it.
    await actuator(A, 18, { actuator_type: 'pump', required_sensors: [{ gpio: 4, sensor_type: 'ds18b20' }] })
    t.match(await ask('DELETE', `/esp/devices/${A}`), { status: 204 })
  },
)
