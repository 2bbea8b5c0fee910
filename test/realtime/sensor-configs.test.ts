/** How sensors are to be read, over REST: to the field as the contract says, and sent to the device. */
import { createHash } from 'node:crypto'
import t from 'tap'
import { canonical } from '../../routing/configuration/content.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, hears, reading, topicOf } from '../support/mqtt.js'
import { until } from '../support/until.js'

const ESP = 'ESP_12AB34CD'

/** A kaiser with one online device that listens, and people. */
async function house(t: Teardown) {
  const app = await openApp(t)
  const device = await connected(t, app, { clientId: ESP })
  const heard = hears(device)
  await device.subscribeAsync([`kaiser/god/esp/${ESP}/config`, `kaiser/god/esp/${ESP}/sensor/+/command`])
  await device.publishAsync(topicOf(ESP, 4), reading(1), { qos: 1 })
  const { operator, viewer } = await people(app)
  const post = (gpio: number | string, body: object, token = operator) =>
    request(app, 'POST', `/sensors/${ESP}/${gpio}`, { token, body })
  const get = (path: string, token = viewer) => request(app, 'GET', `/sensors${path}`, { token })
  return { app, device, heard, operator, viewer, post, get }
}

const said = (heard: string[], n: number) =>
  JSON.parse(heard[n]!.slice(heard[n]!.indexOf(' '))) as Record<string, unknown>
/** What the audit says of sensors, oldest first. */
async function audits(app: OpenApp, token: string): Promise<string[]> {
  const { body } = await request(app, 'GET', '/audit?page_size=500', { token })
  return (body.data as { event_type: string }[])
    .map(({ event_type }) => event_type)
    .filter((kind) => kind.startsWith('sensor_') || kind.startsWith('config_'))
    .reverse()
}

t.test('a config is made, found, changed field by field, and answered to the field', async (t) => {
  const { app, viewer, post, get } = await house(t)
  const made = await post(4, { esp_id: ESP, gpio: 4, sensor_type: 'DS18B20', name: 'Tank' })
  t.equal(made.status, 200)
  const { id, ...fields } = made.body
  t.match(id, /^[0-9a-f-]{36}$/)
  t.strictSame(
    { ...fields, created_at: 'z', updated_at: 'z', latest_timestamp: 'z' },
    {
      esp_id: app.store.devices.find(ESP)!.id,
      esp_device_id: ESP,
      gpio: 4,
      sensor_type: 'ds18b20',
      address: null,
      name: 'Tank',
      enabled: true,
      interval_ms: 30_000,
      processing_mode: 'pi_enhanced',
      calibration: null,
      probe_serial: null,
      params: {},
      threshold_min: null,
      threshold_max: null,
      warning_min: null,
      warning_max: null,
      metadata: {},
      config_status: 'pending',
      config_error: null,
      latest_value: 20.1,
      latest_quality: 'good',
      latest_timestamp: 'z',
      created_at: 'z',
      updated_at: 'z',
    },
  )
  const changed = await post(4, {
    sensor_type: 'temperature_ds18b20',
    name: '',
    interval_ms: 1_000,
    threshold_min: 5,
    threshold_max: 30,
    metadata: { note: 'left' },
  })
  t.match(changed.body, { id, name: null, interval_ms: 1_000, threshold_min: 5, metadata: { note: 'left' } })
  const cleared = await post(4, { sensor_type: 'ds18b20', threshold_min: null })
  t.match(cleared.body, { threshold_min: null, threshold_max: 30, interval_ms: 1_000 })
  t.strictSame((await get(`/${ESP}/4`)).body, cleared.body)
  t.strictSame((await get(`/${ESP}/${String(id)}`)).body, cleared.body)
  const each = ['sensor_config_changed', 'config_published']
  t.strictSame(await audits(app, viewer), [...each, ...each, ...each])
})

