import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { request } from '../support/http.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

t.test('health is answered without a login, with a slash and without', async (t) => {
  const app = await openApp(t)
  for (const path of ['/health', '/health/']) {
    const { status, body } = await request(app, 'GET', path)
    t.equal(status, 200)
    t.match(body, {
      success: true,
      message: String,
      status: /^(healthy|degraded)$/,
      version: /^\d+\.\d+\.\d+/,
      environment: String,
      uptime_seconds: Number,
      timestamp: /Z$/,
    })
  }
  t.match((await request(app, 'GET', '/health/live')).body, { success: true, alive: true })
})

t.test('the detailed health has the sections of the contract and what the broker counts', async (t) => {
  const app = await openApp(t)
  const token = (await setUp(app.origin)).access_token
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await device.publishAsync(topicOf(), 'no JSON', { qos: 1 })

  const { body } = await request(app, 'GET', '/health/detailed', { token })
  t.match(body, {
    uptime_formatted: /^\d+d \d+h \d+m$/,
    database: {
      connected: true,
      pool_size: Number,
      pool_available: Number,
      latency_ms: Number,
      database_type: 'sqlite',
    },
    mqtt: {
      connected: true,
      broker_host: '127.0.0.1',
      broker_port: app.mqttPort,
      messages_received: 2,
      messages_published: Number,
      last_message_at: /Z$/,
      connections: 1,
      bounds: { packet_bytes: 65_536, topic_levels: 16 },
    },
    websocket: { active_connections: 0, total_messages_sent: Number },
    system: {
      cpu_percent: Number,
      memory_percent: Number,
      memory_used_mb: Number,
      memory_total_mb: Number,
      disk_percent: Number,
      disk_free_gb: Number,
    },
    components: [{ name: String, status: String }],
    warnings: Array,
    subscriber: {
      messages_processed: 1,
      messages_failed: 1,
      success_rate: 50,
      codes: { payload_not_json: 1 },
      latency: { handler: Object, ack: Object },
    },
  })
})

t.test('the health of the devices is counted, and averaged over those that are there', async (t) => {
  const app = await openApp(t)
  const token = (await setUp(app.origin)).access_token
  await app.store.group.run(() => {
    for (const [device_id, status, heap_free, wifi_rssi] of [
      ['ESP_1', 'online', 100_000, -40],
      ['ESP_2', 'online', 200_000, -60],
      ['ESP_3', 'offline', 1, -99],
      ['ESP_4', 'approved', null, null],
      ['ESP_5', 'pending_approval', 5, -5],
    ] as const)
      app.store.devices.insert(device_id, { status, heap_free, wifi_rssi, sensor_count: 2 }, Date.now())
  })
  const { body } = await request(app, 'GET', '/health/esp', { token })
  t.match(body, {
    success: true,
    total_devices: 4,
    online_count: 2,
    offline_count: 1,
    error_count: 0,
    unknown_count: 1,
    total_sensors: 8,
    avg_heap_free: 150_000,
    avg_wifi_rssi: -50,
    devices: [{ device_id: 'ESP_1', status: 'online', heap_free: 100_000, uptime_seconds: null }],
  })
  t.equal((body.devices as object[]).length, 4, 'who waits is not counted')
})

t.test('figures for Prometheus need no login, and each line is one it can read', async (t) => {
  const app = await openApp(t)
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await device.publishAsync(topicOf(), 'no JSON', { qos: 1 })
  const answer = await fetch(`${app.origin}/api/v1/health/metrics`)
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const text = await answer.text()
  const lines = text.split('\n')
  t.equal(lines.pop(), '', 'the last line ends too')
  const sample = /^[a-z_]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? -?\d[\d.e+-]*$/
  for (const line of lines.filter((line) => !line.startsWith('# '))) t.match(line, sample)
  const types = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2])
  t.equal(new Set(types).size, types.length, 'each metric is declared once')
  for (const line of [
    'god_kaiser_mqtt_connected 1',
    'god_kaiser_esp_total 1',
    'kaiser_devices{status="online"} 1',
    'kaiser_messages_processed_total 1',
    'kaiser_messages_failed_total 1',
    'kaiser_codes_total{code="payload_not_json"} 1',
    'kaiser_storage_state{state="ok"} 1',
    'kaiser_storage_state{state="open"} 0',
    'kaiser_mqtt_connections 1',
    'kaiser_sensors 1',
    'kaiser_actuators{state="on"} 0',
    'kaiser_actuators_doubtful 0',
    'kaiser_commands_unfinished 0',
    'kaiser_emergency_stops 0',
  ])
    t.ok(lines.includes(line), line)
  for (const name of ['god_kaiser_uptime_seconds', 'god_kaiser_cpu_percent', 'god_kaiser_memory_percent'])
    t.match(text, new RegExp(`^${name} \\d`, 'm'))
  t.match(text, /^kaiser_latency_seconds\{stage="ack",quantile="0.99"\} \d/m)
})

t.test(
  'while storage fails kaiser is degraded and not ready, and says so; then it is well again',
  async (t) => {
    const app = await openApp(t)
    t.match(await request(app, 'GET', '/health/ready'), { body: { checks: { database: true, mqtt: true } } })
    const device = await connected(t, app)
    const outsider = new Database(join(app.dir, 'kaiser.db'))
    t.teardown(() => outsider.close())
    outsider.exec('BEGIN IMMEDIATE')
    device.publish(topicOf(), reading(1), { qos: 1 })

    await until(
      async () => (await request(app, 'GET', '/health/ready')).status === 503,
      'kaiser to be unready',
    )
    t.match(await request(app, 'GET', '/health/ready'), {
      body: { success: false, ready: false, checks: { database: false }, detail: /storage is/ },
    })
    t.match((await request(app, 'GET', '/health')).body, { status: 'degraded' })

    outsider.exec('ROLLBACK')
    await until(async () => {
      const { checks } = (await request(app, 'GET', '/health/ready')).body as {
        checks: { database: boolean }
      }
      return checks.database
    }, 'storage to be well')
    await until(() => app.store.readings.count() === 1, 'the reading')
  },
)
