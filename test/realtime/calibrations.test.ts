/** Calibrating over REST: points in, a verdict out, readings follow, and everything can be taken back. */
import t from 'tap'
import { openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { connected, topicOf } from '../support/mqtt.js'

const ESP = 'ESP_12AB34CD'
const T0 = Date.now() - 600_000

/** Native numbers of a pH probe; the n-th was measured n seconds after the first. */
const native = (n: number, raw: number, gpio = 34): string =>
  JSON.stringify({ esp_id: ESP, gpio, sensor_type: 'ph', raw, raw_mode: true, ts: T0 + n * 1000 })
/** Values in their unit. */
const value = (n: number, celsius: number): string =>
  JSON.stringify({
    esp_id: ESP,
    gpio: 4,
    sensor_type: 'ds18b20',
    raw_mode: false,
    value: celsius,
    unit: '°C',
    ts: T0 + n * 1000,
  })

/** An ideal probe gives pH 7 at 1.5 V and 3.5 a volt; protocol.md §7.3. */
const at = (ph: number): number => Math.round((((7 - ph) / 3.5 + 1.5) / 3.3) * 4095)
const POINTS = [
  { raw: at(7.3), reference: 7 },
  { raw: at(4.3), reference: 4 },
]

async function house(t: Teardown) {
  const app = await openApp(t)
  const device = await connected(t, app, { clientId: ESP })
  const measured = (gpio: number, payload: string) =>
    device.publishAsync(topicOf(ESP, gpio), payload, { qos: 1 })
  await measured(34, native(0, at(7.3)))
  const { operator, viewer } = await people(app)
  const post = (path: string, body: object, token = operator) =>
    request(app, 'POST', `/sensors/${path}`, { token, body })
  const get = (path: string) => request(app, 'GET', `/sensors/${path}`, { token: viewer })
  const shown = () =>
    app.store.readings.latest(ESP).find(({ sensor_type }) => sensor_type === 'ph')?.processed_value
  const history = async (path = `${ESP}/34/calibrations`) =>
    (await get(path)).body.data as Record<string, unknown>[]
  return { app, measured, operator, viewer, post, get, shown, history }
}

t.test('a calibration applies to the next reading, and to past ones when that is wanted', async (t) => {
  const { app, viewer, measured, post, shown, history } = await house(t)
  t.equal(shown(), 7.3)
  const { status, body } = await post(`${ESP}/34/calibrate`, {
    sensor_type: 'ph_sensor',
    points: POINTS,
    temperature: 25,
    probe_serial: 'P-1',
    recompute_from: new Date(T0).toISOString(),
  })
  t.equal(status, 200)
  t.match(body, {
    success: true,
    id: 1,
    calibration: { method: 'linear', points: POINTS, temperature: 25, coefficients: { slope: Number } },
    verdict: { quality: 'good', slope_percent: Number, offset: Number, sentence: /probe is good/ },
    due_at: /Z$/,
    recomputed: { status: 'done', read: 1, changed: 1, requested_by: 'a-operator', sensor_type: 'ph' },
  })
  t.equal(Date.parse(body.due_at as string) > Date.now() + 29 * 86_400_000, true, 'pH is due after 30 days')
  t.equal(shown(), 7, 'the past reading')
  await measured(34, native(1, at(5.3)))
  t.equal(shown(), 5)

  t.match(await history(), [
    { id: 1, probe_serial: 'P-1', performed_by: 'a-operator', applied: true, due: false, undone_at: null },
  ])
  t.match(app.store.sensorConfigs.find(ESP, 34, 'ph', ''), { probe_serial: 'P-1', calibration: { id: 1 } })
  const audited = await request(app, 'GET', '/audit?event_type=sensor_calibrated', { token: viewer })
  t.match(audited.body.data, [
    { source_id: 'a-operator', message: /probe is good/, details: { probe_serial: 'P-1' } },
  ])
})

t.test('a calibration is taken back; the one before applies again, and stays in the history', async (t) => {
  const { measured, post, shown, history } = await house(t)
  const calibrate = (by: number) =>
    post(`${ESP}/34/calibrate`, {
      sensor_type: 'ph',
      points: [{ raw: at(7.3), reference: 7.3 + by }],
      due_days: 1,
    })
  await calibrate(0.5)
  await calibrate(1)
  await measured(34, native(1, at(7.3)))
  t.equal(shown(), 8.3)

  const undone = await post(`${ESP}/34/calibrations/2/undo`, { recompute_from: new Date(T0).toISOString() })
  t.match(undone, {
    status: 200,
    body: {
      message: 'Calibration 2 is taken back; 1 applies',
      undone: { id: 2, undone_by: 'a-operator', undone_at: /Z$/, applied: false },
      applied: { id: 1, applied: true },
      recomputed: { status: 'done', read: 2, changed: 2 },
    },
  })
  t.equal(shown(), 7.8)
  t.match(await post(`${ESP}/34/calibrations/2/undo`, {}), {
    status: 400,
    body: { detail: 'Calibration 2 was taken back already, by a-operator' },
  })
  t.match(await post(`${ESP}/34/calibrations/1/undo`, {}), {
    body: { message: 'Calibration 1 is taken back; none applies', applied: null, recomputed: null },
  })
  await measured(34, native(2, at(7.3)))
  t.equal(shown(), 7.3)
  t.match(await post(`${ESP}/34/calibrations/9/undo`, {}), { status: 404 })
  t.match(await history(), [
    { id: 2, undone_by: 'a-operator' },
    { id: 1, undone_by: 'a-operator' },
  ])
})

t.test('a probe brings its calibration along; another one does not inherit it', async (t) => {
  const { app, post, get, history } = await house(t)
  const config = async (gpio: number, body: object) =>
    (await post(`${ESP}/${gpio}`, { sensor_type: 'ph', ...body })).body.calibration as { id: number } | null
  await post(`${ESP}/34/calibrate`, { sensor_type: 'ph', points: POINTS })

  t.match(await config(34, { probe_serial: 'P-1' }), { id: 1 }, 'the number is only now written down')
  t.equal(await config(34, { probe_serial: 'P-2' }), null, 'another probe')
  await post(`${ESP}/34/calibrate`, { points: POINTS })
  t.match(await config(34, { probe_serial: 'P-1' }), { id: 1 }, 'the first is back')
  t.match(await config(34, { probe_serial: 'P-2' }), { id: 2 })
  t.match(await config(34, { probe_serial: '' }), { id: 2 }, 'its number is forgotten, the probe is not')
  t.match(await config(35, { probe_serial: 'P-1' }), { id: 1 }, 'the first at another pin')

  t.match((await get('calibrations?probe_serial=P-1')).body, {
    data: [{ id: 1, gpio: 34, probe_serial: 'P-1' }],
    pagination: { total_items: 1 },
  })
  t.match(await history(`${ESP}/35/calibrations`), [{ id: 1, gpio: 34 }])
  t.match(await post(`${ESP}/35/calibrations/1/undo`, {}), { status: 200, body: { applied: null } })
  t.match(app.store.sensorConfigs.find(ESP, 35, 'ph', ''), { calibration: null })
  t.match(app.store.sensorConfigs.find(ESP, 34, 'ph', ''), { calibration: { id: 2 } })
})

t.test('a sensor that sends values gets an offset, and only that', async (t) => {
  const { app, measured, post } = await house(t)
  await measured(4, value(1, 20))
  const { body } = await post(`${ESP}/4/calibrate`, {
    sensor_type: 'ds18b20',
    points: [{ raw: 20, reference: 20.5 }],
  })
  t.match(body, { calibration: { method: 'offset', coefficients: { offset: 0.5 } }, due_at: null })
  await measured(4, value(2, 21))
  t.match(
    app.store.readings.latest(ESP).find(({ gpio }) => gpio === 4),
    { raw_value: 21, processed_value: 21.5, processing_mode: 'local' },
  )
})

t.test('calibrations that are due can be asked for', async (t) => {
  const app = await openApp(t, { now: () => Date.now() })
  const { operator } = await people(app)
  await request(app, 'POST', '/esp/devices', { token: operator, body: { device_id: ESP } })
  const calibrate = (gpio: number, due_days?: number) =>
    request(app, 'POST', `/sensors/${ESP}/${gpio}/calibrate`, {
      token: operator,
      body: { sensor_type: 'ph', points: POINTS, ...(due_days && { due_days }) },
    })
  await calibrate(34)
  await calibrate(35, 1)
  const late = app.store.calibrations.get(2)!
  const config = app.store.sensorConfigs.find(ESP, 35, 'ph', '')!
  await app.store.group.run(() => {
    const due_at = Date.now() - 1000
    app.store.calibrations.update(late, { due_at } as never)
    app.store.sensorConfigs.update(config, { calibration: { ...config.calibration!, due_at } }, Date.now())
  })
  const due = async (query: string) =>
    (
      (await request(app, 'GET', `/sensors/calibrations${query}`, { token: operator })).body.data as {
        id: number
      }[]
    ).map(({ id }) => id)
  t.strictSame(await due('?due=true'), [2])
  t.strictSame(await due('?due=false'), [1])
  t.strictSame(await due(''), [2, 1])
  t.match((await request(app, 'GET', '/sensors/health', { token: operator })).body, { calibrations_due: 1 })
})

t.test('what is wrong with a calibration is named, and nothing is written', async (t) => {
  const { app, viewer, post } = await house(t)
  const refused = async (body: object, field: string, msg: RegExp) => {
    const answer = await post(`${ESP}/34/calibrate`, { sensor_type: 'ph', points: POINTS, ...body })
    t.match(answer, { status: 422 }, JSON.stringify(body))
    const [first] = answer.body.detail as { loc: string[]; msg: string }[]
    t.match(first, { msg })
    t.equal(first?.loc.slice(0, 2).join('.'), `body.${field}`)
  }
  await refused({ points: [] }, 'points', /1/)
  await refused({ points: [...POINTS, ...POINTS] }, 'points', /3/)
  await refused({ points: [{ raw: 5 }] }, 'points', /required/)
  await refused({ points: [{ raw: 2000, reference: 70 }] }, 'points', /Reference 70 is outside/)
  await refused({ points: [{ raw: 99_999, reference: 7 }] }, 'points', /not between 0 and 4095/)
  await refused({ sensor_type: 'x1' }, 'sensor_type', /sensors\/types/)
  await refused({ due_days: 0 }, 'due_days', /1/)
  await refused({ temperature: 200 }, 'temperature', /80/)
  await refused({ recompute_from: 'yesterday' }, 'recompute_from', /date-time/)
  await refused({ recompute_from: '2999-01-01T00:00:00Z' }, 'recompute_from', /future/)
  t.match(await post(`${ESP}/34/calibrate`, { points: POINTS }), { status: 404 }, 'no type, no config')
  t.match(await post('ESP_NONE/34/calibrate', { sensor_type: 'ph', points: POINTS }), { status: 404 })
  t.equal((await post(`${ESP}/34/calibrate`, { sensor_type: 'ph', points: POINTS }, viewer)).status, 403)
  t.strictSame(app.store.calibrations.list(), [])
  t.equal(app.store.sensorConfigs.count(ESP), 0)
})

t.test('values of a past period are computed again with what applies now', async (t) => {
  const { app, measured, post, get, shown } = await house(t)
  for (let n = 1; n <= 20; n++) await measured(34, native(n, at(7.3)))
  await post(`${ESP}/34/calibrate`, { sensor_type: 'ph', points: POINTS })
  t.equal(shown(), 7.3)
  const time = (n: number) => new Date(T0 + n * 1000).toISOString()
  const part = await post(`${ESP}/34/recompute`, { start_time: time(5), end_time: time(9) })
  t.match(part, {
    status: 202,
    body: { status: 'done', read: 5, changed: 5, start_time: time(5), end_time: time(9), error: null },
  })
  t.strictSame((await get(`${ESP}/34/recompute/${String(part.body.id)}`)).body, part.body)
  const again = await post(`${ESP}/34/recompute`, { start_time: time(0) })
  t.match(again.body, { status: 'done', read: 21, changed: 16 })
  t.equal(shown(), 7, 'the latest too')
  const values = await app.store.readings.range({
    sensors: [app.store.sensors.find(ESP, 34, 'ph', '')!],
    from: 0,
    to: Date.now(),
    order: 'asc',
    limit: 100,
  })
  t.ok(
    values.readings.every(({ processed_value, raw_value }) => processed_value === 7 && raw_value === at(7.3)),
  )

  t.match(await post(`${ESP}/34/recompute`, { start_time: time(9), end_time: time(5) }), {
    status: 422,
    body: { detail: [{ loc: ['body', 'start_time'], msg: /not be after end_time/ }] },
  })
  t.match(await post(`${ESP}/34/recompute`, {}), { status: 422 })
  t.match(await post(`${ESP}/35/recompute`, { start_time: time(0) }), { status: 404 })
  t.match(await get(`${ESP}/34/recompute/none`), { status: 404 })
  t.match(await get(`${ESP}/35/recompute/${String(part.body.id)}`), { status: 404 })
})
