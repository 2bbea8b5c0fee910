/**
 * The seed's tables and checklist, row by row, each through real sockets against a whole kaiser. A row is
 * named as the seed names it; what belongs to a later part of kaiser is added with that part.
 */
import { once } from 'node:events'
import SQLite from 'better-sqlite3'
import mqtt from 'mqtt'
import t from 'tap'
import { WebSocket } from 'ws'
import { handlers } from '../routing/handlers/index.js'
import { ask, setUp } from './support/administrator.js'
import { type OpenApp, type OpenOptions, openApp, type Teardown } from './support/app.js'
import { connectMqtt, publishAcknowledged } from './support/client.js'
import { DEVICE, seedHeartbeat, seedMock, seedPh } from './support/samples.js'

const topics = {
  sensor: (gpio = 4, esp_id = DEVICE) => `kaiser/god/esp/${esp_id}/sensor/${gpio}/data`,
  heartbeat: (esp_id = DEVICE) => `kaiser/god/esp/${esp_id}/system/heartbeat`,
}
const fresh = () => ({ ts: Math.floor(Date.now() / 1000) })

interface House {
  app: OpenApp
  token: string
  publish: (topic: string, payload: unknown) => Promise<unknown>
  rows: (sql: string) => Record<string, unknown>[]
  /** Opens the realtime WebSocket; the next event of a type is awaited with `next`. */
  watch: (
    filters?: object,
  ) => Promise<{ next: (type: string) => Promise<Record<string, unknown>>; types: string[] }>
}

/** A house with a registered device, a client and an administrator. */
async function house(t: Teardown, options: OpenOptions = {}): Promise<House> {
  const app = await openApp(t, options)
  const { access_token: token } = await setUp(app.origin)
  const client = await connectMqtt(t, app.mqttPort)
  return {
    app,
    token,
    publish: (topic, payload) =>
      publishAcknowledged(client, topic, typeof payload === 'string' ? payload : JSON.stringify(payload)),
    rows(sql) {
      const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
      try {
        return db.prepare<[], Record<string, unknown>>(sql).all()
      } finally {
        db.close()
      }
    },
    async watch(filters) {
      const socket = new WebSocket(
        `${app.origin.replace('http', 'ws')}/api/v1/ws/realtime/client_1_abc?token=${token}`,
      )
      t.teardown(() => socket.terminate())
      const types: string[] = []
      const heard: { type: string; data: Record<string, unknown> }[] = []
      const waiting: (() => void)[] = []
      socket.on('message', (bytes) => {
        const event = JSON.parse(bytes.toString())
        types.push(event.type)
        heard.push(event)
        for (const wake of waiting.splice(0)) wake()
      })
      await once(socket, 'open')
      if (filters) socket.send(JSON.stringify({ action: 'subscribe', filters }))
      return {
        types,
        async next(type) {
          for (;;) {
            const at = heard.findIndex((event) => event.type === type)
            if (at >= 0) return heard.splice(at, 1)[0]!.data
            await new Promise<void>((resolve) => waiting.push(resolve))
          }
        },
      }
    },
  }
}

t.test('Voraussetzungen', async (t) => {
  t.test('Server läuft; WebSocket-Endpoint aktiv; mindestens ein ESP32 registriert', async (t) => {
    const { app, token, watch } = await house(t, { discovery: 'off' })
    t.match(await ask(app.origin, '/health'), { status: 200, body: { status: 'healthy' } })
    await watch()
    const created = await ask(app.origin, '/esp/devices', token, {
      method: 'POST',
      body: { device_id: DEVICE },
    })
    t.match(created, { status: 201, body: { device_id: DEVICE, status: 'unknown', mqtt_username: DEVICE } })
  })
})

t.test('1.2 Topic-Subscriptions', async (t) => {
  t.test('kaiser/{kaiser_id}/esp/+/sensor/+/data: Sensor-Messwerte', async (t) => {
    const { publish, rows } = await house(t)
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    t.match(rows('SELECT esp_id, gpio, sensor_type FROM sensor_data'), [
      { esp_id: DEVICE, gpio: 4, sensor_type: 'ph' },
    ])
  })
  t.test('kaiser/{kaiser_id}/esp/+/system/heartbeat: Heartbeats', async (t) => {
    const { publish, rows } = await house(t)
    await publish(topics.heartbeat(), seedHeartbeat)
    t.match(rows('SELECT device_id, status FROM esp_devices'), [{ device_id: DEVICE, status: 'online' }])
  })
  t.test('kaiser/{kaiser_id}/discovery/esp32_nodes: Discovery (deprecated)', async (t) => {
    const { publish, rows } = await house(t, { discovery: 'pending' })
    await publish('kaiser/god/discovery/esp32_nodes', { esp_id: 'ESP_OLD' })
    t.match(rows(`SELECT status FROM esp_devices WHERE device_id = 'ESP_OLD'`), [
      { status: 'pending_approval' },
    ])
  })
})