t.test('an online device is sent all of its configs; one that is not is not', async (t) => {
  const { app, device, heard, operator, post, get } = await house(t)
  await post(4, {
    sensor_type: 'ds18b20',
    address: '28ff641e8d3c0c79',
    interval_ms: 5_000,
    name: 'Tank',
  })
  await post(34, { sensor_type: 'ph', processing_mode: 'local' })
  await post(35, { sensor_type: 'ec', enabled: false })
  await post(36, { sensor_type: 'vpd' })
  await until(() => heard.length === 4, 'four configurations')
  t.ok(heard.every((text) => text.startsWith(`kaiser/god/esp/${ESP}/config {`)))
  const last = said(heard, 3)
  t.match(last, {
    sensors: [
      {
        gpio: 4,
        sensor_type: 'ds18b20',
        sensor_name: 'Tank',
        active: true,
        sample_interval_ms: 5_000,
        measurement_interval_seconds: 5,
        raw_mode: true,
        operating_mode: 'continuous',
        interface_type: 'ONEWIRE',
        onewire_address: '28FF641E8D3C0C79',
        i2c_address: null,
      },
      { gpio: 34, sensor_type: 'ph', sensor_name: 'ph_34', raw_mode: false, interface_type: 'ANALOG' },
    ],
    actuators: [],
    offline_rules: [],
    reason_code: 'sensor_config_changed',
  })
  t.equal((last.sensors as unknown[]).length, 2, 'neither disabled nor virtual ones')
  t.equal(last.correlation_id, last.request_id)
  t.equal(last.correlation_id, last.intent_id)
  t.match(last.timestamp, Number)
  t.ok((last.timestamp as number) < 1e11, 'seconds')
  const { sensors, actuators, offline_rules } = last
  t.equal(
    last.config_fingerprint,
    createHash('sha256').update(canonical({ sensors, actuators, offline_rules })).digest('hex'),
    'of the canonical JSON: keys in order',
  )
  const generations = heard.map((_, n) => said(heard, n).generation as number)
  t.ok(generations.every((one, n) => n === 0 || one > generations[n - 1]!))

  const gone = await request(app, 'DELETE', `/sensors/${ESP}/34`, { token: operator })
  t.match(gone, { status: 200, body: { sensor_type: 'ph', gpio: 34 } })
  t.equal((await get(`/${ESP}/34`)).status, 404)
  await until(() => heard.length === 5, 'the configuration without it')
  t.match(said(heard, 4), { reason_code: 'sensor_config_deleted', sensors: [{ gpio: 4 }] })

  await app.store.group.run(() =>
    app.store.devices.update(app.store.devices.find(ESP)!, { status: 'offline' }, Date.now()),
  )
  t.match(await post(34, { sensor_type: 'ph' }), { status: 200, body: { config_status: 'pending' } })
  await device.publishAsync('kaiser/god/esp/other/x', '')
  t.equal(heard.length, 5)
})

t.test('data makes a config active', async (t) => {
  const { device, post, get } = await house(t)
  t.match((await post(4, { sensor_type: 'ds18b20' })).body, { config_status: 'pending' })
  await device.publishAsync(topicOf(ESP, 4), reading(2), { qos: 1 })
  t.match((await get(`/${ESP}/4`)).body, { config_status: 'applied', latest_value: 20.2 })
})

t.test('sensors that share a GPIO are told apart by type and address', async (t) => {
  const { app, operator, post, get } = await house(t)
  await post(21, { sensor_type: 'sht31_temp' })
  await post(21, { sensor_type: 'sht31_humidity' })
  t.match(await get(`/${ESP}/21`), {
    status: 409,
    body: { code: 'sensor_ambiguous', detail: /sht31_humidity, sht31_temp.*say which/ },
  })
  t.match(await get(`/${ESP}/21?sensor_type=humidity_sht31`), { body: { sensor_type: 'sht31_humidity' } })
  const remove = (query: string) => request(app, 'DELETE', `/sensors/${ESP}/21${query}`, { token: operator })
  t.match(await remove(''), { status: 409 })
  t.match(await remove('?sensor_type=SHT31'), { status: 200, body: { sensor_type: 'sht31_temp' } })
  t.match(await remove(''), { status: 200, body: { sensor_type: 'sht31_humidity' } })
  t.match(await remove(''), { status: 404, body: { detail: /no sensor config on GPIO 21/ } })

  await post(4, { sensor_type: 'ds18b20', address: '28FF000000000001' })
  await post(4, { sensor_type: 'ds18b20', address: '28FF000000000002' })
  t.match(await get(`/${ESP}/4`), { status: 409, body: { detail: /at 28FF000000000001/ } })
  t.match(await get(`/${ESP}/4?address=28ff000000000002`), { body: { address: '28FF000000000002' } })
  await post(4, { sensor_type: 'ds18b20' })
  t.match(await get(`/${ESP}/4`), { status: 200, body: { address: null } }, 'none means the general one')
})

