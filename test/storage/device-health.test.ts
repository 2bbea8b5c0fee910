/** Health over time: one sample per five minutes, a week of them, and none without a bound. */
import t from 'tap'
import { SAMPLE_EVERY, SAMPLES } from '../../storage/device-health.js'
import type { Device } from '../../storage/devices.js'
import { NOON, type Opened, open } from './open.js'

const ESP = 'ESP_12AB34CD'

const insert = ({ store }: Opened, device_id = ESP): Promise<Device> =>
  store.group.run(() =>
    store.devices.insert(device_id, { status: 'online', heap_free: 200_000, wifi_rssi: -60 }, NOON),
  )

const beat = ({ store }: Opened, device: Device, now: number): Promise<void> =>
  store.group.run(() => store.deviceHealth.sample(device, now))

t.test('many heartbeats in five minutes leave one sample', async (t) => {
  const opened = await open(t)
  const device = await insert(opened)
  for (let second = 0; second < 300; second += 30) await beat(opened, device, NOON + second * 1000)
  t.match(opened.store.deviceHealth.list(ESP, 0), [
    { esp_id: ESP, timestamp: NOON, heap_free: 200_000, wifi_rssi: -60 },
  ])
  await beat(opened, { ...device, heap_free: 1_000 }, NOON + SAMPLE_EVERY)
  t.strictSame(
    opened.store.deviceHealth.list(ESP, NOON + 1).map(({ heap_free }) => heap_free),
    [1_000],
    'the next five minutes have their own',
  )
})

t.test('after a week the oldest sample gives way, and rows do not grow', async (t) => {
  const opened = await open(t)
  const device = await insert(opened)
  await opened.store.group.run(() => {
    for (let n = 0; n < SAMPLES + 3; n++) opened.store.deviceHealth.sample(device, NOON + n * SAMPLE_EVERY)
  })
  const kept = opened.store.deviceHealth.list(ESP, 0)
  t.equal(kept.length, SAMPLES)
  t.equal(kept[0]!.timestamp, NOON + 3 * SAMPLE_EVERY)
  t.equal(kept.at(-1)!.timestamp, NOON + (SAMPLES + 2) * SAMPLE_EVERY)
})

t.test('a restart samples the same five minutes once more, in the same row', async (t) => {
  const opened = await open(t)
  const device = await insert(opened)
  await beat(opened, device, NOON)
  await opened.reopen()
  await beat(opened, device, NOON + 60_000)
  t.strictSame(
    opened.store.deviceHealth.list(ESP, 0).map(({ timestamp }) => timestamp),
    [NOON + 60_000],
  )
})

t.test('a sample whose message was withdrawn is taken from the next heartbeat', async (t) => {
  const opened = await open(t)
  const { store } = opened
  const device = await insert(opened)
  await t.rejects(
    store.group.run(() => {
      store.deviceHealth.sample(device, NOON)
      throw new Error('a bug')
    }),
  )
  t.strictSame(store.deviceHealth.list(ESP, 0), [])
  await beat(opened, device, NOON + 1_000)
  t.equal(store.deviceHealth.list(ESP, 0).length, 1)
})

t.test('a removed device takes its samples along and nobody else’s', async (t) => {
  const opened = await open(t)
  const { store } = opened
  const [one, other] = [await insert(opened), await insert(opened, 'ESP_OTHER')]
  await beat(opened, one, NOON)
  await beat(opened, other, NOON)
  await store.group.run(() => store.deviceHealth.remove(ESP))
  t.strictSame(store.deviceHealth.list(ESP, 0), [])
  t.equal(store.deviceHealth.list('ESP_OTHER', 0).length, 1)
  await beat(opened, one, NOON + 1)
  t.equal(store.deviceHealth.list(ESP, 0).length, 1, 'registered again, it is sampled again')
})
