import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, sample, seedHeartbeat } from '../../support/samples.js'

const beat = (change: object = {}, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/system/heartbeat`,
  payload: JSON.stringify({ ...seedHeartbeat, esp_id, ...change }),
})
const ack = (effects: Effect[]) => {
  const found = effects.find((effect) => effect.kind === 'publish')
  return found?.kind === 'publish'
    ? { ...JSON.parse(found.payload), topic: found.topic, retain: found.retain }
    : undefined
}
const told = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : []))

t.test('a heartbeat keeps the device’s health, answers, and tells the watchers', async (t) => {
  const { receive, rows } = await inStore(t)
  const { effects } = await receive(sample('the seed’s heartbeat'))

  t.match(rows(`SELECT * FROM esp_devices WHERE device_id = '${DEVICE}'`), [
    {
      status: 'online',
      last_seen: NOW,
      heap_free: 45000,
      wifi_rssi: -45,
      uptime: 3600,
      sensor_count: 3,
      actuator_count: 2,
      ip_address: '127.0.0.1',
    },
  ])
  t.match(ack(effects), {
    topic: `kaiser/god/esp/${DEVICE}/system/heartbeat/ack`,
    retain: false,
    status: 'online',
    server_time: Math.floor(NOW / 1000),
  })
  t.match(told(effects), [
    {
      type: 'esp_health',
      data: {
        esp_id: DEVICE,
        status: 'online',
        heap_free: 45000,
        timestamp: NOW / 1000,
        topic: sample('the seed’s heartbeat').topic,
      },
    },
  ])
})

t.test('the answer does not wait for the disk, the event does', async (t) => {
  const { receive } = await inStore(t)
  await receive(beat())
  const { effects } = await receive(beat())
  t.strictSame(
    effects.map(({ kind, at_once }) => ({ kind, at_once })),
    [
      { kind: 'publish', at_once: true },
      { kind: 'emit', at_once: false },
    ],
  )
})

t.test('last_seen is the server’s time, whatever the device’s clock says', async (t) => {
  const { receive, rows } = await inStore(t)
  for (const ts of [0, 12, 9_999_999_999]) await receive(beat({ ts }))
  t.strictSame(rows(`SELECT last_seen FROM esp_devices WHERE device_id = '${DEVICE}'`), [{ last_seen: NOW }])
})

t.test('a boot is noticed by its id or by an uptime that fell', async (t) => {
  const { receive, store } = await inStore(t)
  const boot = async (change: object): Promise<number | undefined> => {
    await receive(beat(change))
    return store.devices.find(DEVICE)?.boot
  }
  const first = await boot({ uptime: 100, boot_sequence_id: 'a' })
  t.equal(await boot({ uptime: 160, boot_sequence_id: 'a' }), first, 'the same boot')
  t.equal(await boot({ uptime: 220, boot_sequence_id: 'b' }), first! + 1, 'another id')
  t.equal(await boot({ uptime: 10, boot_sequence_id: 'b' }), first! + 2, 'a fallen uptime')
})

t.test('discovery off: a stranger is refused, as the seed has it', async (t) => {
  const { receive, rows } = await inStore(t, { discovery: 'off' })
  t.equal((await receive(beat({}, 'ESP_00000001'))).code, 'device_unknown')
  t.strictSame(rows(`SELECT device_id FROM esp_devices WHERE device_id = 'ESP_00000001'`), [])
})

t.test('discovery pending: a stranger is listed, answered, and waits', async (t) => {
  const { receive, rows } = await inStore(t, { discovery: 'pending' })
  const { effects, code } = await receive(beat({}, 'ESP_00000001'))
  t.equal(code, 'processed')
  t.match(rows(`SELECT status FROM esp_devices WHERE device_id = 'ESP_00000001'`), [
    { status: 'pending_approval' },
  ])
  t.match(ack(effects), { status: 'pending_approval' })
  t.match(told(effects), [{ type: 'device_discovered', data: { esp_id: 'ESP_00000001' } }])

  const again = await receive(beat({}, 'ESP_00000001'))
  t.match(ack(again.effects), { status: 'pending_approval' })
  t.strictSame(told(again.effects), [], 'it is not announced with every heartbeat')

  const reading = { ...sample('a DS18B20 at 22.5 °C') }
  const theirs = {
    topic: reading.topic.replace(DEVICE, 'ESP_00000001'),
    payload: String(reading.payload).replace(DEVICE, 'ESP_00000001'),
  }
  t.equal((await receive(theirs)).code, 'device_unknown', 'until it is approved its readings are not taken')
})

t.test('discovery pending: at most ten new devices a minute are listed', async (t) => {
  const { receive, store, clock } = await inStore(t, { discovery: 'pending', devices: [] })
  const codes: string[] = []
  for (let n = 0; n < 12; n++) codes.push((await receive(beat({}, `ESP_${n}`))).code)
  t.strictSame(codes.slice(10), ['device_unknown', 'device_unknown'])
  t.equal(store.devices.list().length, 10)
  clock.now += 60_000
  t.equal((await receive(beat({}, 'ESP_11'))).code, 'processed', 'a minute later it may ask again')
})

t.test(
  'discovery auto: the first valid message of any kind registers the device and is handled',
  async (t) => {
    const { receive, rows } = await inStore(t, { discovery: 'auto', devices: [] })
    t.equal((await receive(sample('no gpio'))).code, 'payload_invalid', 'an invalid one does not')
    t.equal((await receive(sample('a DS18B20 at 22.5 °C'))).code, 'processed')
    await receive(sample('the seed’s mock'))
    t.match(rows('SELECT device_id, status, hardware_type FROM esp_devices ORDER BY device_id'), [
      { device_id: DEVICE, status: 'online', hardware_type: 'ESP32_WROOM' },
      { device_id: 'MOCK_001', status: 'online', hardware_type: 'MOCK_ESP32' },
    ])
    t.equal(rows('SELECT * FROM sensor_data').length, 2)
  },
)
