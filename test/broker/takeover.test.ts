/** Two clients with one id: the older one is closed, counted, and when it goes on people are told. */
import { duplexPair } from 'node:stream'
import t from 'tap'
import { setUp } from '../support/administrator.js'
import { openApp } from '../support/app.js'
import { connected, logged, witness } from '../support/mqtt.js'
import { CONNACK, connect, openWire, PUBLISH, SUBACK, subscribe } from '../support/mqtt-wire.js'
import { listen } from '../support/socket.js'
import { until } from '../support/until.js'

const WILL = {
  topic: 'kaiser/god/esp/ESP_TWIN/system/will',
  payload: Buffer.from('{"status":"offline","esp_id":"ESP_TWIN","reason":"unexpected_disconnect"}'),
  qos: 1 as const,
  retain: true,
}
const HEARTBEAT = JSON.stringify({ ts: 0, uptime: 10, heap_free: 45_000, wifi_rssi: -45 })

t.test('a device that comes back takes its old connection’s place and stays online', async (t) => {
  const app = await openApp(t)
  const first = await connected(t, app, { clientId: 'ESP_TWIN', will: WILL })
  await first.publishAsync('kaiser/god/esp/ESP_TWIN/system/heartbeat', HEARTBEAT, { qos: 1 })
  t.equal(app.store.devices.find('ESP_TWIN')?.status, 'online')

  await connected(t, app, { clientId: 'ESP_TWIN', will: WILL })
  await until(() => !first.connected, 'the older connection to be closed')
  t.equal(app.stats.subscriber().messages_failed, 0, 'no message failed')
  t.equal(app.stats.codes().session_taken_over, 1)
  t.match(logged(app, 'session_taken_over'), [
    { client_id: 'ESP_TWIN', address: /^127\.0\.0\.1:\d+$/, instead_of: /^127\.0\.0\.1:\d+$/, level: 30 },
  ])
  t.equal(app.store.devices.find('ESP_TWIN')?.status, 'online', 'the Will of the old one says nothing')
  t.notOk(
    app.findings.list('ESP_TWIN').some(({ kind }) => kind === 'client_id_shared'),
    'once is everyday life',
  )
})

t.test('two devices with one id are a finding with both addresses, and one event', async (t) => {
  const app = await openApp(t)
  const { access_token } = await setUp(app.origin)
  const page = await listen(t, app, access_token)
  for (let n = 0; n < 6; n++) {
    const twin = await connected(t, app, { clientId: 'ESP_TWIN', will: WILL })
    await twin.publishAsync('kaiser/god/esp/ESP_TWIN/system/heartbeat', HEARTBEAT, { qos: 1 })
  }
  t.equal(app.stats.codes().session_taken_over, 5)
  const findings = app.findings.list('ESP_TWIN')
  const shared = findings.find(({ kind }) => kind === 'client_id_shared')
  t.match(shared, { count: 4, details: { client_id: 'ESP_TWIN', addresses: [/:\d+$/, /:\d+$/] } })
  const { addresses } = shared!.details as { addresses: string[] }
  t.not(addresses[0], addresses[1])
  const told = () => page.frames.filter(({ type }) => type === 'system_event').map(({ data }) => data)
  await until(() => told().some(({ event_type }) => event_type === 'takeover'), 'the event')
  t.equal(told().filter(({ event_type }) => event_type === 'takeover').length, 1)
  t.equal(told().filter(({ event_type }) => event_type === 'flapping').length, 1)
  t.ok(app.store.devices.find('ESP_TWIN')?.flapping_since)
})

t.test('a Will is cleared when its device is back, so that a late dashboard sees no dead one', async (t) => {
  const app = await openApp(t)
  const device = await connected(t, app, { clientId: 'ESP_TWIN', will: WILL })
  await device.publishAsync('kaiser/god/esp/ESP_TWIN/system/heartbeat', HEARTBEAT, { qos: 1 })
  device.stream.destroy()
  await until(() => app.store.devices.find('ESP_TWIN')?.status === 'offline', 'the Will')
  await until(async () => (await app.broker.retained()).length === 1, 'it to be retained')

  const early = await connected(t, app, { clientId: 'early' })
  const heard: string[] = []
  early.on('message', (topic, payload, { retain }) => heard.push(`${topic} ${retain} ${payload.length > 0}`))
  await early.subscribeAsync('kaiser/god/esp/ESP_TWIN/system/will')
  await until(() => heard.length === 1, 'the retained Will')
  t.strictSame(heard, [`${WILL.topic} true true`])

  const back = await connected(t, app, { clientId: 'ESP_TWIN' })
  await back.publishAsync('kaiser/god/esp/ESP_TWIN/system/heartbeat', HEARTBEAT, { qos: 1 })
  await until(() => heard.length === 2, 'that it is cleared')
  const late = await connected(t, app, { clientId: 'late' })
  const silence: string[] = []
  late.on('message', (topic) => silence.push(topic))
  await late.subscribeAsync('kaiser/god/esp/ESP_TWIN/system/will')
  await late.publishAsync('plant', '', { qos: 1 })
  t.strictSame(silence, [])
})

