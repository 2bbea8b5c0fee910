import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'

const heartbeat = (esp_id: string): [string, string] => [
  `kaiser/god/esp/${esp_id}/system/heartbeat`,
  JSON.stringify({ esp_id, uptime: 1, heap_free: 1, wifi_rssi: -50, hardware_type: 'ESP32_C3' }),
]

t.test('a device that knocks is listed as pending, let in once with its password, and works', async (t) => {
  const app = await openApp(t, { discovery: 'pending' })
  const { operator } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(...heartbeat('ESP_NEW'), { qos: 1 })

  t.match(await request(app, 'GET', '/esp/devices', { token: operator }), { body: { data: [] } })
  const pending = await request(app, 'GET', '/esp/devices/pending', { token: operator })
  t.match(pending.body, {
    success: true,
    count: 1,
    devices: [{ device_id: 'ESP_NEW', status: 'pending_approval', hardware_type: 'ESP32_C3' }],
  })
  const one = await request(app, 'GET', '/esp/devices?status=pending_approval', { token: operator })
  t.match(one.body.data, [{ device_id: 'ESP_NEW' }])

  const approved = await request(app, 'POST', '/esp/devices/ESP_NEW/approve', { token: operator })
  t.match(approved, {
    status: 200,
    body: { success: true, device: { device_id: 'ESP_NEW' }, mqtt_username: String, mqtt_password: String },
  })
  await device.publishAsync(topicOf('ESP_NEW'), reading(1, 'ESP_NEW'), { qos: 1 })
  const latest = await request(app, 'GET', '/sensors/latest', { token: operator })
  t.match(latest.body, {
    success: true,
    total: 1,
    data: [{ esp_id: 'ESP_NEW', gpio: 4, sensor_type: 'ds18b20', value: 20.1, unit: '°C', timestamp: /Z$/ }],
  })
  t.match((await request(app, 'GET', '/sensors/latest?esp_id=ESP_OTHER', { token: operator })).body, {
    total: 0,
  })
})

t.test('a registered device answers once with its credentials; a second time it is a conflict', async (t) => {
  const app = await openApp(t, { discovery: 'off' })
  const { operator } = await people(app)
  const body = { device_id: 'MOCK_001', name: '', zone_name: 'Tomatoes', hardware_type: null, surplus: 1 }
  const made = await request(app, 'POST', '/esp/devices', { token: operator, body })
  t.match(made, {
    status: 201,
    body: {
      device_id: 'MOCK_001',
      name: null,
      zone_name: 'Tomatoes',
      mqtt_username: String,
      mqtt_password: String,
    },
  })
  t.ok(String(made.body.mqtt_password).length >= 16)

  const read = await request(app, 'GET', '/esp/devices/MOCK_001', { token: operator })
  t.match(read, {
    status: 200,
    body: { status: 'unknown', last_seen: null, sensor_count: 0, capabilities: {} },
  })
  t.equal(read.body.mqtt_password, undefined)
  t.notMatch(JSON.stringify(app.logged), String(made.body.mqtt_password))
  t.match(await request(app, 'POST', '/esp/devices', { token: operator, body }), {
    status: 409,
    body: { detail: String },
  })
})

t.test('what is wrong in a registration is said field by field', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const wrong: readonly (readonly [object, string])[] = [
    [{}, 'device_id'],
    [{ device_id: 'no spaces' }, 'device_id'],
    [{ device_id: 'x'.repeat(51) }, 'device_id'],
    [{ device_id: 'ESP_1', mac_address: 'zz' }, 'mac_address'],
    [{ device_id: 'ESP_1', is_zone_master: 'yes' }, 'is_zone_master'],
  ]
  for (const [body, field] of wrong) {
    const answer = await request(app, 'POST', '/esp/devices', { token: operator, body })
    t.match(answer, { status: 422, body: { detail: [{ loc: ['body', field], msg: String }] } }, field)
  }
  t.strictSame(app.store.devices.list(), [])
})

t.test('the list has pages and filters', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  await app.store.group.run(() => {
    for (let n = 10; n < 35; n++)
      app.store.devices.insert(
        `ESP_${n}`,
        { hardware_type: n < 20 ? 'A' : 'B', status: 'approved' },
        Date.now(),
      )
  })
  const list = async (query: string) =>
    (await request(app, 'GET', `/esp/devices${query}`, { token: viewer })).body as {
      data: { device_id: string }[]
      pagination: object
    }
  const second = await list('?page=2&page_size=10')
  t.equal(second.data.length, 10)
  t.strictSame(second.pagination, {
    page: 2,
    page_size: 10,
    total_items: 25,
    total_pages: 3,
    has_next: true,
    has_prev: true,
  })
  t.equal((await list('?hardware_type=A')).data.length, 10)
  t.equal((await list('?status=unknown')).data.length, 25)
  t.equal((await list('/')).data.length, 25, 'with a slash too')
  t.equal((await list('?page=9')).data.length, 0)
})

t.test('a rejected device leaves; a removed one is gone', async (t) => {
  const app = await openApp(t, { discovery: 'pending' })
  const { operator } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(...heartbeat('ESP_BAD'), { qos: 1 })
  const reject = (body?: unknown) =>
    request(app, 'POST', '/esp/devices/ESP_BAD/reject', { token: operator, body })
  t.match(await reject('null'), { status: 200, body: { device: { status: 'rejected' } } })
  t.match(await request(app, 'GET', '/esp/devices', { token: operator }), { body: { data: [] } })
  const gone = await fetch(`${app.origin}/api/v1/esp/devices/ESP_BAD`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${operator}` },
  })
  t.equal(gone.status, 204)
  t.equal(await gone.text(), '')
  for (const [method, path] of [
    ['GET', '/esp/devices/ESP_BAD'],
    ['POST', '/esp/devices/ESP_BAD/approve'],
    ['DELETE', '/esp/devices/ESP_BAD'],
  ] as const)
    t.match(
      await request(app, method, path, { token: operator }),
      { status: 404, body: { detail: String } },
      path,
    )
})

t.test('viewers look, operators act, strangers do neither', async (t) => {
  const app = await openApp(t)
  const { admin, operator, viewer } = await people(app)
  const rows: readonly (readonly [string, string, 'viewer' | 'operator'])[] = [
    ['GET', '/esp/devices', 'viewer'],
    ['GET', '/esp/devices/ESP_1', 'viewer'],
    ['GET', '/esp/devices/pending', 'operator'],
    ['POST', '/esp/devices', 'operator'],
    ['POST', '/esp/devices/ESP_1/approve', 'operator'],
    ['POST', '/esp/devices/ESP_1/reject', 'operator'],
    ['DELETE', '/esp/devices/ESP_1', 'operator'],
    ['GET', '/sensors/latest', 'viewer'],
    ['GET', '/rejects', 'operator'],
    ['POST', '/rejects/1/retry', 'operator'],
    ['GET', '/health/detailed', 'viewer'],
    ['POST', '/auth/ws-ticket', 'viewer'],
  ]
  for (const [method, path, role] of rows) {
    const asks = async (token?: string) =>
      (await request(app, method, path, { ...(token && { token }), ...(method === 'POST' && { body: {} }) }))
        .status
    t.equal(await asks(), 401, `${method} ${path}: a stranger`)
    const seen = await asks(viewer)
    if (role === 'viewer') t.not(seen, 403)
    else t.equal(seen, 403, `${method} ${path}: a viewer`)
    for (const token of [operator, admin])
      t.notOk([401, 403].includes(await asks(token)), `${method} ${path}`)
  }
})
