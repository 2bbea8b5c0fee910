import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../../support/samples.js'

const on = (rest: string, payload: object) => ({
  topic: `kaiser/god/esp/${DEVICE}/${rest}`,
  payload: JSON.stringify(payload),
})
const announce = (payload: object) => on('session/announce', payload)
const events = (effects: Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : []))

t.test('one boot is counted once, whoever says it', async (t) => {
  const { receive, store } = await inStore(t)
  const boot = () => store.devices.find(DEVICE)!.boot
  await receive(on('system/heartbeat', { ...seedHeartbeat, uptime: 900, boot_sequence_id: 'a' }))
  await receive(announce({ reason: 'reconnect', connect_seq: 2 }))
  const before = boot()
  await receive(announce({ reason: 'power_on', connect_seq: 1 }))
  t.equal(boot(), before + 1, 'the announcement')
  await receive(on('status', { system_state: 'BOOT', uptime: 2 }))
  await receive(on('system/heartbeat', { ...seedHeartbeat, uptime: 5, boot_sequence_id: 'b' }))
  await receive(
    on('system/diagnostics', { heap_free: 1, wifi_rssi: -1, uptime_seconds: 6, boot_sequence_id: 'b' }),
  )
  t.equal(boot(), before + 1, 'what follows is of the same boot')
})

t.test('a connection that was reset is no boot', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(announce({ reason: 'reconnect', connect_seq: 5 }))
  const before = store.devices.find(DEVICE)!.boot
  await receive(announce({ reason: 'connection_reset', connect_seq: 6 }))
  t.equal(store.devices.find(DEVICE)!.boot, before)
  await receive(announce({ reason: 'watchdog_reset', connect_seq: 7 }))
  t.equal(store.devices.find(DEVICE)!.boot, before + 1)
})

t.test('an announcement that is delivered again is the same one', async (t) => {
  const { receive, store, clock } = await inStore(t)
  const first = announce({ handover_epoch: 4, reason: 'power_on', ts_ms: NOW, connect_seq: 1 })
  await receive(first)
  const before = store.devices.find(DEVICE)!.boot
  clock.now += 1_000
  t.strictSame((await receive(first)).effects, [])
  t.equal(store.devices.find(DEVICE)!.boot, before)
  await receive(announce({ handover_epoch: 4, reason: 'power_on', ts_ms: NOW + 900, connect_seq: 1 }))
  t.equal(store.devices.find(DEVICE)!.boot, before + 1, 'another moment is another boot')
  const clockless = announce({ reason: 'power_on', ts_ms: 0, connect_seq: 1 })
  await receive(clockless)
  await receive(clockless)
  t.equal(store.devices.find(DEVICE)!.boot, before + 3, 'without a clock nobody can tell')
})

t.test('the old name of the epoch is kept under the new one', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(announce({ session_epoch: 7, reason: 'reconnect', ts_ms: NOW, connect_seq: 3 }))
  t.match(store.devices.find(DEVICE), { connect_seq: 3, status: 'online' })
  t.strictSame(JSON.parse(store.devices.find(DEVICE)!.health).session, {
    reason: 'reconnect',
    connect_seq: 3,
    ts_ms: NOW,
    handover_epoch: 7,
    announced_at: NOW,
  })
})

t.test('it says for how long the device was away, when it was', async (t) => {
  const { receive, clock } = await inStore(t)
  const phase = async (connect_seq: number) =>
    events((await receive(announce({ connect_seq }))).effects).find(
      ({ type }) => type === 'esp_reconnect_phase',
    )?.data
  t.match(await phase(1), { phase: 'adopting', offline_seconds: 0, timestamp: NOW / 1000 })
  clock.now += 5_000
  t.match(await phase(2), { offline_seconds: null }, 'it only changed its connection')
  clock.now += 90_000
  t.match(await phase(3), { offline_seconds: 90 })
  await receive(on('system/will', { status: 'offline' }))
  clock.now += 4_000
  t.match(await phase(4), { offline_seconds: 4 })
})

t.test('whatever a device says of itself, watchers hear that it is back', async (t) => {
  const messages: [string, object][] = [
    ['session/announce', { connect_seq: 1 }],
    ['status', { system_state: 'OPERATIONAL' }],
    ['safe_mode', { safe_mode_active: false }],
    ['system/diagnostics', { heap_free: 1, wifi_rssi: -1 }],
    ['system/heartbeat_metrics', { publish_queue_fill: 1 }],
    ['system/error', { error_code: 1021, severity: 0 }],
    ['system/response', { command: 'status', success: true }],
    ['system/command/response', { command: 'status', success: true }],
    ['sensor/4/response', { success: true }],
  ]
  for (const [rest, payload] of messages) {
    const { receive, store } = await inStore(t)
    await receive(on('system/heartbeat', seedHeartbeat))
    await receive(on('system/will', { status: 'offline' }))
    t.equal(store.devices.find(DEVICE)?.status, 'offline')
    const { effects } = await receive(on(rest, payload))
    t.match(
      events(effects).filter(({ type }) => type === 'esp_health'),
      [{ data: { esp_id: DEVICE, status: 'online' } }],
      rest,
    )
    t.ok(
      effects.some((effect) => effect.kind === 'publish' && effect.retain && effect.payload === ''),
      'its Will is cleared',
    )
  }
})
