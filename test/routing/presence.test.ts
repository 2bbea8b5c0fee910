/** Who is there: by Will, by silence, after a restart, and when it comes and goes. */
import t from 'tap'
import { inStore } from '../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../support/samples.js'

const heartbeat = {
  topic: `kaiser/god/esp/${DEVICE}/system/heartbeat`,
  payload: JSON.stringify(seedHeartbeat),
}
const will = {
  topic: `kaiser/god/esp/${DEVICE}/system/will`,
  payload: JSON.stringify({
    status: 'offline',
    esp_id: DEVICE,
    reason: 'unexpected_disconnect',
    timestamp: 0,
  }),
}
const reading = {
  topic: `kaiser/god/esp/${DEVICE}/sensor/4/data`,
  payload: JSON.stringify({ esp_id: DEVICE, gpio: 4, sensor_type: 'ds18b20', raw_mode: false, value: 20 }),
}
const MINUTE = 60_000

const events = (effects: readonly { kind: string }[]) =>
  effects.flatMap((effect) => {
    const { event } = effect as { event?: { type: string; data: Record<string, unknown> } }
    return event ? [event] : []
  })
const healths = (effects: readonly { kind: string }[]) =>
  events(effects)
    .filter(({ type }) => type === 'esp_health')
    .map(({ data }) => data)

t.test(
  'a Will makes a device offline at once, its heartbeat brings it back and clears the Will',
  async (t) => {
    const { receive, store, clock, rows } = await inStore(t)
    const first = await receive(heartbeat)
    t.match(
      first.effects.filter(({ kind }) => kind === 'publish'),
      [
        { topic: /heartbeat\/ack$/, retain: false },
        { topic: will.topic, payload: '', retain: true },
      ],
      'a Will of before may still be retained',
    )
    t.equal(store.devices.find(DEVICE)?.status, 'online')

    clock.now += 1_000
    const gone = await receive(will)
    t.match(healths(gone.effects), [
      { esp_id: DEVICE, status: 'offline', reason: 'unexpected_disconnect', topic: will.topic },
    ])
    t.match(store.devices.find(DEVICE), { status: 'offline', offline_reason: 'unexpected_disconnect' })

    clock.now += 1_000
    const back = await receive(heartbeat)
    t.match(healths(back.effects), [{ status: 'online', flapping: false }])
    t.match(
      back.effects.filter((effect) => 'topic' in effect && effect.topic === will.topic),
      [{ payload: '', retain: true }],
    )
    t.strictSame(
      rows('SELECT event_type, source_id FROM audit_logs ORDER BY id'),
      ['device_online', 'lwt_received', 'device_offline'].map((event_type) => ({
        event_type,
        source_id: DEVICE,
      })),
      'the same within a minute is written once',
    )
  },
)

t.test('a Will of a connection whose id somebody else has now says nothing about the device', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(heartbeat)
  const { effects } = await receive(will, 1, { taken_over: true })
  t.strictSame(healths(effects), [])
  t.equal(store.devices.find(DEVICE)?.status, 'online')
})

t.test('a Will that says all is well is a sign of life', async (t) => {
  const { receive, store } = await inStore(t)
  await receive({ ...will, payload: '{"status":"online"}' })
  t.equal(store.devices.find(DEVICE)?.status, 'online')
})

t.test('silence makes a device offline after 180 s, and not before', async (t) => {
  const { receive, store, clock, presence, said } = await inStore(t)
  await receive(heartbeat)
  clock.now += 179_000
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'online')
  clock.now += 1_000
  presence.look()
  await store.group.run(() => {})
  t.match(store.devices.find(DEVICE), { status: 'offline', offline_reason: 'heartbeat_timeout' })
  t.match(healths(said()).at(-1), {
    status: 'offline',
    reason: 'heartbeat_timeout',
    timeout_seconds: 180,
  })
})

t.test('readings count as signs of life, to the second', async (t) => {
  const { receive, store, clock, presence } = await inStore(t)
  await receive(heartbeat)
  clock.now += 59_000
  await receive(reading)
  clock.now += 179_000
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'online')
  clock.now += 1_000
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'offline')
})

