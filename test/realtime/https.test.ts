import { once } from 'node:events'
import t from 'tap'
import WebSocket from 'ws'
import { client, connected, counted, hears, reading, stored, topicOf } from '../support/mqtt.js'
import { administrator, authority, openSecurely, replace, request, trusting } from '../support/tls.js'
import { until } from '../support/until.js'

t.test('with a certificate the HTTP port speaks HTTPS: page, REST, headers', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  t.match(app.origin, /^https:/)
  const health = await request(app, '/api/v1/health', home.ca)
  t.match(health, { status: 200, fingerprint: home.fingerprint() })
  t.match(JSON.parse(health.body), { status: 'healthy' })
  const page = await request(app, '/', home.ca)
  t.match(page.body, /<!doctype html>/i)
  t.match(page.headers['content-security-policy'], /wss:/)
  t.equal(page.headers['strict-transport-security'], undefined, 'the way back to plain HTTP stays open')
  t.match(JSON.parse((await request(app, '/api/v1/auth/status', home.ca)).body), { mqtt_tls_enabled: true })
  await t.rejects(request(app, '/', (await authority(t)).ca), 'who trusts somebody else gets no answer')
  await t.rejects(fetch(`http://127.0.0.1:${app.httpPort}/`), 'plain HTTP gets no answer')
})

t.test('realtime events over wss', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const access = await administrator(app, home.ca)
  const socket = new WebSocket(`wss://127.0.0.1:${app.httpPort}/api/v1/ws/realtime/page?token=${access}`, {
    ca: home.ca,
  })
  t.teardown(() => socket.terminate())
  const frames: string[] = []
  socket.on('message', (frame) => frames.push(String(frame)))
  await once(socket, 'open')
  socket.send(JSON.stringify({ action: 'subscribe', filters: { types: ['sensor_data'] } }))
  socket.ping()
  await once(socket, 'pong')
  const device = await connected(t, app)
  await device.publishAsync(topicOf(), reading(1), { qos: 1 })
  await until(() => frames.length === 1, 'the event')
  t.match(JSON.parse(frames[0]!), { type: 'sensor_data', data: { esp_id: 'ESP_12AB34CD' } })
})

t.test('MQTT over wss', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const page = client(t, `wss://127.0.0.1:${app.httpPort}/mqtt`, trusting(home))
  await until(() => page.connected, 'the connection')
  const heard = hears(page)
  await page.subscribeAsync('kaiser/god/esp/#')
  await page.publishAsync(topicOf(), reading(1), { qos: 1 })
  await until(() => heard.length === 1, 'the message')
  t.equal(stored(app).length, 1)
})

t.test('a new certificate is served without a gap, and sockets that are open go on', async (t) => {
  const home = await authority(t)
  const app = await openSecurely(t, home)
  const before = home.fingerprint()
  const page = client(t, `wss://127.0.0.1:${app.httpPort}/mqtt`, trusting(home))
  await until(() => page.connected, 'the connection')

  const seen = new Set<string>()
  let asking = true
  const askers = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (asking) {
        const { status, fingerprint } = await request(app, '/api/v1/health', home.ca)
        if (status === 200) seen.add(fingerprint)
      }
    }),
  )
  for (let n = 1; n <= 3; n++) {
    await home.renew()
    const now = home.fingerprint()
    await until(() => seen.has(now), `certificate ${n + 1} to be seen`)
  }
  asking = false
  await askers
  t.equal(seen.size, 4, 'each was served, and no request failed meanwhile')
  t.ok(seen.has(before))

  const heard = hears(page)
  await page.subscribeAsync('greeting')
  await page.publishAsync('greeting', 'still here', { qos: 1 })
  await until(() => heard.length === 1, 'the message on the old connection')
  t.equal((await request(app, '/', home.ca)).fingerprint, home.fingerprint())
  await app.close()
  await until(() => !page.connected, 'the old connection to end with kaiser')
})

t.test('health says which certificate is served, until when, and why a newer one is not', async (t) => {
  const home = await authority(t)
  await home.renew(20)
  const app = await openSecurely(t, home)
  const access = await administrator(app, home.ca)
  const detailed = async () =>
    JSON.parse((await request(app, '/api/v1/health/detailed', home.ca, { token: access })).body)
  const soon = await detailed()
  t.match(soon, {
    status: 'healthy',
    tls: { fingerprint: home.fingerprint(), days_left: 19, reload_failed: null },
  })
  t.equal(counted(app, 'certificate_expires'), 1, 'and the log said so at the start')

  replace(home.files.server_key, 'no key')
  await until(() => counted(app, 'tls_reload_failed') === 1, 'the report')
  t.match(await detailed(), { status: 'degraded', tls: { reload_failed: /--tls-key/ } })

  await home.renew(825)
  await until(async () => (await detailed()).tls.fingerprint === home.fingerprint(), 'the new certificate')
  t.match(await detailed(), { status: 'healthy', tls: { reload_failed: null } })
})
