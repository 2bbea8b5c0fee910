/** When a device is told its configuration, how often, and who is told nothing. */
import t from 'tap'
import { openApp } from '../support/app.js'
import { actuator, ESP, house, told } from '../support/configured.js'
import { people, request } from '../support/http.js'
import { firmware, standIn } from '../support/stand-in.js'
import { until } from '../support/until.js'

t.test(
  'a heartbeat with other counts, or another fingerprint, is answered by the configuration',
  async (t) => {
    const home = await house(t)
    const { device, clock } = home
    await device.beats({ sensor_count: 3, actuator_count: 2 })
    t.equal(device.told.length, 0, 'what it brings by itself is its own business')
    await home.post(actuator(25), {})
    await told(home, 1)
    await device.beats({ sensor_count: 3, actuator_count: 0 })
    t.equal(device.told.length, 1, 'it had no time to take it')
    t.match(await home.get('/findings'), {
      data: [{ kind: 'config_differs', details: { what: 'actuator_count', expected: 1, reported: 0 } }],
    })
    clock.ahead += 46_000
    await device.beats({ sensor_count: 3, actuator_count: 0 })
    await told(home, 2)
    t.match(device.told[1], { reason_code: 'config_drift', actuators: [{ gpio: 25 }] })
    t.match(await home.audit('config_published'), [
      { source_type: 'system', source_id: ESP, details: { reason_code: 'config_drift', actuators: 1 } },
      { source_type: 'api' },
    ])
    await device.beats({ actuator_count: 0 })
    t.equal(device.told.length, 2, 'no sooner than 45 s')
    clock.ahead += 46_000
    const { config_fingerprint } = device.told[1]!
    await device.beats({ actuator_count: 1, config_fingerprint: config_fingerprint.toUpperCase() })
    t.equal(device.told.length, 2, 'it has what it was told')
    t.match(await home.get('/findings'), { data: [] })
    await device.beats({ actuator_count: 1, config_fingerprint: 'f'.repeat(64) })
    await told(home, 3)
    t.match(await home.get('/findings'), {
      data: [{ details: { what: 'config_fingerprint', reported: 'f'.repeat(64) } }],
    })
  },
)

t.test('who has just come back is told at once, one time; who never learns is told five times', async (t) => {
  const home = await house(t)
  const { device, clock } = home
  await home.post(actuator(25), {})
  await told(home, 1)
  clock.ahead += 10_000
  await device.says('session/announce', { reason: 'reconnect', connect_seq: 2, ts_ms: 1 })
  await device.beats({ actuator_count: 0 })
  await told(home, 2)
  clock.ahead += 10_000
  await device.beats({ actuator_count: 0 })
  t.equal(device.told.length, 2, 'once for each time')
  await device.beats({ actuator_count: 0, uptime: 1 })
  await told(home, 3)
  for (let n = 4; n <= 7; n++) {
    clock.ahead += 46_000
    await device.beats({ actuator_count: 0 })
    await told(home, n)
  }
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  t.equal(device.told.length, 7)
  await home.post(actuator(26), {})
  await told(home, 8)
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  await told(home, 9)
})

t.test('who was away is told what changed meanwhile, as soon as it listens', async (t) => {
  const home = await house(t)
  const { app, device, clock } = home
  await home.post(actuator(25), {})
  await told(home, 1)
  await device.says('system/will', { status: 'offline', reason: 'power_loss' })
  await device.client.endAsync()
  await until(() => app.store.devices.find(ESP)!.status === 'offline', 'its absence')
  t.match(await home.post(actuator(25), { name: 'Well' }), { body: { config_status: 'pending' } })
  clock.ahead += 6_000
  const back = await standIn(t, app, ESP, firmware())
  await back.beats({ actuator_count: 1 })
  await until(() => back.told.length === 1, 'the configuration')
  t.match(back.told[0], { actuators: [{ gpio: 25, actuator_name: 'Well' }] })
  await until(() => app.store.actuatorConfigs.find(ESP, 25)!.config_status === 'applied', 'its answer')
  clock.ahead += 46_000
  await back.beats({ actuator_count: 1 })
  t.equal(back.told.length, 1)
})

t.test('a device that does not answer is asked again, and told no more than five times', async (t) => {
  const home = await house(t, () => [])
  const { device, clock } = home
  await home.post(actuator(25), {})
  await told(home, 1)
  for (let n = 2; n <= 6; n++) {
    clock.ahead += 46_000
    await device.beats()
    await told(home, n)
    t.equal(device.told.at(-1)!.reason_code, 'config_unanswered')
  }
  clock.ahead += 46_000
  await device.beats()
  t.equal(device.told.length, 6)
})

t.test('a device that does not listen is not told, and loses no generation', async (t) => {
  const app = await openApp(t)
  const { operator: token } = await people(app)
  await request(app, 'POST', '/esp/devices', { token, body: { device_id: ESP } })
  const device = await standIn(t, app, 'ESP_OTHER')
  const beat = { esp_id: ESP, uptime: 5, heap_free: 1, wifi_rssi: -1, actuator_count: 0 }
  const beats = () =>
    device.client.publishAsync(`kaiser/god/esp/${ESP}/system/heartbeat`, JSON.stringify(beat), { qos: 1 })
  t.match(await request(app, 'POST', actuator(25), { token, body: {} }), { status: 200 })
  await beats()
  t.equal(app.store.devices.find(ESP)!.status, 'online')
  await beats()
  t.notMatch(app.store.devices.find(ESP)!.device_metadata, /config_generation/)
  await request(app, 'POST', actuator(26), { token, body: {} })
  const { body } = await request(app, 'GET', '/audit?event_type=config_failed', { token })
  t.match(body.data, [{ source_id: ESP, status: 'failed' }])
  const late = await standIn(t, app, ESP, firmware())
  await late.beats({ actuator_count: 0 })
  await until(() => late.told.length === 1, 'the configuration, as soon as it listens')
})
