/** The sensor library over HTTP: what it knows, what it converts, and what it says about bad numbers. */
import t from 'tap'
import { type OpenApp, openApp } from '../support/app.js'
import { people, request } from '../support/http.js'

const ESP = 'ESP_12AB34CD'

const poster = (app: OpenApp, token: string) => (path: string, body: object) =>
  request(app, 'POST', `/sensors/${path}`, { token, body: { esp_id: ESP, gpio: 34, ...body } })

t.test('every type says its names, unit, limits and source', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  const { body } = await request(app, 'GET', '/sensors/types', { token: viewer })
  const types = body.data as { type: string; aliases: string[] }[]
  t.equal(body.total, types.length)
  t.match(
    types.find(({ type }) => type === 'ph'),
    { unit: 'pH', range: [0, 14], calibration: 'linear', calibration_days: 30, source: String },
  )
  t.ok(types.find(({ type }) => type === 'ds18b20')?.aliases.includes('temperature_ds18b20'))
  t.notOk('convert' in types[0]!)
  t.match((await request(app, 'GET', '/sensors/health', { token: viewer })).body, {
    success: true,
    sensor_types: types.length,
    user_types: 0,
    sensor_configs: 0,
    calibrations_due: 0,
  })
  t.equal((await request(app, 'GET', '/sensors/types')).status, 401)
})

t.test('a native number is converted, whatever its size, negative ones too', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const process = poster(app, operator)
  const value = async (sensor_type: string, raw_value: number, more: object = {}) => {
    const { status, body } = await process('process', { sensor_type, raw_value, ...more })
    t.equal(status, 200, sensor_type)
    return [body.processed_value, body.unit, body.quality]
  }
  t.strictSame(await value('DS18B20', 360), [22.5, '°C', 'good'])
  t.strictSame(await value('ds18b20', -160), [-10, '°C', 'good'], 'below freezing')
  t.strictSame(await value('sht31', 26_214), [25, '°C', 'good'], 'a 16-bit register')
  t.strictSame(await value('ph_sensor', 1861), [7, 'pH', 'fair'])
  t.strictSame(
    await value('ph', 1861, { calibration: { slope: -3.5, offset: 12.75 } }),
    [7.5, 'pH', 'good'],
    'with a calibration of its own',
  )
  t.strictSame(await value('ds18b20', 20.5, { params: { raw_mode: false } }), [20.5, '°C', 'good'])
  t.strictSame(await value('ds18b20', 1360), [85, '°C', 'suspect'])
  t.equal(app.store.readings.latest().length, 0, 'nothing is stored')
})

t.test('a number that no such sensor can send has no value, and never 0', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const process = poster(app, operator)
  t.match((await process('process', { sensor_type: 'ph', raw_value: 70_000 })).body, {
    success: false,
    processed_value: null,
    quality: 'error',
    error: /70000 is not between 0 and 4095/,
    metadata: { sensor_type: 'ph', calibrated: false },
  })
  t.match((await process('process', { sensor_type: 'ds18b20', raw_value: -2032 })).body, {
    success: false,
    processed_value: null,
    error: /no sensor/,
  })
})

t.test('the sensor’s own calibration and options are used unless the request brings others', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const post = poster(app, operator)
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  const points = [{ raw: 1861, reference: 7.5 }]
  const saved = await post('calibrate', { sensor_type: 'ph', points, save_to_config: true })
  t.match(saved.body, { saved: true, id: 1, method: 'linear', sensor_type: 'ph', message: /is applied/ })
  const processed = async (more: object) =>
    (await post('process', { sensor_type: 'ph', raw_value: 1861, ...more })).body
  t.match(await processed({}), { processed_value: 7.5, metadata: { calibrated: true } })
  t.match(await processed({ calibration: null }), { processed_value: 7, metadata: { calibrated: false } })
  t.match(await processed({ gpio: 35 }), { processed_value: 7 })
  t.match(await processed({ calibration: null, params: { temperature: 40 } }), {
    metadata: { temperature: 40 },
  })
})

t.test('a calibration can be tried without keeping it', async (t) => {
  const app = await openApp(t)
  const { operator } = await people(app)
  const calibrate = (body: object) => poster(app, operator)('calibrate', { sensor_type: 'moisture', ...body })
  const points = [
    { raw: 3000, reference: 0 },
    { raw: 1400, reference: 100 },
  ]
  t.match((await calibrate({ calibration_points: points })).body, {
    success: true,
    method: 'dry_wet',
    calibration: { coefficients: { dry_value: 3000, wet_value: 1400 } },
    verdict: { sentence: String },
    saved: false,
    id: null,
  })
  t.strictSame(app.store.calibrations.list(), [])
  t.match(await calibrate({ points: [{ raw: 3000, reference: 0 }] }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'points'], msg: /exactly 2 points/ }] },
  })
  t.match(await calibrate({}), { status: 422, body: { detail: [{ loc: ['body', 'points'] }] } })
  t.match(await calibrate({ points, save_to_config: true }), { status: 404, body: { detail: /not known/ } })
})

t.test('what cannot be converted at all is refused by field', async (t) => {
  const app = await openApp(t)
  const { operator, viewer } = await people(app)
  const post = poster(app, operator)
  const refused = async (body: object | string, field: string, msg: RegExp) => {
    const answer =
      typeof body === 'string'
        ? await request(app, 'POST', '/sensors/process', { token: operator, body })
        : await post('process', { sensor_type: 'ph', raw_value: 5, ...body })
    t.match(answer, { status: 422, body: { detail: [{ loc: ['body', field], msg }] } })
  }
  await refused({ sensor_type: 'nonsense' }, 'sensor_type', /sensors\/types/)
  await refused({ raw_value: '5' }, 'raw_value', /number/)
  await refused({ raw_value: true }, 'raw_value', /number/)
  await refused({ gpio: 256 }, 'gpio', /255/)
  await refused({ calibration: { foo: 1 } }, 'calibration', /no calibration of ph/)
  await refused(`{"esp_id":"${ESP}","gpio":1,"sensor_type":"ph","raw_value":1e400}`, 'raw_value', /number/)
  const asViewer = poster(app, viewer)
  t.equal((await asViewer('process', { sensor_type: 'ph', raw_value: 5 })).status, 403)
  t.equal((await asViewer('calibrate', { sensor_type: 'ph' })).status, 403)
})
