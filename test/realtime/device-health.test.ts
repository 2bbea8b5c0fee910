import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'

const beat = (fields: object): [string, string] => [
  'kaiser/god/esp/ESP_1/system/heartbeat',
  JSON.stringify({ esp_id: 'ESP_1', uptime: 93_784, heap_free: 150_000, wifi_rssi: -61, ...fields }),
]

t.test('a device that sent no heartbeat has no metrics; afterwards it has, with a history', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const ask = (path: string) => request(app, 'GET', `/esp/devices/ESP_1${path}`, { token: viewer })
  t.equal((await ask('/health')).status, 404)
  const device = await connected(t, app)
  await device.publishAsync(topicOf('ESP_1'), reading(1, 'ESP_1'), { qos: 1 })
  t.match((await ask('/health')).body, {
    success: true,
    device_id: 'ESP_1',
    metrics: null,
    uptime_formatted: null,
    history: [],
  })

  await device.publishAsync(...beat({ sensor_count: 2, system_state: 'OPERATIONAL', boot_count: 3 }), {
    qos: 1,
  })
  await device.publishAsync(...beat({ heap_free: 140_000 }), { qos: 1 })
  const { body } = await ask('/health')
  t.match(body, {
    status: 'online',
    health_status: 'healthy',
    system_state: 'OPERATIONAL',
    condition: { boot_count: 3 },
    metrics: { uptime: 93_784, heap_free: 140_000, wifi_rssi: -61, sensor_count: 2, timestamp: Number },
    uptime_formatted: '1d 2h 3m',
    history: [{ timestamp: /Z$/, heap_free: 150_000 }],
  })
  t.equal((body.history as object[]).length, 1, 'one sample in five minutes')
  t.equal((await ask('/health?hours=169')).status, 422)
})

t.test('pins are those the device reports, people configured, or readings come from', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app)
  const gpio_status = [
    { gpio: 4, owner: 'sensor', component: 'DS18B20', mode: 1, safe: false },
    { gpio: 1, owner: 'system', component: 'UART' },
  ]
  await device.publishAsync(...beat({ gpio_status }), { qos: 1 })
  for (const gpio of [4, 5, 6])
    await device.publishAsync(topicOf('ESP_1', gpio), reading(1, 'ESP_1', gpio), { qos: 1 })
  const key = { esp_id: 'ESP_1', gpio: 5, sensor_type: 'ds18b20', address: '' }
  await app.store.group.run(() => app.store.sensorConfigs.insert(key, { sensor_name: 'Air' }, Date.now()))

  const { body } = await request(app, 'GET', '/esp/devices/ESP_1/gpio-status', { token: viewer })
  t.match(body, {
    esp_id: 'ESP_1',
    total_reserved: 4,
    system: [1],
    last_esp_report: /Z$/,
    reserved: [
      { gpio: 1, owner: 'system', component: 'UART', source: 'esp_reported' },
      { gpio: 4, component: 'DS18B20', mode: 1, safe: false, source: 'esp_reported' },
      { gpio: 5, component: 'ds18b20', name: 'Air', id: String, source: 'database' },
      { gpio: 6, component: 'ds18b20', name: null, source: 'readings' },
    ],
  })
})

t.test('pins of actuators are in use too: configured ones, second pins, and reported ones', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(...beat({}), { qos: 1 })
  const token = operator
  const body = { actuator_type: 'valve', name: 'Drain', aux_gpio: 26 }
  t.match(await request(app, 'POST', '/actuators/ESP_1/25', { token, body }), { status: 200 })
  await request(app, 'POST', '/actuators/ESP_1/27', {
    token,
    body: { ...body, aux_gpio: null, enabled: false },
  })
  const status = {
    esp_id: 'ESP_1',
    gpio: 13,
    actuator_type: 'pump',
    state: 'off',
    value: 0,
    ts: 1_735_818_000,
  }
  await device.publishAsync('kaiser/god/esp/ESP_1/actuator/13/status', JSON.stringify(status), { qos: 1 })
  const { body: pins } = await request(app, 'GET', '/esp/devices/ESP_1/gpio-status', { token })
  t.match(pins, {
    total_reserved: 3,
    reserved: [
      { gpio: 13, owner: 'actuator', component: 'pump', id: null, source: 'esp_reported' },
      { gpio: 25, owner: 'actuator', component: 'valve', name: 'Drain', id: String, source: 'database' },
      { gpio: 26, owner: 'actuator', component: 'valve', name: 'Drain', source: 'database' },
    ],
  })
  t.match(await request(app, 'POST', '/actuators/ESP_1/26', { token, body: { actuator_type: 'pump' } }), {
    status: 409,
  })
})
