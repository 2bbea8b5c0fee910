import t from 'tap'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { listen } from '../support/socket.js'

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

t.test(
  'the list and the detail show every sensor with its latest value, and how the device is',
  async (t) => {
    const app = await openApp(t)
    const { viewer } = await people(app)
    const device = await connected(t, app)
    await device.publishAsync(...heartbeat('ESP_1'), { qos: 1 })
    for (const [esp_id, gpio, n] of [
      ['ESP_1', 4, 1],
      ['ESP_1', 4, 25],
      ['ESP_1', 5, 3],
      ['ESP_2', 4, 7],
    ] as const)
      await device.publishAsync(topicOf(esp_id, gpio), reading(n, esp_id, gpio), { qos: 1 })

    const { body } = await request(app, 'GET', '/esp/devices', { token: viewer })
    const [one, two] = body.data as [Record<string, unknown>, Record<string, unknown>]
    t.match(one, {
      device_id: 'ESP_1',
      esp_id: 'ESP_1',
      status: 'online',
      connected: true,
      uptime: 1,
      heap_free: 1,
      wifi_rssi: -50,
      health_status: 'critical',
      last_heartbeat: /Z$/,
      flapping: false,
      flapping_since: null,
      auto_heartbeat: false,
      actuators: [],
    })
    t.match(one.sensors, [
      { gpio: 4, sensor_type: 'ds18b20', raw_value: 22.5, unit: '°C', raw_mode: false, last_read: /Z$/ },
      { gpio: 5, raw_value: 20.3 },
    ])
    t.match(two.sensors, [{ gpio: 4, raw_value: 20.7 }])
    t.equal((two.sensors as object[]).length, 1, 'each device has its own')
    const detail = await request(app, 'GET', '/esp/devices/ESP_1', { token: viewer })
    t.strictSame(detail.body, one, 'one device is shown as the list shows it')
  },
)

t.test(
  'what people say of a device is changed, emptied, and kept apart from what kaiser keeps there',
  async (t) => {
    const app = await openApp(t)
    const { operator, viewer } = await people(app)
    const simulation_config = { sensors: { 4: {} } }
    await app.store.group.run(() =>
      app.store.devices.insert(
        'MOCK_001',
        {
          status: 'approved',
          name: 'Bench',
          zone_id: 'tent',
          zone_name: 'Tent',
          device_metadata: JSON.stringify({
            mock: true,
            simulation_state: 'running',
            simulation_config,
            note: 1,
          }),
        },
        Date.now(),
      ),
    )
    const patch = (body: unknown, token = operator) =>
      request(app, 'PATCH', '/esp/devices/MOCK_001', { token, body })

    t.match(await patch({ name: 'Tomatoes', is_zone_master: true, capabilities: { mock: true } }), {
      status: 200,
      body: { name: 'Tomatoes', zone_id: 'tent', is_zone_master: true, capabilities: { mock: true } },
    })
    t.match(await patch({ zone_id: '', zone_name: '' }), {
      body: { zone_id: null, zone_name: null, name: 'Tomatoes', is_zone_master: true },
    })
    const { body } = await patch({ metadata: { shelf: 3, simulation_state: 'stopped' } })
    const { pending_zone_assignment, ...metadata } = body.metadata as Record<string, unknown>
    t.strictSame(metadata, { shelf: 3, mock: true, simulation_state: 'running', simulation_config })
    t.match(
      pending_zone_assignment,
      { zone_id: '', sent_at: null },
      'it is told that it has no zone any more',
    )
    t.match(await patch({ capabilities: { x: 'y'.repeat(20_000) } }), {
      status: 422,
      body: { detail: [{ loc: ['body', 'capabilities'] }] },
    })
    t.match(await patch({ is_zone_master: 'yes' }), { status: 422 })
    t.equal((await patch({ name: 'x' }, viewer)).status, 403)
    t.equal((await request(app, 'PATCH', '/esp/devices/ESP_0', { token: operator, body: {} })).status, 404)
  },
)