t.test('many connections that fight for one client id harm nobody; one of them stays', async (t) => {
  const app = await openApp(t)
  const works = await witness(t, app)
  const fighters = await Promise.all(Array.from({ length: 100 }, () => openWire(t, app.mqttPort)))
  for (const [n, fighter] of fighters.entries()) {
    fighter.send(connect({ clientId: 'ESP_TWIN', clean: n % 2 === 0 }))
    if (n % 10 === 0) await works()
  }
  await until(() => fighters.filter(({ closed }) => !closed).length === 1, 'one to be left')
  await until(() => app.broker.counters().connections === 2, 'the places of the others to be free')
  t.equal(app.broker.clients().filter(({ client_id }) => client_id === 'ESP_TWIN').length, 1)
  await works()
})

/** A later one finds an earlier one's session, its connection and its Will in any state. */
for (const cleanToo of [false, true])
  t.test(
    `a fight of ${cleanToo ? 'clean and lasting' : 'lasting'} sessions with Wills has one end`,
    async (t) => {
      const app = await openApp(t)
      const works = await witness(t, app)
      const listener = await connected(t, app, { clientId: 'listener' })
      const wills: string[] = []
      listener.on('message', (_topic, payload) => wills.push(JSON.parse(String(payload)).boot_id))
      await listener.subscribeAsync('kaiser/god/esp/+/system/will', { qos: 1 })

      const first = await openWire(t, app.mqttPort, { clientId: 'ESP_TWIN', clean: false })
      for (const filter of ['plant/a', 'plant/b', 'plant/#']) first.send(subscribe(filter, 1))
      await first.packet(SUBACK, 3)
      const fighters = await Promise.all(Array.from({ length: 30 }, () => openWire(t, app.mqttPort)))
      const accepted: number[] = []
      for (const [n, { socket, arrived }] of fighters.entries())
        socket.on('data', () => {
          if (arrived.some(({ type }) => type === CONNACK) && !accepted.includes(n)) accepted.push(n)
        })
      for (const [n, fighter] of fighters.entries()) {
        const payload = JSON.stringify({ ...JSON.parse(String(WILL.payload)), boot_id: `boot ${n}` })
        const clean = cleanToo && n % 3 === 0
        fighter.send(connect({ clientId: 'ESP_TWIN', clean, will: { ...WILL, payload } }))
        if (n % 5 === 4) await works()
      }
      const open = (): number[] => [...fighters.keys()].filter((n) => !fighters[n]!.closed)
      await until(() => open().length <= 1, 'one to be left')
      await until(() => app.broker.counters().connections === 3, 'the places of the others to be free')
      const [last] = open()
      t.equal(open().length, 1)
      await until(() => accepted.includes(last!), 'its CONNACK')
      t.equal(accepted.at(-1), last, 'the last one that was let in is left')
      t.strictSame(
        app.broker
          .clients()
          .filter(({ client_id }) => client_id === 'ESP_TWIN')
          .map(({ port }) => port),
        [fighters[last!]!.socket.localPort],
        'and listed',
      )

      const winner = fighters[last!]!
      winner.send(subscribe('plant/c', 1))
      await winner.packet(SUBACK)
      await listener.publishAsync('plant/c', 'hello', { qos: 1 })
      await winner.packet(PUBLISH)
      t.match(String(winner.arrived.find(({ type }) => type === PUBLISH)?.body), /hello/)

      const gone = accepted.filter((n) => n !== last).map((n) => `boot ${n}`)
      await until(() => gone.every((boot) => wills.includes(boot)), 'the Wills of all that were let in')
      t.equal(new Set(wills).size, wills.length, 'no Will is told twice')
      t.notOk(wills.includes(`boot ${last}`), 'who is here has no last words')
      winner.socket.destroy()
      await until(() => wills.includes(`boot ${last}`), 'the last Will')
      await until(() => app.broker.counters().connections === 2, 'it to be gone')
      t.equal(app.broker.clients().length, 2)

      const back = await openWire(t, app.mqttPort, { clientId: 'ESP_TWIN' })
      t.notOk(back.closed)
      await works()
    },
  )

t.test('who goes in the middle of its login does not keep its client id', async (t) => {
  const app = await openApp(t)
  for (let turns = 0; turns < 8; turns++) {
    const clientId = `gone-${turns}`
    const [ours, theirs] = duplexPair()
    app.broker.attach(theirs, { address: null, identity: { kind: 'anonymous' } })
    ours.write(connect({ clientId, clean: false, will: { ...WILL, payload: '{}' } }))
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    theirs.destroy()
    const next = await openWire(t, app.mqttPort)
    next.send(connect({ clientId }))
    await until(() => next.arrived.length > 0, 'its CONNACK', 5_000)
    t.notOk(next.closed, `${turns} turns later`)
  }
  await until(() => app.broker.counters().connections === 8, 'the places of the others to be free')
})
