import t from 'tap'
import { boundNames } from '../../broker/bounds.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { client, connected, counted, hears, logged, reading, topicOf, webSocket } from '../support/mqtt.js'
import { openWire, PUBACK, publish, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { until } from '../support/until.js'

t.test('an administrator sees every bound, and which was hit', async (t) => {
  const app = await openApp(t, { bounds: { packet_bytes: 1_024 } })
  const { admin, operator } = await people(app)
  const list = async () =>
    (await request(app, 'GET', '/broker/bounds', { token: admin })).body.data as Record<string, unknown>[]

  const before = await list()
  t.strictSame(
    before.map(({ name }) => name),
    boundNames,
  )
  t.ok(before.every(({ hits, last_hit_at }) => hits === 0 && last_hit_at === null))

  const giant = await openWire(t, app.mqttPort, { clientId: 'giant' })
  giant.send(publish('lab/x', Buffer.alloc(2_000)))
  await giant.end()

  t.match(
    (await list()).filter(({ hits }) => hits !== 0),
    [
      {
        name: 'packet_bytes',
        flag: '--max-packet-bytes',
        value: 1_024,
        unit: 'bytes',
        hits: 1,
        last_hit_at: /Z$/,
      },
    ],
  )
  t.match(await request(app, 'GET', '/broker/bounds', { token: operator }), { status: 403 })
})

t.test('an administrator sees who is connected: how, since when, what it does and hears', async (t) => {
  const app = await openApp(t, { demo: true })
  const { admin, viewer } = await people(app)
  const list = async (query = '') =>
    (await request(app, 'GET', `/broker/clients${query}`, { token: admin })).body as {
      data: Record<string, unknown>[]
      pagination: Record<string, unknown>
    }
  const old = await openWire(t, app.mqttPort, {
    clientId: 'ESP_12AB34CD',
    version: 3,
    keepAlive: 60,
    clean: false,
    will: { topic: 'lab/gone', payload: 'x' },
  })
  old.send(subscribe('lab/#', 1), publish(topicOf(), reading(1), 1, 7))
  await old.packet(SUBACK)
  await old.packet(PUBACK)
  const sender = client(t, webSocket(app), { clientId: 'page', keepalive: 30 })
  await until(() => sender.connected, 'the page')
  await sender.publishAsync('lab/a', 'hello', { qos: 1 })
  await old.packet(3)

  const [found] = (await list('?client_id=ESP_12AB34CD')).data
  t.match(found, {
    client_id: 'ESP_12AB34CD',
    identity: { kind: 'anonymous', name: null },
    address: '127.0.0.1',
    port: Number,
    transport: 'tcp',
    protocol: 'MQTT 3.1',
    clean_session: false,
    keep_alive: 60,
    connected_at: /Z$/,
    last_message_at: /Z$/,
    received: { packets: 3, messages: 1 },
    sent: { packets: 4, messages: 1 },
    unacknowledged: 1,
    queue: { messages: 1, bytes: 10 },
    subscriptions: [{ filter: 'lab/#', qos: 1 }],
    will_topic: 'lab/gone',
  })
  t.equal((found!.received as { bytes: number }).bytes, old.socket.bytesWritten)
  t.equal((found!.sent as { bytes: number }).bytes, old.socket.bytesRead)
  t.ok((found!.received as { rate: number }).rate > 0)
  t.match(await list('?client_id=page'), {
    data: [{ transport: 'websocket', protocol: 'MQTT 3.1.1', keep_alive: 30, will_topic: null }],
    pagination: { total_items: 1 },
  })

  const all = await list('?page_size=2')
  t.equal(all.data.length, 2)
  t.match(all.pagination, { total_items: 8, total_pages: 4 })
  t.match(
    (await list()).data.filter(({ transport }) => transport === 'inside'),
    Array(6).fill({ address: null }),
    'the demo is inside',
  )
  t.equal((await list('?address=192.0.2.1')).pagination.total_items, 0)
  t.match(await request(app, 'GET', '/broker/clients', { token: viewer }), { status: 403 })
})

t.test('an administrator closes a connection: the Will is published, and it is written down', async (t) => {
  const app = await openApp(t)
  const { admin, operator } = await people(app)
  const reader = await connected(t, app)
  const heard = hears(reader)
  await reader.subscribeAsync('lab/#')
  const odd = 'a/b c%ü'
  const victim = await openWire(t, app.mqttPort, {
    clientId: odd,
    will: { topic: 'lab/gone', payload: 'bye' },
  })
  const kick = (token: string) =>
    request(app, 'DELETE', `/broker/clients/${encodeURIComponent(odd)}`, { token })

  t.match(await kick(operator), { status: 403 })
  t.match(await kick(admin), { status: 200, body: { success: true, client_id: odd } })
  await victim.end()
  await until(() => heard.length === 1, 'the Will')
  t.strictSame(heard, ['lab/gone bye'])
  t.equal(counted(app, 'client_kicked'), 1)
  t.match(logged(app, 'client_kicked'), [{ device: odd }])
  t.match(await kick(admin), { status: 404 })
  await until(
    async () =>
      (
        (await request(app, 'GET', '/audit?event_type=client_kicked', { token: admin })).body
          .data as unknown[]
      ).length === 1,
    'the audit',
  )
})

t.test('an administrator lists and clears retained messages', async (t) => {
  const app = await openApp(t)
  const { admin } = await people(app)
  // What kaiser retains itself is not this test's.
  await app.broker.publish({ topic: 'kaiser/god/server/status', payload: '', qos: 0, retain: true })
  const sender = await connected(t, app)
  for (const topic of ['lab/a', 'lab/b', 'lab/b/c', 'other'])
    await sender.publishAsync(topic, `${topic}!`, { qos: 1, retain: true })
  const config = 'kaiser/god/esp/ESP_1/config'
  await app.broker.publish({ topic: config, payload: '{"wifi_password":"secret"}', qos: 1, retain: true })
  await sender.publishAsync('binary', Buffer.from([0, 255]), { qos: 1, retain: true })
  const list = async (query = '') =>
    (await request(app, 'GET', `/broker/retained${query}`, { token: admin })).body as {
      data: Record<string, unknown>[]
    }
  const topics = async (query = '') => (await list(query)).data.map(({ topic }) => topic)

  t.strictSame(await topics(), ['binary', config, 'lab/a', 'lab/b', 'lab/b/c', 'other'])
  t.match((await list('?filter=lab/a')).data, [
    { topic: 'lab/a', qos: 1, payload: 'lab/a!', payload_bytes: 6, payload_base64: 'bGFiL2Eh' },
  ])
  t.match((await list('?filter=binary')).data, [{ payload_base64: 'AP8=', payload_bytes: 2 }])
  t.match((await list('?filter=kaiser/%23')).data, [
    { payload: null, payload_base64: null, payload_bytes: 26 },
  ])
  t.match(await list('?page_size=2&page=2'), { pagination: { total_items: 6, has_next: true } })

  const clear = (filter: string) => request(app, 'DELETE', `/broker/retained${filter}`, { token: admin })
  t.match(await clear('?filter=lab/b/%23'), { status: 200, body: { cleared: 2 } })
  t.strictSame(await topics('?filter=lab/%23'), ['lab/a'])
  t.match(await clear('?filter=lab/b'), { status: 404 })
  t.match(await clear(''), { status: 422 }, 'not everything by mistake')
  const late = await connected(t, app)
  const heard = hears(late)
  await late.subscribeAsync('lab/#')
  await late.publishAsync('lab/end', '', { qos: 1 })
  await until(() => heard.includes('lab/end '), 'what is retained')
  t.strictSame(heard, ['lab/a lab/a!', 'lab/end '])
})

t.test('what goes over the wire is counted for Prometheus and for health', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const device = await connected(t, app)
  await device.publishAsync('lab/x', '12345', { qos: 1 })
  const { mqtt } = (await request(app, 'GET', '/health/detailed', { token: viewer })).body as {
    mqtt: Record<string, unknown>
  }
  t.match(mqtt, {
    received: { packets: 2, publishes: 1, payload_bytes: 5 },
    sent: { packets: 2, publishes: 0, payload_bytes: 0 },
    bound_hits: { packet_bytes: 0 },
  })
  const text = await (await fetch(`${app.origin}/api/v1/health/metrics`)).text()
  t.match(text, 'kaiser_mqtt_packets_total{direction="received"} 2')
  t.match(text, 'kaiser_mqtt_bound_hits_total{bound="connections"} 0')
  t.match(text, 'kaiser_mqtt_clients 1')
})