t.test('configs are listed by device, type and state, in pages', async (t) => {
  const { app, operator, post, get } = await house(t)
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: 'ESP_2' } })
  for (const gpio of [15, 16, 17]) await post(gpio, { sensor_type: 'ds18b20', enabled: gpio !== 16 })
  await request(app, 'POST', '/sensors/ESP_2/4', { token: operator, body: { sensor_type: 'co2' } })
  const total = async (query: string) =>
    ((await get(`/${query}`)).body.pagination as { total_items: number }).total_items
  t.equal(await total(''), 4)
  t.equal(await total('?esp_id=ESP_2'), 1)
  t.equal(await total('?sensor_type=DS18B20'), 3)
  t.equal(await total('?enabled=false'), 1)
  t.equal(await total('?enabled=true&sensor_type=co2'), 1)
  t.match((await get('?page=2&page_size=3')).body, {
    success: true,
    message: '4 sensor configs',
    data: [{ esp_device_id: 'ESP_2', sensor_type: 'co2', latest_value: null, latest_timestamp: null }],
    pagination: { page: 2, total_pages: 2, has_next: false, has_prev: true },
  })
})

t.test('an analog pin carries one sensor, a device a bounded number of configs', async (t) => {
  const { post } = await house(t)
  await post(34, { sensor_type: 'ph' })
  t.match(await post(34, { sensor_type: 'moisture' }), {
    status: 409,
    body: { code: 'gpio_conflict', detail: /GPIO 34 of ESP_12AB34CD is read as ph/ },
  })
  t.equal((await post(34, { sensor_type: 'moisture', enabled: false })).status, 200)
  t.equal((await post(34, { sensor_type: 'ph', enabled: false })).status, 200)
  t.equal((await post(34, { sensor_type: 'moisture', enabled: true })).status, 200)
  for (let gpio = 100; gpio < 162; gpio++) await post(gpio, { sensor_type: 'co2' })
  t.match(await post(200, { sensor_type: 'co2' }), {
    status: 409,
    body: { code: 'configs_full', detail: /has 64 sensor configs/ },
  })
})

