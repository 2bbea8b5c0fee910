/**
 * A device is told what it is made of: in messages that fit, as often as is good for it, and its answers are about
 * what it was told. Over real connections, with a stand-in that answers as the firmware does.
 */
import { createHash } from 'node:crypto'
import t from 'tap'
import { canonical } from '../../routing/configuration/content.js'
import { packetSize } from '../../routing/configuration/size.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { type ConfigMessage, firmware, type StandIn, standIn } from '../support/stand-in.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'
const TOPIC = `kaiser/god/esp/${ESP}/config`

interface House {
  app: OpenApp
  device: StandIn
  clock: { ahead: number }
  post(what: string, body: object): ReturnType<typeof request>
  patch(what: string, body: object): ReturnType<typeof request>
  remove(what: string): ReturnType<typeof request>
  get(what: string): Promise<Record<string, unknown>>
  /** Entries of a kind, newest first. */
  audit(event_type: string): Promise<unknown>
}

/** A kaiser whose clock can be moved on, and one online device. */
async function house(
  t: Teardown,
  answer: ((message: ConfigMessage) => readonly object[]) | undefined = firmware(),
  { beat = {} }: { beat?: object } = {},
): Promise<House> {
  const clock = { ahead: 0 }
  const app = await openApp(t, { now: () => Date.now() + clock.ahead })
  const device = await standIn(t, app, ESP, answer)
  await device.beats(beat)
  const { operator: token } = await people(app)
  return {
    app,
    device,
    clock,
    post: (what, body) => request(app, 'POST', what, { token, body }),
    patch: (what, body) => request(app, 'PATCH', what, { token, body }),
    remove: (what) => request(app, 'DELETE', what, { token }),
    get: async (what) => (await request(app, 'GET', what, { token })).body,
    audit: async (kind) => (await request(app, 'GET', `/audit?event_type=${kind}`, { token })).body.data,
  }
}
const sensor = (gpio: number) => `/sensors/${ESP}/${gpio}`
const actuator = (gpio: number) => `/actuators/${ESP}/${gpio}`
const told = ({ device }: House, count: number) =>
  until(() => device.told.length === count, `${count} configurations`)
t.test('one message has sensors, actuators and offline rules, in the real shape', async (t) => {
  const home = await house(t)
  await home.post(sensor(4), { sensor_type: 'ds18b20', name: 'Tank' })
  await home.post(sensor(36), { sensor_type: 'vpd' })
  await home.post(actuator(27), { actuator_type: 'fan', enabled: false })
  await home.post(actuator(25), {
    actuator_type: 'heater',
    name: 'Mat',
    critical: true,
    default_value: 1,
    max_runtime_seconds: 900,
    metadata: {
      offline_rules: [
        {
          sensor_gpio: 4,
          sensor_value_type: 'DS18B20',
          activate_below: 18,
          deactivate_above: 21,
          time_filter: { start_hour: 20, end_hour: 6 },
        },
      ],
    },
  })
  await told(home, 4)
  const { sensors, actuators, offline_rules, ...rest } = home.device.told[3]!
  t.match(sensors, [{ gpio: 4, sensor_type: 'ds18b20', sensor_name: 'Tank' }])
  t.equal(sensors!.length, 1, 'nothing that is computed here')
  t.strictSame(
    actuators,
    [
      {
        gpio: 25,
        actuator_type: 'relay',
        actuator_name: 'Mat',
        subzone_id: null,
        active: true,
        aux_gpio: 255,
        critical: true,
        inverted_logic: false,
        default_state: true,
        default_pwm: 255,
        max_runtime_ms: 900_000,
      },
    ],
    'nothing that is disabled',
  )
  t.strictSame(offline_rules, [
    {
      actuator_gpio: 25,
      sensor_gpio: 4,
      sensor_value_type: 'ds18b20',
      activate_above: 0,
      deactivate_below: 0,
      activate_below: 18,
      deactivate_above: 21,
      current_state_active: false,
      time_filter: { enabled: true, start_hour: 20, start_minute: 0, end_hour: 6, end_minute: 0 },
    },
  ])
  t.match(rest, {
    reason_code: 'actuator_config_changed',
    correlation_id: /^[0-9a-f-]{36}$/,
    request_id: rest.correlation_id,
    intent_id: rest.correlation_id,
    config_fingerprint: createHash('sha256')
      .update(canonical({ offline_rules, actuators, sensors }))
      .digest('hex'),
  })
  t.notOk('part_index' in rest)
  t.ok(rest.timestamp < 1e11, 'seconds')
  await until(
    () => home.app.store.actuatorConfigs.find(ESP, 25)!.config_status === 'applied',
    'the answer about the actuator',
  )
  t.match(await home.get(sensor(4)), { config_status: 'applied' })

  await home.remove(sensor(4))
  await told(home, 5)
  t.strictSame(home.device.told[4]!.offline_rules, [], 'a rule whose sensor is gone does not go out')
  t.match(await home.audit('config_offline_rules_stripped'), [
    { source_id: ESP, details: { stripped: [{ rule: { sensor_gpio: 4 }, reason: /it has no ds18b20/ }] } },
  ])
})