t.test('a device that beats every ten minutes is offline after thirty', async (t) => {
  const { receive, store, clock, presence } = await inStore(t)
  for (let beat = 0; beat < 4; beat++) {
    await receive(heartbeat)
    clock.now += 10 * MINUTE
  }
  await receive(heartbeat)
  t.equal(store.devices.find(DEVICE)?.heartbeat_interval, 10 * MINUTE)
  clock.now += 30 * MINUTE - 1
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'online')
  clock.now += 1
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'offline')
})

t.test('one long outage does not teach kaiser to be patient', async (t) => {
  const { receive, store, clock } = await inStore(t)
  for (const gap of [0, MINUTE, MINUTE, 50 * MINUTE, MINUTE]) {
    clock.now += gap
    await receive(heartbeat)
  }
  t.equal(store.devices.find(DEVICE)?.heartbeat_interval, MINUTE)
})

t.test('three Wills in five minutes are one condition with one event', async (t) => {
  const { receive, store, clock, presence, findings, said } = await inStore(t)
  const heard: { type: string; data: Record<string, unknown> }[] = []
  for (let round = 0; round < 10; round++) {
    heard.push(...events((await receive(heartbeat)).effects))
    clock.now += 2_000
    heard.push(...events((await receive(will)).effects))
    clock.now += 2_000
  }
  t.match(
    heard.filter(({ type }) => type === 'system_event'),
    [{ data: { event_type: 'flapping', details: { esp_id: DEVICE } } }],
  )
  t.equal(heard.filter(({ type }) => type === 'system_event').length, 1)
  t.ok(heard.filter(({ type }) => type === 'esp_health').length < 8, 'no storm')
  t.ok(store.devices.find(DEVICE)?.flapping_since)
  t.match(findings.list(DEVICE), [{ kind: 'flapping' }])

  clock.now += 5 * MINUTE
  await receive(heartbeat)
  presence.look()
  await store.group.run(() => {})
  t.equal(store.devices.find(DEVICE)?.flapping_since, null)
  t.match(healths(said()).at(-1), { flapping: false })
  t.strictSame(findings.list(DEVICE), [])
})

t.test('reconnecting three times in five minutes is flapping too', async (t) => {
  const { receive, store, clock, presence } = await inStore(t)
  await receive(heartbeat)
  for (let n = 0; n < 2; n++) {
    presence.reconnected(DEVICE)
    clock.now += 10_000
  }
  t.equal(store.devices.find(DEVICE)?.flapping_since, null)
  presence.reconnected(DEVICE)
  t.equal(store.devices.find(DEVICE)?.flapping_since, clock.now)
})

t.test('after a restart nobody is claimed to be online or offline before it is known', async (t) => {
  const before = await inStore(t)
  await before.receive(heartbeat)
  await before.receive({
    topic: 'kaiser/god/esp/MOCK_001/system/heartbeat',
    payload: heartbeat.payload.replaceAll(DEVICE, 'MOCK_001'),
  })
  await before.close()

  const { receive, store, clock, presence, said } = await inStore(t, {
    dir: before.dir,
    now: NOW + 20 * MINUTE,
  })
  t.equal(store.devices.find(DEVICE)?.status, 'approved', 'REST says unknown')
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'approved', 'kaiser was not there to hear it')
  await receive(heartbeat)
  t.equal(store.devices.find(DEVICE)?.status, 'online')
  clock.now += 180_000
  await receive(heartbeat)
  presence.look()
  await store.group.run(() => {})
  t.equal(store.devices.find('MOCK_001')?.status, 'offline', 'the one that died meanwhile')
  t.match(healths(said()).at(-1), { esp_id: 'MOCK_001', status: 'offline' })
  t.equal(store.devices.find(DEVICE)?.status, 'online')
})

t.test('a device that was never heard does not become offline', async (t) => {
  const { store, clock, presence } = await inStore(t)
  clock.now += 60 * MINUTE
  presence.look()
  t.equal(store.devices.find(DEVICE)?.status, 'approved')
})
