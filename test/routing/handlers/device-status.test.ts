import t from 'tap'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../../support/samples.js'

const on = (rest: string, payload: object) => ({
  topic: `kaiser/god/esp/${DEVICE}/${rest}`,
  payload: JSON.stringify(payload),
})

t.test('a boot that the status shows first is not lost', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(on('system/heartbeat', { ...seedHeartbeat, uptime: 900 }))
  const before = store.devices.find(DEVICE)!.boot
  await receive(on('status', { system_state: 'BOOT', uptime: 3 }))
  t.equal(store.devices.find(DEVICE)!.boot, before + 1)
  await receive(on('system/heartbeat', { ...seedHeartbeat, uptime: 60 }))
  t.equal(store.devices.find(DEVICE)!.boot, before + 1)
})

t.test('what it believes of its zone is kept and changes nothing', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(on('status', { system_state: 'OPERATIONAL', zone_id: 'elsewhere', sensors_configured: 3 }))
  const device = store.devices.find(DEVICE)!
  t.equal(device.zone_id, null)
  t.strictSame(JSON.parse(device.health).status, {
    zone_id: 'elsewhere',
    sensors_configured: 3,
    at: NOW,
  })
})

t.test('free_heap means heap_free', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(on('status', { system_state: 'OPERATIONAL', free_heap: 12_345 }))
  t.equal(store.devices.find(DEVICE)?.heap_free, 12_345)
  t.equal((await receive(on('system/diagnostics', { free_heap: 9_999, wifi_rssi: -1 }))).code, 'processed')
  t.match(store.devices.find(DEVICE), { heap_free: 9_999, health_status: 'degraded' })
})

t.test('metrics add up, and their time is told in seconds', async (t) => {
  const { receive, store, clock } = await inStore(t)
  await receive(on('system/heartbeat_metrics', { publish_queue_hwm: 5, offline_enter_count: 1 }))
  clock.now += 60_000
  const { effects } = await receive(on('system/heartbeat_metrics', { offline_enter_count: 2 }))
  t.strictSame(JSON.parse(store.devices.find(DEVICE)!.health).metrics, {
    publish_queue_hwm: 5,
    offline_enter_count: 2,
    metrics_delta_ts: NOW + 60_000,
  })
  t.match(effects, [
    {
      event: {
        type: 'esp_health',
        data: { metrics: { publish_queue_hwm: 5, metrics_delta_ts: (NOW + 60_000) / 1000 } },
      },
    },
  ])
})