t.test('generations grow, also after a restart with a clock that was put back', async (t) => {
  const home = await house(t)
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await told(home, 2)
  const [first, second] = home.device.told
  t.ok(second!.generation > first!.generation)
  await home.app.close()

  const hour = 3_600_000
  const again = await openApp(t, { dir: home.app.dir, now: () => Date.now() - hour })
  const device = await standIn(t, again, ESP)
  await device.beats({ actuator_count: 0 })
  await until(() => device.told.length === 1, 'the configuration')
  t.ok(device.told[0]!.generation > second!.generation)
  t.equal(device.told[0]!.config_fingerprint, second!.config_fingerprint)
})

t.test('what is too large for the buffer goes out kind by kind, each message within it', async (t) => {
  const home = await house(t, firmware(), { beat: { config_buffer_size: 1_600 } })
  for (const gpio of [13, 14]) await home.post(sensor(gpio), { sensor_type: 'flow', name: 'x'.repeat(90) })
  await home.post(actuator(25), { name: 'y'.repeat(90) })
  await told(home, 3)
  t.notOk('part_index' in home.device.told[2]!, 'three items fit')
  await home.post(actuator(26), { name: 'y'.repeat(90) })
  await told(home, 5)
  const [sensors, actuators] = home.device.told.slice(3)
  t.match(sensors, { part_index: 1, total_parts: 2, sensors: [{ gpio: 13 }, { gpio: 14 }] })
  t.match(actuators, { part_index: 2, total_parts: 2, actuators: [{ gpio: 25 }, { gpio: 26 }] })
  t.notOk('actuators' in sensors!, 'a kind that is told apart is left out, not emptied')
  t.notOk('sensors' in actuators!)
  t.equal(sensors!.config_fingerprint, actuators!.config_fingerprint)
  t.equal(actuators!.generation, sensors!.generation + 1)
  t.not(actuators!.correlation_id, sensors!.correlation_id)
  const applied = () =>
    [...home.app.store.sensorConfigs.list(ESP), ...home.app.store.actuatorConfigs.list(ESP)].every(
      ({ config_status }) => config_status === 'applied',
    )
  await until(applied, 'both answers')

  for (const gpio of [15, 16, 17, 18, 19])
    await home.post(sensor(gpio), { sensor_type: 'flow', name: 'x'.repeat(90) })
  const lastParts = () => home.device.told.slice(-(home.device.told.at(-1)!.total_parts ?? 1))
  const gpios = () => lastParts().flatMap(({ sensors = [] }) => sensors.map(({ gpio }) => gpio))
  await until(() => gpios().length === 7 && lastParts().at(-1)!.actuators !== undefined, 'all parts')
  t.ok(lastParts().length > 2, 'a kind that does not fit either is told in several')
  t.strictSame(
    lastParts().map(({ part_index }) => part_index),
    lastParts().map((_, n) => n + 1),
  )
  t.strictSame(gpios(), [13, 14, 15, 16, 17, 18, 19], 'each once')
  for (const bytes of home.device.bytes)
    t.ok(packetSize(TOPIC, 'x'.repeat(bytes)) <= 1_600, `${bytes} bytes of payload`)
})