t.test('filters apply together, and a status nobody has is named with those that are', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  await app.store.group.run(() => {
    for (const [device_id, zone_id, hardware_type, status] of [
      ['ESP_1', 'tent', 'A', 'online'],
      ['ESP_2', 'tent', 'B', 'online'],
      ['ESP_3', 'tent', 'A', 'offline'],
      ['ESP_4', 'roof', 'A', 'online'],
      ['ESP_5', 'tent', 'A', 'rejected'],
    ] as const)
      app.store.devices.insert(device_id, { zone_id, hardware_type, status }, Date.now())
  })
  const ids = async (query: string): Promise<unknown[]> => {
    const { body } = await request(app, 'GET', `/esp/devices?${query}`, { token: viewer })
    return (body.data as { device_id: string }[]).map(({ device_id }) => device_id)
  }
  t.strictSame(await ids('zone_id=tent&status=online&hardware_type=A'), ['ESP_1'])
  t.strictSame(await ids('zone_id=tent&hardware_type=A'), ['ESP_1', 'ESP_3'])
  t.strictSame(
    await ids('zone_id=Tent&hardware_type=A'),
    ['ESP_1', 'ESP_3'],
    'in any case, as it is assigned',
  )
  t.strictSame(await ids('status=rejected'), ['ESP_5'])
  t.match(await request(app, 'GET', '/esp/devices?status=approved', { token: viewer }), {
    status: 422,
    body: { detail: [{ loc: ['query', 'status'], msg: /online.*unknown/ }] },
  })
})

t.test('decisions are heard as events of their own and written into the audit', async (t) => {
  const app = await openApp(t, { discovery: 'pending' })
  const { operator } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(...heartbeat('ESP_NEW'), { qos: 1 })
  const page = await listen(t, app, operator)
  await page.filter({ types: ['device_approved', 'device_rejected'] })
  const before = Date.now() / 1000

  const decide = (what: string, body: object) =>
    request(app, 'POST', `/esp/devices/ESP_NEW/${what}`, { token: operator, body })
  t.match(await decide('approve', { name: 'North', zone_id: 'tent', zone_name: '' }), {
    status: 200,
    body: {
      device_id: 'ESP_NEW',
      status: 'unknown',
      approved_by: 'a-operator',
      approved_at: /Z$/,
      device: { name: 'North', zone_id: 'tent', zone_name: null },
    },
  })
  t.match(await page.frame(1), {
    type: 'device_approved',
    data: { esp_id: 'ESP_NEW', device_id: 'ESP_NEW', status: 'approved', approved_by: 'a-operator' },
  })
  t.match(await decide('reject', { reason: 'not ours' }), {
    body: { rejection_reason: 'not ours', cooldown_until: /Z$/ },
  })
  const { type, data } = await page.frame(2)
  t.match(
    { type, data },
    {
      type: 'device_rejected',
      data: {
        esp_id: 'ESP_NEW',
        rejected_by: 'a-operator',
        reason: 'not ours',
        rejection_reason: 'not ours',
      },
    },
  )
  t.ok((data.cooldown_until as number) - before >= 300, 'it is not listed again for five minutes')

  t.match(await decide('set-pending', {}), { status: 200, body: { status: 'pending_approval' } })
  const discovery = await request(app, 'GET', '/esp/discovery', { token: operator })
  t.match(discovery.body, { discovered_count: 1, devices: [{ device_id: 'ESP_NEW' }] })
  const { rows } = await app.store.auditLogs.page({ source_id: 'a-operator' }, 1, 10)
  t.strictSame(
    rows.map(({ event_type }) => event_type).filter((event) => event.startsWith('device_')),
    ['device_changed', 'device_rejected', 'device_approved'],
  )
})

t.test('a removed device leaves its readings, and takes its health and sensor configs along', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync(...heartbeat('ESP_1'), { qos: 1 })
  await device.publishAsync(topicOf('ESP_1'), reading(1, 'ESP_1'), { qos: 1 })
  const key = { esp_id: 'ESP_1', gpio: 4, sensor_type: 'ds18b20', address: '' }
  await app.store.group.run(() =>
    app.store.sensorConfigs.insert(key, { sensor_name: 'Root zone' }, Date.now()),
  )
  t.match((await request(app, 'GET', '/esp/devices/ESP_1', { token: operator })).body, {
    sensors: [{ name: 'Root zone' }],
  })
  t.equal(app.store.deviceHealth.list('ESP_1', 0).length, 1)

  const gone = await request(app, 'DELETE', '/esp/devices/ESP_1', { token: operator })
  t.equal(gone.status, 204)
  t.strictSame(app.store.deviceHealth.list('ESP_1', 0), [])
  t.strictSame(app.store.sensorConfigs.list('ESP_1'), [])
  t.equal(app.store.readings.count(), 1)
})

t.test('the older address registers too', async (t) => {
  const app = await openApp(t, { discovery: 'off' })
  const { operator } = await people(app)
  const body = { device_id: 'ESP_1', mac_address: '', ip_address: '192.0.2.7', capabilities: { relay: 2 } }
  t.match(await request(app, 'POST', '/esp/register', { token: operator, body }), {
    status: 201,
    body: {
      device_id: 'ESP_1',
      mac_address: null,
      ip_address: '192.0.2.7',
      capabilities: { relay: 2 },
      status: 'unknown',
      mqtt_username: 'ESP_1',
      mqtt_password: String,
    },
  })
})
