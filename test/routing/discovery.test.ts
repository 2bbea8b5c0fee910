/** How many devices may be known and how many may wait: what is beyond is refused and leaves no row. */
import t from 'tap'
import { MOST_DEVICES, MOST_WAITING } from '../../routing/discovery.js'
import { type InStore, inStore } from '../support/in-store.js'

const DAY = 86_400_000

const heartbeat = (esp_id: string) => ({
  topic: `kaiser/god/esp/${esp_id}/system/heartbeat`,
  payload: JSON.stringify({ esp_id, ts: 1_735_818_000, uptime: 1, heap_free: 40_000, wifi_rssi: -40 }),
})
const reading = (esp_id: string) => ({
  topic: `kaiser/god/esp/${esp_id}/sensor/4/data`,
  payload: JSON.stringify({ esp_id, gpio: 4, sensor_type: 'DS18B20', raw_mode: false, value: 21 }),
})

/** Fills the register up to `count` devices of one status. */
const fill = ({ store, clock }: InStore, count: number, status: 'approved' | 'pending_approval') =>
  store.group.run(() => {
    for (let n = store.devices.count; n < count; n++)
      store.devices.insert(`ESP_${n}`, { status, last_seen: clock.now + n }, clock.now)
  })

t.test('a thousand devices may wait; one more is refused, and nothing is kept of it', async (t) => {
  const house = await inStore(t, { discovery: 'pending', devices: [] })
  await fill(house, MOST_WAITING, 'pending_approval')

  t.equal((await house.receive(heartbeat('ESP_ONE_MORE'))).code, 'devices_full')

  t.equal(house.store.devices.find('ESP_ONE_MORE'), undefined)
  t.equal(house.stats.subscriber().codes.devices_full, 1)
  t.strictSame(house.rows('SELECT count(*) AS n FROM esp_devices'), [{ n: MOST_WAITING }])
})

t.test('who waits and was not heard for a day gives its place to the next one', async (t) => {
  const house = await inStore(t, { discovery: 'pending', devices: [] })
  await fill(house, MOST_WAITING, 'pending_approval')
  house.clock.now += DAY + 1

  t.equal((await house.receive(heartbeat('ESP_ONE_MORE'))).code, 'processed')

  t.match(house.store.devices.find('ESP_ONE_MORE'), { status: 'pending_approval' })
  t.equal(house.store.devices.find('ESP_0'), undefined, 'the one that was silent longest is gone')
  t.equal(house.store.devices.count, MOST_WAITING)
})

for (const discovery of ['auto', 'pending'] as const)
  t.test(`with discovery ${discovery} 20,000 devices may be known, and no more`, async (t) => {
    const house = await inStore(t, { discovery, devices: [] })
    await fill(house, MOST_DEVICES, 'approved')

    t.equal((await house.receive(heartbeat('ESP_ONE_MORE'))).code, 'devices_full')
    t.equal(
      (await house.receive(reading('ESP_ONE_MORE'))).code,
      discovery === 'auto' ? 'devices_full' : 'device_unknown',
    )
    t.equal((await house.receive(reading('ESP_7'))).code, 'processed', 'those who are known go on')
    t.strictSame(house.rows('SELECT count(*) AS n FROM esp_devices'), [{ n: MOST_DEVICES }])
    t.strictSame(house.rows('SELECT DISTINCT esp_id FROM sensor_data'), [{ esp_id: 'ESP_7' }])
  })