t.test('an item that would not fit alone is refused with the byte counts; nothing is stored', async (t) => {
  const home = await house(t)
  const answer = await home.post(actuator(25), { metadata: { subzone_id: 'z'.repeat(4_000) } })
  t.match(answer, {
    status: 413,
    body: {
      code: 'config_too_large',
      detail: /^It takes (4[6-9]\d\d) bytes to tell ESP_12AB34CD this alone, and its buffer holds 4096:/,
    },
  })
  t.match(
    await home.post(sensor(4), { sensor_type: 'ds18b20', metadata: { subzone_id: 'z'.repeat(4_000) } }),
    {
      status: 413,
    },
  )
  t.equal(home.app.store.actuatorConfigs.count(ESP), 0)
  t.equal(home.app.store.sensorConfigs.count(ESP), 0)
  t.equal(home.device.told.length, 0)
  t.match(await home.post(actuator(25), { metadata: { subzone_id: 'z'.repeat(3_000) } }), { status: 200 })

  // The buffer of the next firmware is smaller.
  await home.post(actuator(26), {})
  await told(home, 2)
  await home.device.beats({ config_buffer_size: 1_024, actuator_count: 2 })
  await home.post(actuator(27), {})
  await told(home, 3)
  t.strictSame(
    home.device.told[2]!.actuators!.map(({ gpio }) => gpio),
    [26, 27],
    'the others are told',
  )
  t.match(await home.get(actuator(25)), {
    config_status: 'failed',
    config_error: /^It takes 3\d\d\d bytes .* its buffer holds 1024/,
  })
  t.match(await home.get('/findings'), { data: [{ kind: 'config_too_large', esp_id: ESP }] })
})

t.test('people may say how large the buffer is, where the device does not', async (t) => {
  const home = await house(t)
  await home.patch(`/esp/devices/${ESP}`, { capabilities: { config_buffer_size: 700 } })
  t.match(await home.post(actuator(25), { name: 'y'.repeat(100) }), {
    status: 413,
    body: { detail: /its buffer holds 700/ },
  })
})

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

t.test('each item learns its own result; what failed may work the next time', async (t) => {
  const refuses = [26]
  const home = await house(t, (message) => firmware(refuses)(message))
  const { app, device, clock } = home
  const status = (gpio: number) => app.store.actuatorConfigs.find(ESP, gpio)!.config_status
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await until(() => status(25) === 'applied' && status(26) === 'failed', 'both results')
  t.match(await home.get(actuator(26)), { config_error: 'NVS_WRITE_FAILED: no room' })
  clock.ahead += 46_000
  await device.beats({ actuator_count: 1 })
  t.equal(device.told.length, 2, 'what it refused is missing with good reason')
  await device.beats({ actuator_count: 0 })
  await told(home, 3)
  refuses.pop()
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  await until(() => status(26) === 'applied', 'its second chance')
  t.match(await home.get(actuator(26)), { config_error: null })
})

