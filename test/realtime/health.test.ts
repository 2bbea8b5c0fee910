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
      subscriptions: Number,
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
      body: { success: false, ready: false, checks: { database: false } },
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