t.test('2.1 Dispatch-Flow: ESP32 publishes → handler → DB Save → WebSocket → Frontend', async (t) => {
  const { publish, rows, watch } = await house(t)
  const watcher = await watch()
  await publish(topics.sensor(), { ...seedPh, ...fresh() })
  await watcher.next('sensor_data')
  t.equal(rows('SELECT * FROM sensor_data').length, 1)
})

t.test('2.2 Topic-Pattern-Matching: a wildcard stands for one level, and a dot for a dot', async (t) => {
  const { app, publish } = await house(t)
  await publish('kaiser/god/esp/A/B/sensor/4/data', seedPh)
  await publish('kaiser/god/esp/ESP_12AB34CD/systemXheartbeat', seedHeartbeat)
  t.equal(app.stats.codes().topic_unrouted, 2)
})

t.test('3.1 sensor_handler', async (t) => {
  t.test('1 Topic parsen: the topic is authoritative for esp_id and gpio', async (t) => {
    const { app, publish, rows } = await house(t)
    await publish(topics.sensor(5), { ...seedPh, ...fresh() })
    t.strictSame(rows('SELECT * FROM sensor_data'), [])
    t.equal(app.stats.codes().device_mismatch, 1)
  })
  t.test('2 Payload validieren', async (t) => {
    const { app, publish } = await house(t)
    await publish(topics.sensor(), { ...seedPh, sensor_type: undefined })
    t.match(
      app.logged.find(({ code }) => code === 'payload_invalid'),
      { detail: /sensor_type/ },
    )
  })
  t.test('3 ESP-Device lookup: a stranger is refused and told how to be let in', async (t) => {
    const { app, publish } = await house(t, { discovery: 'off' })
    await publish(topics.sensor(), seedPh)
    t.match(
      app.logged.find(({ code }) => code === 'device_unknown'),
      { level: 40, msg: /Unknown ESP.*POST \/api\/v1\/esp\/devices/ },
    )
  })
  t.test('5, 6 Wert verarbeiten, in DB speichern with data_source detection', async (t) => {
    const { publish, rows } = await house(t)
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    await publish(topics.sensor(4, 'MOCK_001'), { ...seedMock, ts: Date.now() })
    t.match(rows('SELECT * FROM sensor_data ORDER BY esp_id'), [
      { raw_value: 2048, processed_value: 6.47, processing_mode: 'pi_enhanced', data_source: 'production' },
      { raw_value: 22.5, processed_value: 22.5, processing_mode: 'local', data_source: 'mock' },
    ])
  })
  t.test('7 WebSocket broadcast (sensor_data Event)', async (t) => {
    const { publish, watch } = await house(t)
    const watcher = await watch()
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    t.match(await watcher.next('sensor_data'), {
      esp_id: DEVICE,
      gpio: 4,
      sensor_type: 'ph',
      value: 6.47,
      raw_value: 2048,
      quality: 'stale',
    })
  })
  t.test('8 Logic Engine triggern, non-blocking', async (t) => {
    const { app, publish } = await house(t)
    const asked = new Promise((resolve) => app.evaluation.listen(resolve))
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    t.match(await asked, { esp_id: DEVICE, raw_value: 2048 })
  })
})

