/** What each page of the original asks when it is opened and when people act on it, in its order. rest-contract §1.1 */
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { setUp } from '../support/administrator.js'
import { type OpenApp, openApp } from '../support/app.js'
import { request } from '../support/http.js'
import { connected, topicOf } from '../support/mqtt.js'
import { lacking, type ShapeName } from '../support/original-shapes.js'
import { until } from '../support/until.js'

const ID = 'ESP_MOCK_A1B2C3'
const ADMIN = { username: 'grower', password: 'Tomato"2026' }

interface Body {
  readonly [key: string]: unknown
}

/** What is looked at more closely. */
interface Answer extends Body {
  readonly tokens: { access_token: string; refresh_token: string; expires_in: number }
  readonly data: readonly Body[]
  readonly users: readonly Body[]
}

/** A page that is open: what it asks, with the status and the shape it expects. */
function open(t: Test, app: OpenApp, token?: string) {
  const ask = async (status: number, shape: ShapeName | null, asked: string, body?: unknown) => {
    const [method = '', path = ''] = asked.split(' ')
    const answer = await request(app, method, path, { ...(token && { token }), body })
    t.equal(answer.status, status, asked)
    if (shape) t.same(lacking(shape, answer.body), [], asked)
    if (status >= 400) t.match(answer.body, { detail: /./ }, asked)
    return answer.body as unknown as Answer
  }
  return { ask }
}

async function visit(t: Test) {
  const app = await openApp(t, { allowAnonymous: false })
  const { ask } = open(t, app)
  t.match(await ask(200, 'status', 'GET /auth/status'), { setup_required: true, users_exist: false })
  const { tokens } = await ask(200, 'session', 'POST /auth/setup', {
    ...ADMIN,
    email: 'grower@example.org',
    full_name: '',
  })
  return { app, tokens, ...open(t, app, tokens.access_token) }
}

t.test('setup, a reload with an expired token, and logout', async (t) => {
  const { app, ask, tokens } = await visit(t)
  await ask(403, null, 'POST /auth/setup', { ...ADMIN, email: 'other@example.org' })
  const both = <T>(work: () => Promise<T>) => Promise.all([work(), work()])
  await both(() => ask(200, 'status', 'GET /auth/status'))
  await both(() => ask(200, 'user', 'GET /auth/me'))

  const stale = open(t, app, `${tokens.access_token}x`)
  await both(() => stale.ask(401, null, 'GET /auth/me'))
  const { refresh_token } = tokens
  const [, second] = await both(() => stale.ask(200, 'renewed', 'POST /auth/refresh', { refresh_token }))
  const again = open(t, app, second.tokens.access_token)
  await again.ask(200, 'user', 'GET /auth/me')

  await again.ask(200, 'done', 'POST /auth/logout', { all_devices: false })
  await again.ask(401, null, 'GET /auth/me')
  await stale.ask(200, 'session', 'POST /auth/login', { ...ADMIN, remember_me: false })
  const known = await stale.ask(200, 'session', 'POST /auth/login', { ...ADMIN, remember_me: true })
  t.equal(known.tokens.expires_in, 604_800)
  await stale.ask(401, null, 'POST /auth/login', { ...ADMIN, password: 'Tomato"2027', remember_me: false })
})

