import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { reject } from '../../../routing/registry.js'
import { inStore } from '../../support/in-store.js'
import { sample } from '../../support/samples.js'

const NEW = 'ESP_0000000A'
const node = (payload: object = {}) => ({
  topic: 'kaiser/god/discovery/esp32_nodes',
  payload: JSON.stringify({ esp_id: NEW, ...payload }),
})
const types = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event.type] : []))

t.test('with discovery auto the device is let in at once, and what it measures is taken', async (t) => {
  const { receive, store } = await inStore(t, { discovery: 'auto', devices: [] })
  for (let n = 0; n < 12; n++)
    t.equal((await receive(node({ esp_id: `ESP_${n}` }))).code, 'processed', 'without a limit')
  await receive(node())
  t.match(store.devices.find(NEW), { status: 'online', approved_by: 'discovery' })
  const { topic, payload } = sample('a DS18B20 at 22.5 °C')
  const theirs = { topic: topic.replace(/ESP_\w+/, NEW), payload: String(payload).replace(/ESP_\w+/, NEW) }
  t.equal((await receive(theirs)).code, 'processed')
})

t.test('one that waits is announced again every five minutes, with what it says then', async (t) => {
  const { receive, store, clock } = await inStore(t, { discovery: 'pending' })
  t.strictSame(types((await receive(node({ firmware_version: '1.0' }))).effects), ['device_discovered'])
  clock.now += 299_999
  t.strictSame(types((await receive(node())).effects), [])
  clock.now += 1
  t.strictSame(types((await receive(node({ wifi_rssi: -60 }))).effects), ['device_discovered'])
  t.match(store.devices.find(NEW), {
    status: 'pending_approval',
    firmware_version: '1.0',
    wifi_rssi: -60,
    last_seen: clock.now,
  })
})

t.test('a rejected one may ask again after its cooldown', async (t) => {
  const { receive, store, clock } = await inStore(t, { discovery: 'pending' })
  await receive(node())
  await store.group.run(() => void reject(store, NEW, null, clock.now))
  clock.now += 299_999
  t.strictSame((await receive(node())).effects, [])
  t.equal(store.devices.find(NEW)?.status, 'rejected')
  clock.now += 1
  t.strictSame(types((await receive(node())).effects), ['device_discovered'])
  t.equal(store.devices.find(NEW)?.status, 'pending_approval')
})