t.test('3.3 heartbeat_handler', async (t) => {
  t.test('2 Payload validieren (ts, uptime, heap_free/free_heap, wifi_rssi)', async (t) => {
    const { app, publish } = await house(t)
    for (const field of ['uptime', 'heap_free', 'wifi_rssi'])
      await publish(topics.heartbeat(), { ...seedHeartbeat, [field]: undefined })
    t.equal(app.stats.codes().payload_invalid, 3)
    const { heap_free: free_heap, ...rest } = seedHeartbeat
    await publish(topics.heartbeat(), { ...rest, free_heap })
    t.equal(app.stats.subscriber().messages_processed, 1)
  })
  t.test('4, 5, 6 last_seen, Health-Status, Metadata aktualisieren', async (t) => {
    const { publish, rows } = await house(t)
    const before = Date.now()
    await publish(topics.heartbeat(), seedHeartbeat)
    const [device] = rows('SELECT * FROM esp_devices')
    t.match(device, {
      status: 'online',
      heap_free: 45000,
      wifi_rssi: -45,
      uptime: 3600,
      sensor_count: 3,
      actuator_count: 2,
    })
    t.ok(Number(device!.last_seen) >= before, 'server time, not the device’s of 2025')
  })
  t.test('7 WebSocket broadcast (esp_health Event)', async (t) => {
    const { publish, watch } = await house(t)
    const watcher = await watch()
    await publish(topics.heartbeat(), seedHeartbeat)
    t.match(await watcher.next('esp_health'), {
      esp_id: DEVICE,
      status: 'online',
      heap_free: 45000,
      wifi_rssi: -45,
      uptime: 3600,
      sensor_count: 3,
      actuator_count: 2,
    })
  })
})

t.test('4 Frontend WebSocket-Integration', async (t) => {
  t.test(
    '4.1 ws://{host}/api/v1/ws/realtime/{client_id}?token={jwt}; without a good token there is no connection',
    async (t) => {
      const { app } = await house(t)
      const socket = new WebSocket(`${app.origin.replace('http', 'ws')}/api/v1/ws/realtime/x?token=wrong`)
      const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
      t.equal(answer.statusCode, 401)
      socket.on('error', () => {})
      socket.terminate()
    },
  )
  t.test('Subscription-based filtering (types, esp_ids, sensor_types)', async (t) => {
    const { publish, watch } = await house(t)
    const watcher = await watch({ types: ['sensor_data'], esp_ids: ['MOCK_001'], sensor_types: ['DS18B20'] })
    await publish(topics.heartbeat(), seedHeartbeat)
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    await publish(topics.sensor(4, 'MOCK_001'), { ...seedMock, ts: Date.now() })
    await watcher.next('sensor_data')
    t.strictSame(watcher.types, ['sensor_data'])
  })
  t.test('Rate limiting: 10 messages/second per client', async (t) => {
    const { publish, watch } = await house(t, { wsRate: 10 })
    const watcher = await watch()
    await Promise.all(
      Array.from({ length: 30 }, (_, gpio) => publish(topics.sensor(gpio), { ...seedPh, gpio, ...fresh() })),
    )
    t.ok(watcher.types.length <= 10, `${watcher.types.length} frames in the first moment`)
  })
})

t.test('5.3 Payload-Kompatibilität: the mock’s payload is taken as it stands', async (t) => {
  const { publish, rows } = await house(t)
  await publish(topics.sensor(4, 'MOCK_001'), seedMock)
  t.match(rows('SELECT esp_id, raw_value, unit, quality, timestamp FROM sensor_data'), [
    { esp_id: 'MOCK_001', raw_value: 22.5, unit: '°C', quality: 'good', timestamp: 1735818000000 },
  ])
})

t.test('6 Handler-Level Errors', async (t) => {
  const cases: [row: string, payload: unknown, code: string, level: number, options?: OpenOptions][] = [
    ['JSON Parse Error: Message verwerfen, ERROR', '{"ts":', 'payload_not_json', 50],
    ['Invalid Payload: Message verwerfen, WARNING', {}, 'payload_invalid', 40],
    ['Unknown ESP: Message verwerfen, WARNING', seedPh, 'device_unknown', 40, { discovery: 'off' }],
  ]
  for (const [row, payload, code, level, options] of cases)
    t.test(row, async (t) => {
      const { app, publish, rows } = await house(t, options)
      await publish(topics.sensor(), payload)
      t.match(
        app.logged.find((line) => line.code === code),
        { level },
      )
      t.strictSame(rows('SELECT * FROM sensor_data'), [])
      t.match(rows('SELECT code FROM rejects'), [{ code }])
    })
  t.test('DB Error: Log, continue, ERROR', async (t) => {
    const { app, publish, rows } = await house(t)
    const outsider = new SQLite(`${app.dir}/kaiser.db`)
    outsider.exec('BEGIN IMMEDIATE')
    const acknowledged = publish(topics.sensor(), { ...seedPh, ...fresh() })
    while (!app.logged.some(({ code }) => code === 'storage_unavailable'))
      await new Promise((resolve) => setTimeout(resolve, 10))
    t.match(
      app.logged.find(({ code }) => code === 'storage_unavailable'),
      { level: 50 },
    )
    outsider.exec('ROLLBACK')
    outsider.close()
    await acknowledged
    t.equal(rows('SELECT * FROM sensor_data').length, 1)
  })
  t.test('WebSocket Error: Log, continue, WARNING', async (t) => {
    const { app, publish, rows, watch } = await house(t)
    const watcher = await watch()
    const broken = {
      wants() {
        throw new Error('this socket is broken')
      },
      flush() {},
      close() {},
      ended() {},
      frames: 0,
    }
    app.hub.join('broken', broken as never)
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    t.match(await watcher.next('sensor_data'), { esp_id: DEVICE }, 'the others hear it')
    t.equal(rows('SELECT * FROM sensor_data').length, 1)
    t.match(
      app.logged.find(({ code }) => code === 'socket_failed'),
      { level: 40 },
    )
  })
})