t.test('what is wrong with a config is named, with what is allowed', async (t) => {
  const { app, operator, viewer, post } = await house(t)
  const refused = async (gpio: number | string, body: object, field: string, msg: RegExp) => {
    const answer = await post(gpio, body)
    t.match(answer, { status: 422, body: { detail: Array } }, `${field}: ${JSON.stringify(body)}`)
    const detail = answer.body.detail as { loc: string[]; msg: string; input: unknown }[]
    t.match(detail[0], { loc: [String, ...field.split('.')], msg })
  }
  const type = { sensor_type: 'ds18b20' }
  await refused(4, { ...type, esp_id: 'ESP_2' }, 'esp_id', /must be ESP_12AB34CD, as in the path/)
  await refused(4, { ...type, gpio: 5 }, 'gpio', /must be 4/)
  await refused(256, type, 'gpio', /255/)
  await refused('x', type, 'gpio', /integer/)
  await refused(4, {}, 'sensor_type', /required/)
  await refused(4, { sensor_type: 'a\u0000' }, 'sensor_type', /pattern/)
  await refused(4, { ...type, interval_ms: 999 }, 'interval_ms', /1000/)
  await refused(4, { ...type, interval_ms: 300_001 }, 'interval_ms', /300000/)
  await refused(4, { ...type, processing_mode: 'x' }, 'processing_mode', /pi_enhanced, local, raw/)
  await refused(4, { ...type, enabled: 'yes' }, 'enabled', /boolean/)
  await refused(
    4,
    { ...type, threshold_min: 5, threshold_max: 5 },
    'threshold_min',
    /below threshold_max, which is 5/,
  )
  await refused(4, { ...type, calibration: { slope: 1 } }, 'calibration', /no calibration of ds18b20/)
  await refused(
    4,
    { sensor_type: 'x1', calibration: { offset: 1 } },
    'calibration',
    /knows no sensor type x1/,
  )
  await refused(4, { ...type, params: { a: 'x'.repeat(5_000) } }, 'params', /4096 characters/)
  await refused(4, { ...type, params: [] }, 'params', /object/)

  await post(4, { ...type, warning_max: 10 })
  await refused(4, { ...type, warning_min: 11 }, 'warning_min', /below warning_max, which is 10/)
  const path = '/sensors/ESP_NONE/4'
  t.match(await request(app, 'POST', path, { token: operator, body: type }), {
    status: 404,
    body: { detail: 'Device ESP_NONE is not known' },
  })
  t.match(await request(app, 'GET', path, { token: viewer }), { status: 404 })
  t.equal((await post(4, type, viewer)).status, 403)
  t.equal((await request(app, 'DELETE', `/sensors/${ESP}/4`, { token: viewer })).status, 403)
  t.equal(app.store.sensorConfigs.count(ESP), 1)
})

t.test('an original’s calibration is taken; writing back what was read changes nothing', async (t) => {
  const { post } = await house(t)
  const made = await post(34, { sensor_type: 'ph', calibration: { slope: -3.4, offset: 12 } })
  t.match(made.body.calibration, {
    method: 'linear',
    points: [],
    coefficients: { slope: -3.4, offset: 12 },
    id: null,
  })
  const again = await post(34, {
    ...made.body,
    id: 'x',
    created_at: 5,
    config_status: 'applied',
    esp_id: ESP,
  })
  t.match(again, { status: 200, body: { id: made.body.id, config_status: 'pending' } })
  t.equal(again.body.created_at, made.body.created_at, 'nothing else can be set')
  t.strictSame(again.body.calibration, made.body.calibration)
  t.equal((await post(34, { sensor_type: 'ph', calibration: null })).body.calibration, null)
})

t.test('a device is told to measure; one that is offline or has no such sensor is not', async (t) => {
  const { app, heard, operator, viewer } = await house(t)
  const measure = (path: string, token = operator) =>
    request(app, 'POST', `/sensors/${path}/measure`, { token })
  const answer = await measure(`${ESP}/4`)
  t.match(answer, { status: 200, body: { success: true, esp_id: ESP, gpio: 4, command_sent: true } })
  await until(() => heard.length === 1, 'the command')
  t.ok(heard[0]!.startsWith(`kaiser/god/esp/${ESP}/sensor/4/command `))
  t.match(said(heard, 0), {
    command: 'measure',
    request_id: answer.body.request_id,
    correlation_id: answer.body.request_id,
    intent_id: answer.body.request_id,
    timestamp: Number,
  })
  t.match(await measure(`${ESP}/9`), { status: 404, body: { detail: /no sensor on GPIO 9/ } })
  t.match(await measure('ESP_NONE/4'), { status: 404 })
  t.equal((await measure(`${ESP}/4`, viewer)).status, 403)
  await app.store.group.run(() =>
    app.store.devices.update(app.store.devices.find(ESP)!, { status: 'offline' }, Date.now()),
  )
  t.match(await measure(`${ESP}/4`), { status: 409, body: { code: 'device_offline' } })
  t.equal(heard.length, 1)
})

t.test('a config outlives a restart of kaiser', async (t) => {
  const { app, post } = await house(t)
  const { body } = await post(4, { sensor_type: 'ds18b20', name: 'Tank', params: { a: 1 } })
  await app.close()
  const again = await openApp(t, { dir: app.dir })
  t.match(again.store.sensorConfigs.get(body.id as string), { sensor_name: 'Tank', params: { a: 1 } })
})