t.test('what a device refused is a finding, with each item and its reason, until it took it', async (t) => {
  const refuses = [26, 13]
  const home = await house(t, (message) => firmware(refuses)(message))
  const { app, device, clock } = home
  const found = async () =>
    ((await home.get('/findings?kind=config_refused')).data as Record<string, unknown>[])[0]
  const noRoom = (kind: string, gpio: number, type: string) => ({
    kind,
    gpio,
    type,
    reason: 'NVS_WRITE_FAILED: no room',
  })
  await home.post(actuator(25), { actuator_type: 'fan' })
  await home.post(actuator(26), { actuator_type: 'pump' })
  await until(() => app.store.actuatorConfigs.find(ESP, 26)!.config_status === 'failed', 'the refusal')
  t.match(await found(), {
    esp_id: ESP,
    sentence: /refused a part of its configuration/,
    details: { status: 'partial_success', items: [noRoom('actuator', 26, 'pump')] },
  })
  await home.post(sensor(13), { sensor_type: 'flow' })
  await until(() => app.store.sensorConfigs.list(ESP)[0]?.config_status === 'failed', 'another refusal')
  await until(() => app.findings.list(ESP)[0]?.count === 3, 'both kinds were answered again')
  t.match(await found(), {
    details: { items: [noRoom('sensor', 13, 'flow'), noRoom('actuator', 26, 'pump')] },
  })

  refuses.pop()
  await home.post(sensor(13), { sensor_type: 'flow', name: 'Drip' })
  await until(() => app.store.sensorConfigs.list(ESP)[0]!.config_status === 'applied', 'the sensor')
  await until(() => app.findings.list(ESP)[0]?.count === 4, 'the actuators are refused once more')
  t.strictSame((await found())!.details, {
    ...((await found())!.details as object),
    items: [noRoom('actuator', 26, 'pump')],
  })

  // A restart forgets no refusal.
  app.findings.clear('config_refused', ESP)
  await device.beats({ actuator_count: 1 })
  t.match(await found(), { details: { items: [noRoom('actuator', 26, 'pump')] } })

  refuses.pop()
  clock.ahead += 46_000
  await device.beats({ actuator_count: 0 })
  await until(() => app.store.actuatorConfigs.find(ESP, 26)!.config_status === 'applied', 'its second chance')
  t.equal(await found(), undefined, 'it is over when it is taken')

  refuses.push(26)
  await home.post(actuator(26), { name: 'Well' })
  await until(() => app.findings.list(ESP).length === 1, 'the finding')
  await home.remove(actuator(26))
  t.equal(await found(), undefined, 'or gone')
})

t.test('an answer is about what it answers: what was changed since then still waits', async (t) => {
  const home = await house(t, () => [])
  const { app, device } = home
  await home.post(actuator(25), {})
  await home.post(actuator(26), {})
  await told(home, 2)
  await home.post(actuator(26), { name: 'Well' })
  await told(home, 3)
  const status = () => app.store.actuatorConfigs.list(ESP).map(({ config_status }) => config_status)
  const [answer] = firmware()(device.told[1]!)
  await device.says('config_response', answer!)
  t.strictSame(status(), ['applied', 'pending'])
  await device.says('config_response', firmware()(device.told[2]!)[0]!)
  t.strictSame(status(), ['applied', 'applied'])

  await home.post(actuator(25), { name: 'Tank' })
  await told(home, 4)
  const { correlation_id } = device.told[3]!
  const busy = {
    status: 'error',
    type: 'actuator',
    count: 0,
    reason_code: 'CONFIG_LANE_BUSY',
    correlation_id,
  }
  await device.says('config_response', busy)
  t.strictSame(status(), ['pending', 'applied'], 'it had no time, and is told again')
})

t.test('older firmware complains about a kind it was not told; that is no failure', async (t) => {
  const home = await house(t, () => [])
  const { app, device } = home
  await home.post(sensor(4), { sensor_type: 'ds18b20' })
  await told(home, 1)
  await home.post(actuator(25), {})
  await told(home, 2)
  const nothing = {
    status: 'error',
    count: 0,
    failed_count: 0,
    error_code: 'MISSING_FIELD',
    message: 'empty',
  }
  await device.says('config_response', { ...nothing, type: 'actuator' })
  t.equal(app.store.actuatorConfigs.find(ESP, 25)!.config_status, 'pending')
  await device.says('config_response', { ...nothing, type: 'sensor' })
  t.equal(app.store.sensorConfigs.list(ESP)[0]!.config_status, 'failed', 'of what it was told it is one')
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