t.test('6 Connection-Level Errors', async (t) => {
  t.test('MQTT Disconnect: what still dials (our mocks) reconnects by itself', async (t) => {
    const { app, watch } = await house(t, { demo: true })
    const watcher = await watch({ esp_ids: ['MOCK_TANK'] })
    await watcher.next('sensor_data')
    // Another client with its id takes over; the mock comes back.
    const thief = mqtt.connect(`mqtt://127.0.0.1:${app.mqttPort}`, {
      clientId: 'MOCK_TANK',
      reconnectPeriod: 0,
    })
    await new Promise<void>((resolve) => thief.once('close', resolve))
    await watcher.next('sensor_data')
    thief.end(true)
  })
  t.test('Handler Exception: Isolate, continue processing', async (t) => {
    const broken = {
      ...handlers.heartbeat!,
      handle: () => {
        throw new Error('a bug')
      },
    }
    const { publish, rows } = await house(t, { extraHandlers: { heartbeat: broken } })
    await publish(topics.heartbeat(), seedHeartbeat)
    await publish(topics.sensor(), { ...seedPh, ...fresh() })
    t.equal(rows('SELECT * FROM sensor_data').length, 1)
  })
})

t.test('6.2 Subscriber Stats: messages_processed, messages_failed, success_rate', async (t) => {
  const { app, token, publish } = await house(t)
  await publish(topics.sensor(), { ...seedPh, ...fresh() })
  await publish(topics.heartbeat(), seedHeartbeat)
  await publish(topics.sensor(), '{')
  const { body } = await ask(app.origin, '/health/detailed', token)
  t.match(body.subscriber, {
    messages_processed: 2,
    messages_failed: 1,
    success_rate: 66.67,
    codes: { payload_not_json: 1 },
    latency: { handler: { count: 3 } },
  })
})

t.test('7.1 Log: "No handler registered"', async (t) => {
  const { app, publish } = await house(t)
  await publish('kaiser/god/esp/ESP_12AB34CD/sensors/4/data', seedPh)
  t.match(
    app.logged.find(({ code }) => code === 'topic_unrouted'),
    { level: 40, msg: /^No handler registered/ },
  )
})

t.test(
  '7.2 mosquitto_sub -t "kaiser/#" -v: alle MQTT-Messages auf dem Broker, in beide Richtungen',
  async (t) => {
    const { app, publish } = await house(t)
    const listener = await connectMqtt(t, app.mqttPort)
    const heard: string[] = []
    const both = new Promise<void>((resolve) => {
      listener.on('message', (topic) => {
        // kaiser's own events are said there too.
        if (!topic.startsWith('kaiser/god/event/')) heard.push(topic)
        if (heard.length === 3) resolve()
      })
    })
    await listener.subscribeAsync('kaiser/#')
    await publish(topics.heartbeat(), seedHeartbeat)
    // The other direction is kaiser's own: what devices obey passes its gate.
    await app.broker.publish({
      topic: 'kaiser/god/esp/ESP_12AB34CD/actuator/5/command',
      payload: JSON.stringify({ command: 'OFF' }),
      qos: 1,
      retain: false,
    })
    await both
    t.strictSame(heard.sort(), [
      'kaiser/god/esp/ESP_12AB34CD/actuator/5/command',
      'kaiser/god/esp/ESP_12AB34CD/system/heartbeat',
      'kaiser/god/esp/ESP_12AB34CD/system/heartbeat/ack',
    ])
  },
)