t.test('dashboard, devices and the page of a mock: what they ask, and what they hear', async (t) => {
  const { app, ask, tokens } = await visit(t)
  const lists = () =>
    Promise.all([ask(200, 'mocks', 'GET /debug/mock-esp'), ask(200, 'devices', 'GET /esp/devices')])
  t.match(await lists(), [
    { data: [], total: 0 },
    { data: [], pagination: { total_items: 0, page_size: 100 } },
  ])

  const socket = new WebSocket(
    `${app.origin.replace('http', 'ws')}/api/v1/ws/realtime/client_1764000000000_k3j9x0a1b?token=${encodeURIComponent(tokens.access_token)}`,
  )
  const heard: (Body & { type: string; data: Body })[] = []
  socket.on('message', (frame) => void heard.push(JSON.parse(String(frame))))
  await once(socket, 'open')
  const types = ['esp_health', 'sensor_data', 'actuator_status', 'actuator_alert', 'config_response']
  socket.send(JSON.stringify({ action: 'subscribe', filters: { types } }))
  const hears = async (type: string, shape: ShapeName, data: Body) => {
    const fits = (one: (typeof heard)[number]): boolean =>
      one.type === type && Object.entries(data).every(([key, value]) => one.data[key] === value)
    await until(() => heard.some(fits), `${type} ${JSON.stringify(data)}`)
    t.same(lacking(shape, heard.find(fits)), [], type)
  }

  const made = await ask(201, 'mock', 'POST /debug/mock-esp', {
    esp_id: ID,
    zone_name: 'Gewächshaus Süd',
    auto_heartbeat: true,
    heartbeat_interval_seconds: 60,
    sensors: [],
    actuators: [],
  })
  t.match(made, { zone_id: 'gewaechshaus_sued', system_state: 'OPERATIONAL', status: 'online' })
  await ask(409, null, 'POST /debug/mock-esp', { esp_id: ID })
  const [mocks, devices] = await lists()
  t.same(
    mocks.data.map(({ esp_id }: Body) => esp_id),
    devices.data.map(({ device_id }: Body) => device_id),
  )

  await ask(200, 'beat', `POST /debug/mock-esp/${ID}/heartbeat`)
  await hears('esp_health', 'healthEvent', { esp_id: ID, status: 'online', system_state: 'OPERATIONAL' })
  const sensor = { gpio: 4, sensor_type: 'DS18B20', name: '', subzone_id: '', raw_value: 0, unit: '°C' }
  const form = { ...sensor, quality: 'good', raw_mode: true }
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/sensors`, form)
  await hears('sensor_data', 'sensorEvent', { esp_id: ID, gpio: 4, value: 0 })
  const edited = { raw_value: 21.5, quality: 'fair', publish: true }
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/sensors/4`, edited)
  await hears('sensor_data', 'sensorEvent', { gpio: 4, value: 21.5, quality: 'fair' })
  const pump = { gpio: 17, actuator_type: 'pump', name: '', state: false, pwm_value: 0, min_value: 0 }
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/actuators`, { ...pump, max_value: 1 })
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/actuators/17`, { state: true, publish: true })
  await hears('actuator_status', 'actuatorEvent', { gpio: 17, state: 'on', emergency: 'normal' })

  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/emergency-stop?reason=manual`, null)
  await hears('actuator_alert', 'alertEvent', { gpio: 17, alert_type: 'emergency_stop' })
  await hears('actuator_status', 'actuatorEvent', { gpio: 17, state: 'off', emergency_stopped: true })
  const toggled = await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/actuators/17`, { state: true })
  t.equal(toggled.success, false)
  const stopped = await ask(200, 'mock', `GET /debug/mock-esp/${ID}`)
  t.match(stopped.actuators, [{ state: false, pwm_value: 0, emergency_stopped: true }])
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/clear-emergency`)
  const safe = { state: 'SAFE_MODE', reason: 'Manual' }
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/state`, safe)
  await ask(200, 'mockResult', `POST /debug/mock-esp/${ID}/state`, { state: 'OPERATIONAL' })
  await ask(
    200,
    'mockResult',
    `POST /debug/mock-esp/${ID}/auto-heartbeat?enabled=false&interval_seconds=60`,
    null,
  )

  const zone = { zone_id: 'zelt_1', zone_name: 'Zelt 1' }
  await ask(200, 'assigned', `POST /zone/devices/${ID}/assign`, zone)
  t.match(await ask(200, 'device', `PATCH /esp/devices/${ID}`, zone), { ...zone, sensors: [{ gpio: 4 }] })
  await ask(200, 'removed', `DELETE /zone/devices/${ID}/assign`)
  const none = { zone_id: '', zone_name: '' }
  t.match(await ask(200, 'device', `PATCH /esp/devices/${ID}`, none), { zone_id: null, zone_name: null })

  socket.close(1000, 'Client disconnect')
  t.equal((await once(socket, 'close'))[0], 1000)
  await ask(200, 'mockResult', `DELETE /debug/mock-esp/${ID}/sensors/4`)
  await ask(204, null, `DELETE /debug/mock-esp/${ID}`)
  await ask(404, null, `DELETE /debug/mock-esp/${ID}`)
  await ask(404, null, `DELETE /esp/devices/${ID}`)
})

t.test(
  'a native number that nothing could convert is shown without the unit of what it is not',
  async (t) => {
    const app = await openApp(t)
    const { access_token: token } = await setUp(app.origin)
    const device = await connected(t, app)
    for (const [gpio, raw] of [
      [4, -2032],
      [5, 360],
    ] as const) {
      const payload = { esp_id: 'ESP_1', gpio, sensor_type: 'ds18b20', raw, raw_mode: true, ts: Date.now() }
      await device.publishAsync(topicOf('ESP_1', gpio), JSON.stringify(payload), { qos: 1 })
    }
    const { sensors } = await open(t, app, token).ask(200, 'device', 'GET /esp/devices/ESP_1')
    t.match(sensors, [
      { gpio: 4, raw_value: -2032, unit: '', quality: 'error' },
      { gpio: 5, raw_value: 22.5, unit: '°C', quality: 'good' },
    ])
  },
)

t.test('the audit, and the users', async (t) => {
  const { ask } = await visit(t)
  await Promise.all([
    ask(200, 'entries', 'GET /audit?hours=24&page=1&page_size=50'),
    ask(200, 'statistics', 'GET /audit/statistics'),
    ask(200, 'retention', 'GET /audit/retention/config'),
    ask(200, 'eventTypes', 'GET /audit/event-types'),
    ask(200, 'severities', 'GET /audit/severities'),
    ask(200, 'words', 'GET /audit/source-types'),
  ])
  const config = await ask(200, 'retention', 'GET /audit/retention/config')
  await ask(200, 'retention', 'PUT /audit/retention/config', config)
  await ask(400, null, 'PUT /audit/retention/config', { ...config, batch_size: 99 })
  await ask(200, 'cleaned', 'POST /audit/retention/cleanup?dry_run=true')
  await ask(200, 'cleaned', 'POST /audit/retention/cleanup?dry_run=false', null)

  const anna = { username: 'anna', email: 'anna@example.org', password: 'Tomato2026', full_name: '' }
  const { id } = await ask(201, 'user', 'POST /users', { ...anna, role: 'viewer' })
  await ask(409, null, 'POST /users', { ...anna, role: 'viewer' })
  const { users } = await ask(200, 'users', 'GET /users')
  const me = await ask(200, 'user', 'GET /auth/me')
  t.equal(users.filter((user: Body) => user.id === me.id).length, 1, 'the page finds its own account by ===')
  const form = { email: anna.email, full_name: '', role: 'operator', is_active: true }
  await ask(200, 'user', `PATCH /users/${id}`, form)
  await ask(200, 'done', `POST /users/${id}/reset-password`, { new_password: 'Tomato2027' })
  await ask(400, null, `DELETE /users/${me.id}`)
  await ask(204, null, `DELETE /users/${id}`)
  const own = { current_password: ADMIN.password, new_password: 'Tomato2028' }
  await ask(401, null, 'PATCH /users/me/password', { ...own, current_password: 'wrong' })
  await ask(200, 'done', 'PATCH /users/me/password', own)
  await ask(401, null, 'GET /users')
})
