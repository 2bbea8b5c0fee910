/** What devices say about themselves: each message has its row and its event. */
import t from 'tap'
import { inStore } from '../../support/in-store.js'
import { DEVICE, NOW, seedHeartbeat } from '../../support/samples.js'

const on = (rest: string, payload: object, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/${rest}`,
  payload: JSON.stringify(payload),
})
const heartbeat = on('system/heartbeat', seedHeartbeat)

type Effects = readonly { kind: string }[]
const event = (effects: Effects, wanted: string) => {
  for (const effect of effects) {
    const { event: told } = effect as { event?: { type: string; data: Record<string, unknown> } }
    if (told?.type === wanted) return told.data
  }
  return undefined
}
const AUDIT =
  'SELECT event_type, severity, source_id, status, error_code, message FROM audit_logs ORDER BY id'

t.test('metrics are kept beside what the heartbeat says, and are told', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(on('system/heartbeat', { ...seedHeartbeat, boot_count: 3 }))
  const { effects } = await receive(on('system/heartbeat_metrics', { publish_queue_fill: 0, unknown: 1 }))
  t.match(event(effects, 'esp_health'), { status: 'online', metrics: { publish_queue_fill: 0 } })
  t.match(JSON.parse(store.devices.find(DEVICE)!.health), {
    boot_count: 3,
    metrics: { publish_queue_fill: 0, metrics_delta_ts: NOW },
  })
  await receive(heartbeat)
  t.match(JSON.parse(store.devices.find(DEVICE)!.health), { metrics: { publish_queue_fill: 0 } })
})

t.test('an announcement is a new boot when the counting begins again', async (t) => {
  const { receive, store } = await inStore(t)
  await receive(heartbeat)
  const boot = async (payload: object): Promise<number> => {
    await receive(on('session/announce', payload))
    return store.devices.find(DEVICE)!.boot
  }
  const first = await boot({ handover_epoch: 1, reason: 'reconnect', connect_seq: 5 })
  t.equal(await boot({ session_epoch: 2, reason: 'reconnect', connect_seq: 6 }), first, 'it goes on')
  t.equal(await boot({ reason: 'reconnect', connect_seq: 1 }), first + 1, 'it begins again')
  t.equal(await boot({ reason: 'power_on', connect_seq: 2 }), first + 2, 'it says so')
  await receive(on('system/heartbeat', { ...seedHeartbeat, uptime: 3 }))
  t.equal(store.devices.find(DEVICE)!.boot, first + 2, 'the heartbeat after it is of the same boot')
})

t.test('a reading that is sent again in another boot is another reading', async (t) => {
  const { receive, rows } = await inStore(t)
  const reading = on('sensor/4/data', {
    esp_id: DEVICE,
    gpio: 4,
    sensor_type: 'ds18b20',
    raw: 400,
    raw_mode: true,
    ts: 0,
    seq: 7,
  })
  await receive(on('session/announce', { connect_seq: 1 }))
  await receive(reading)
  await receive(reading)
  t.equal(rows('SELECT * FROM sensor_data').length, 1)
  await receive(on('session/announce', { connect_seq: 1 }))
  await receive(reading)
  t.equal(rows('SELECT * FROM sensor_data').length, 2)
})

t.test('an error is told with its meaning and written down once a minute', async (t) => {
  const { receive, rows, clock, stats } = await inStore(t)
  const error = on('system/error', { error_code: 1021, severity: 3, context: { gpio: 4 } })
  const { effects } = await receive(error)
  t.match(event(effects, 'error_event'), {
    esp_id: DEVICE,
    error_code: 1021,
    severity: 'critical',
    category: 'HARDWARE',
    title: 'ONEWIRE_NO_DEVICES',
    message: /OneWire/,
    message_de: /OneWire/,
    troubleshooting: [/pull-up/],
    user_action_required: true,
    recoverable: false,
    context: { gpio: 4 },
  })
  for (let n = 0; n < 5; n++) await receive(error)
  const written = () =>
    rows(AUDIT).filter((row) => (row as { event_type: string }).event_type === 'mqtt_error')
  t.match(written(), [
    { severity: 'critical', source_id: DEVICE, status: 'failed', error_code: '1021', message: /OneWire/ },
  ])
  t.equal(written().length, 1)
  t.match(stats.subscriber().tolerated, { audit_left_out: 5 })
  clock.now += 60_000
  await receive(error)
  t.equal(written().length, 2)
  t.match(rows(`SELECT details FROM audit_logs ORDER BY id DESC LIMIT 1`), [{ details: /"repeated":5/ }])
})

t.test('an error nobody knows is told as the device says it; a word is a severity too', async (t) => {
  const { receive } = await inStore(t)
  const { effects } = await receive(
    on('system/error', { error_code: 'E_PUMP', severity: 'WARN', message: 'pump dry', module: 'pump' }),
  )
  t.match(event(effects, 'error_event'), {
    error_code: 'E_PUMP',
    title: 'E_PUMP',
    severity: 'warning',
    message: 'pump dry',
    troubleshooting: [],
  })
})

t.test('a device cannot fill the audit', async (t) => {
  const { receive, rows } = await inStore(t)
  for (let code = 0; code < 300; code++) await receive(on('system/error', { error_code: code, severity: 2 }))
  t.ok(rows(AUDIT).length <= 100, '100 entries an hour')
})

t.test('diagnostics and status change the row and are told', async (t) => {
  const { receive, store } = await inStore(t)
  const diagnosed = await receive(
    on('system/diagnostics', {
      heap_free: 9_000,
      wifi_rssi: -75,
      uptime_seconds: 99,
      wdt_mode: 'PRODUCTION',
      heap_fragmentation: 12.5,
      reset_reason: 'POWERON',
    }),
  )
  t.match(event(diagnosed.effects, 'esp_diagnostics'), {
    health_status: 'degraded',
    heap_free: 9_000,
    uptime: 99,
    diagnostics: { wdt_mode: 'PRODUCTION', heap_fragmentation: 12.5 },
  })
  const told = await receive(on('status', { system_state: 'ZONE_CONFIGURED', wifi_ssid: 'Gewächshaus' }))
  t.match(event(told.effects, 'esp_status'), {
    system_state: 'ZONE_CONFIGURED',
    status: { wifi_ssid: 'Gewächshaus' },
  })
  t.match(store.devices.find(DEVICE), {
    status: 'online',
    system_state: 'ZONE_CONFIGURED',
    reset_reason: 'POWERON',
    heap_free: 9_000,
    last_seen: NOW,
  })
})

t.test('safe mode is a state, an event and an entry', async (t) => {
  const { receive, rows, store } = await inStore(t)
  await receive(on('system/heartbeat', { ...seedHeartbeat, system_state: 'OPERATIONAL' }))
  const { effects } = await receive(on('safe_mode', { safe_mode_active: true, reason: 'brownout' }))
  t.match(event(effects, 'esp_safe_mode'), { safe_mode_active: true, reason: 'brownout' })
  t.equal(store.devices.find(DEVICE)?.system_state, 'SAFE_MODE')
  await receive(on('safe_mode', { safe_mode_active: false }))
  t.equal(store.devices.find(DEVICE)?.system_state, 'OPERATIONAL')
  t.match(
    rows(AUDIT).filter((row) => (row as { event_type: string }).event_type === 'safe_mode'),
    [
      { severity: 'warning', status: 'active', message: /safe mode: brownout/ },
      { severity: 'info', status: 'cleared' },
    ],
  )
})

t.test('what became of a command is told and written down, whoever says it', async (t) => {
  const { receive, rows } = await inStore(t)
  const answers: [string, object, string][] = [
    ['system/response', { command: 'reboot', success: true }, 'system_response'],
    ['system/command/response', { command: 'status', success: false, message: 'busy' }, 'system_response'],
    ['sensor/4/response', { request_id: 'r1', command: 'measure', success: true }, 'sensor_response'],
  ]
  for (const esp_id of [DEVICE, 'ESP_UNKNOWN'])
    for (const [rest, payload, type] of answers) {
      const { code, effects } = await receive(on(rest, payload, esp_id))
      t.equal(code, 'processed')
      t.match(event(effects, type), { esp_id, ...payload })
    }
  t.equal(
    rows(`SELECT * FROM audit_logs WHERE event_type IN ('command_response', 'sensor_response')`).length,
    6,
  )
  t.match(rows(`SELECT count(*) AS n FROM esp_devices WHERE device_id = 'ESP_UNKNOWN'`), [{ n: 0 }])
})

t.test('the old discovery lists a device as its heartbeat would', async (t) => {
  const { receive, store } = await inStore(t, { discovery: 'pending' })
  const ask = (esp_id: string) => ({
    topic: 'kaiser/god/discovery/esp32_nodes',
    payload: JSON.stringify({ esp_id, hardware_type: 'XIAO_ESP32_C3', mac_address: 'AA:BB:CC:DD:EE:FF' }),
  })
  const { effects } = await receive(ask('ESP_OLD'))
  t.match(event(effects, 'device_discovered'), { esp_id: 'ESP_OLD', hardware_type: 'XIAO_ESP32_C3' })
  t.equal(store.devices.find('ESP_OLD')?.status, 'pending_approval')
  t.strictSame((await receive(ask('ESP_OLD'))).effects, [], 'it waits')
  await receive(ask(DEVICE))
  t.equal(store.devices.find(DEVICE)?.status, 'online')
  for (let n = 0; n < 12; n++) await receive(ask(`ESP_FLOOD_${n}`))
  t.equal(store.devices.count, 2 + 10, 'ten new ones a minute')
})

t.test('with discovery off the old way in is closed too', async (t) => {
  const { receive } = await inStore(t, { discovery: 'off' })
  t.equal(
    (await receive({ topic: 'kaiser/god/discovery/esp32_nodes', payload: '{"esp_id":"ESP_OLD"}' })).code,
    'device_unknown',
  )
})
