import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { connected, reading, topicOf } from '../support/mqtt.js'
import { listen, ticket } from '../support/socket.js'
import { until } from '../support/until.js'

t.test('a reading is heard with exactly the fields of the contract, its topic among them', async (t) => {
  const app = await openApp(t)
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  const device = await connected(t, app)
  const before = Math.floor(Date.now() / 1000)

  await device.publishAsync(topicOf(), reading(25), { qos: 1 })

  const frame = await page.frame(1)
  t.strictSame(Object.keys(frame), ['type', 'timestamp', 'data', 'cursor'])
  t.equal(frame.type, 'sensor_data')
  t.ok(frame.timestamp >= before && frame.timestamp < before + 60, 'server time in seconds')
  t.strictSame(frame.data, {
    esp_id: 'ESP_12AB34CD',
    device_id: 'ESP_12AB34CD',
    gpio: 4,
    sensor_type: 'ds18b20',
    address: null,
    value: 22.5,
    raw_value: 22.5,
    processed_value: 22.5,
    unit: '°C',
    quality: 'good',
    processing_mode: 'local',
    data_source: 'production',
    timestamp: (JSON.parse(reading(25)) as { ts: number }).ts / 1000,
    time_source: frame.data.time_source,
    zone_id: null,
    topic: topicOf(),
  })
})

t.test('a heartbeat is heard as health', async (t) => {
  const app = await openApp(t)
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  const device = await connected(t, app)
  const topic = 'kaiser/god/esp/ESP_1/system/heartbeat'
  await device.publishAsync(topic, '{"uptime":7,"heap_free":9,"wifi_rssi":-50,"sensor_count":2}', { qos: 1 })
  const { type, data } = await page.frame(1)
  t.equal(type, 'esp_health')
  t.match(data.timestamp, Number)
  t.strictSame(
    { ...data, timestamp: 0 },
    {
      esp_id: 'ESP_1',
      device_id: 'ESP_1',
      status: 'online',
      health_status: 'critical',
      system_state: null,
      flapping: false,
      heap_free: 9,
      wifi_rssi: -50,
      uptime: 7,
      sensor_count: 2,
      actuator_count: 0,
      last_seen: data.timestamp,
      timestamp: 0,
      topic,
    },
  )
})

/** Devices that were heard before the page looks: that they came online is no news. */
const online = async (device: Awaited<ReturnType<typeof connected>>, ...ids: string[]): Promise<void> => {
  for (const id of ids)
    await device.publishAsync(
      `kaiser/god/esp/${id}/system/heartbeat`,
      '{"uptime":0,"heap_free":1,"wifi_rssi":-1}',
      {
        qos: 1,
      },
    )
}

const said = (frames: readonly { data: Record<string, unknown> }[]) => frames.map(({ data }) => data.esp_id)

t.test('filters are an AND, an empty one asks for all, each replaces the one before', async (t) => {
  const app = await openApp(t)
  const device = await connected(t, app)
  await online(device, 'A', 'B')
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  let n = 0
  /** What the page hears of one reading and one heartbeat of two devices each, in its present filter. */
  const hears = async (): Promise<unknown[]> => {
    page.frames.length = 0
    n++
    for (const id of ['A', 'B']) {
      await device.publishAsync(topicOf(id), reading(n, id), { qos: 1 })
      await device.publishAsync(
        `kaiser/god/esp/${id}/system/heartbeat`,
        '{"uptime":1,"heap_free":1,"wifi_rssi":-1}',
        { qos: 1 },
      )
    }
    await page.filter({ types: ['nothing'] })
    return page.frames.map(({ type, data }) => `${type} ${String(data.esp_id)}`)
  }
  const all = ['sensor_data A', 'esp_health A', 'sensor_data B', 'esp_health B']
  t.strictSame(await hears(), all, 'a fresh page hears everything')

  const rows: readonly (readonly [object | null, string[]])[] = [
    [{ types: ['sensor_data'] }, ['sensor_data A', 'sensor_data B']],
    [{ types: ['sensor_data'], esp_ids: ['B'] }, ['sensor_data B']],
    [{ esp_ids: ['A'] }, ['sensor_data A', 'esp_health A']],
    [{ sensor_types: ['DS18B20'] }, all],
    [{ sensor_types: ['temperature_ds18b20'] }, all],
    [{ sensor_types: ['ph'] }, ['esp_health A', 'esp_health B']],
    [{ types: [], esp_ids: null, topicPattern: '#' }, all],
    [{}, all],
    [null, all],
  ]
  for (const [filters, expected] of rows) {
    await page.filter(filters)
    t.strictSame(await hears(), expected, JSON.stringify(filters))
  }
})

t.test('unsubscribing takes words out, or with null clears everything', async (t) => {
  const app = await openApp(t)
  const device = await connected(t, app)
  await online(device, 'A', 'B', 'C')
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  let n = 0
  const hears = async (): Promise<unknown[]> => {
    page.frames.length = 0
    n++
    for (const id of ['A', 'B', 'C']) await device.publishAsync(topicOf(id), reading(n, id), { qos: 1 })
    page.socket.ping()
    await new Promise((resolve) => page.socket.once('pong', resolve))
    return said(page.frames)
  }
  await page.filter({ esp_ids: ['A', 'B'] })
  t.strictSame(await hears(), ['A', 'B'])
  await page.filter({ esp_ids: ['A'] }, 'unsubscribe')
  t.strictSame(await hears(), ['B'])
  await page.filter({ esp_ids: ['B'] }, 'unsubscribe')
  t.strictSame(await hears(), ['A', 'B', 'C'], 'an emptied list asks for all')
  await page.filter({ esp_ids: ['A'] })
  await page.filter(null, 'unsubscribe')
  t.strictSame(await hears(), ['A', 'B', 'C'])
})

t.test('an event that cannot be told touches neither row, acknowledgement nor later events', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const page = await listen(t, app, access_token)
  await listen(t, app, await ticket(app, access_token), 'second')
  const loop: Record<string, unknown> = {}
  loop.self = loop

  app.hub.emit({ type: 'system_event', data: { event_type: 'start', message: 'x', details: loop } })

  t.equal(app.stats.codes().socket_failed, 1, 'it is counted once')
  t.match(
    app.logged.filter(({ code }) => code === 'socket_failed'),
    [{ level: 40, err: { message: /circular/ } }],
  )
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  t.equal((await page.frame(1)).type, 'sensor_data')
})

t.test('without a limit a burst of 5,000 readings is heard whole and in order', async (t) => {
  const app = await openApp(t, { wsRate: 0 })
  const page = await listen(t, app, (await setUp(app.origin)).access_token)
  const devices = await Promise.all(Array.from({ length: 10 }, () => connected(t, app)))
  await Promise.all(
    devices.flatMap((device, d) =>
      Array.from({ length: 500 }, (_, n) =>
        device.publishAsync(topicOf(`ESP_${d}`), reading(n, `ESP_${d}`), { qos: 1 }),
      ),
    ),
  )
  await until(() => page.frames.length >= 5_010, 'the burst')
  for (let d = 0; d < 10; d++) {
    const times = page.frames
      .filter(({ type, data }) => type === 'sensor_data' && data.esp_id === `ESP_${d}`)
      .map(({ data }) => data.timestamp)
    t.strictSame(times, [...times].sort(), `ESP_${d}`)
    t.equal(times.length, 500)
  }
  t.notOk(page.frames.some(({ skipped }) => skipped))
})
