/** All mocks of a kaiser: the demo, what they share, what others do to their devices, what storage refuses. */
import SQLite from 'better-sqlite3'
import t from 'tap'
import { demoMocks } from '../../sim/profiles/demo.js'
import { directory, type OpenApp, openApp } from '../support/app.js'
import { until } from '../support/until.js'

const running = (app: OpenApp): string[] =>
  app.mocks
    .list()
    .filter((mock) => mock.running)
    .map(({ esp_id }) => esp_id)
    .sort()

const toRun = (app: OpenApp): string[] =>
  app.store.devices
    .list()
    .filter(({ device_metadata }) => JSON.parse(device_metadata).simulation_state === 'running')
    .map(({ device_id }) => device_id)
    .sort()

t.test(
  'the demo is made once, goes on with --demo and rests without, unless people started it',
  async (t) => {
    const dir = directory(t)
    const all = Object.keys(demoMocks).sort()
    const first = await openApp(t, { dir, demo: true })
    t.strictSame(running(first), all)
    await until(() => first.mocks.list().every(({ up }) => up), 'all are there')
    await first.mocks.setActuator('MOCK_NORTH', 25, { state: true })
    await first.mocks.removeSensor('MOCK_SOUTH', { gpio: 4 })
    t.strictSame(
      new Set(first.store.devices.list().map(({ zone_id, zone_name }) => `${zone_id} ${zone_name}`)),
      new Set(['north Tomatoes (north)', 'south Seedlings (south)']),
    )
    await first.close()

    const without = await openApp(t, { dir })
    t.strictSame([running(without), toRun(without)], [[], []])
    t.equal(without.mocks.list().length, 6, 'they are there, and rest')
    await without.mocks.run('MOCK_TANK', true)
    await without.close()

    const again = await openApp(t, { dir })
    t.strictSame([running(again), toRun(again)], [['MOCK_TANK'], ['MOCK_TANK']], 'people started it')
    await again.close()

    const second = await openApp(t, { dir, demo: true })
    t.strictSame([running(second), toRun(second)], [all, all])
    t.match(second.mocks.find('MOCK_NORTH').actuators, [{ gpio: 25, state: true }, { gpio: 26 }])
    t.equal(second.mocks.find('MOCK_SOUTH').sensors.length, 1, 'what people changed stays')
  },
)

t.test('a device that has a name of the demo stays what it is', async (t) => {
  const dir = directory(t)
  const before = await openApp(t, { dir })
  await before.store.group.run(() => {
    const at = Date.now()
    before.store.devices.insert('MOCK_TANK', { status: 'approved', hardware_type: 'ESP32_WROOM' }, at)
    // As an older kaiser left its demo.
    before.store.devices.insert('MOCK_NORTH', { status: 'approved', hardware_type: 'MOCK_ESP32' }, at)
  })
  await before.close()
  const app = await openApp(t, { dir, demo: true })
  t.equal(running(app).length, 5)
  t.notOk(running(app).includes('MOCK_TANK'))
  t.match(
    app.logged.find(({ esp_id }) => esp_id === 'MOCK_TANK'),
    { level: 40, msg: /of the demo does not run/, err: { message: 'MOCK_TANK is a registered device' } },
  )
})

t.test('mocks of one zone share its air; one that is moved takes what it switched along', async (t) => {
  const app = await openApp(t)
  const place = { latitude: 48, longitude: 0, day_ms: 60_000, day_of_year: 130 }
  const sensors = [{ gpio: 4, sensor_type: 'sht31_temp', variation_pattern: 'linked', interval_seconds: 1 }]
  const make = (esp_id: string, zone_id: string): Promise<unknown> =>
    app.mocks.create(
      {
        esp_id,
        config: { zone_id, place },
        sensors: esp_id.startsWith('MOCK_AIR') ? sensors : [],
        actuators: esp_id === 'MOCK_HEAT' ? [{ gpio: 5, actuator_type: 'heater' }] : [],
      },
      'test',
    )
  await Promise.all([make('MOCK_AIR_A', 'a'), make('MOCK_AIR_B', 'b'), make('MOCK_HEAT', 'a')])
  const warmth = (esp_id: string): number =>
    app.store.readings.latest(esp_id)[0]?.processed_value ?? Number.NaN
  const differs = (): number => warmth('MOCK_AIR_A') - warmth('MOCK_AIR_B')
  await until(() => Number.isFinite(differs()), 'both are measured')
  await app.mocks.setActuator('MOCK_HEAT', 5, { state: true })
  await until(() => differs() > 2, 'the heater warms its zone', 20_000)
  const { device_id } = app.store.devices.find('MOCK_HEAT')!
  await app.broker.publish({
    topic: `kaiser/god/esp/${device_id}/zone/assign`,
    payload: JSON.stringify({ zone_id: 'b', zone_name: 'B' }),
    qos: 1,
    retain: false,
  })
  await until(() => differs() < -2, 'and the other one when it was moved', 40_000)
})

t.test('a mock whose device becomes other hardware is none any more', async (t) => {
  const app = await openApp(t, { discovery: 'pending' })
  await app.mocks.create({ esp_id: 'MOCK_001', config: {}, sensors: [], actuators: [] }, 'test')
  await app.store.group.run(() =>
    app.store.devices.update(
      app.store.devices.find('MOCK_001')!,
      { hardware_type: 'ESP32_WROOM' },
      Date.now(),
    ),
  )
  await until(() => app.mocks.list().length === 0, 'it has left')
  t.throws(() => app.mocks.find('MOCK_001'), { code: 'not_found' })
})

t.test('changes at the same time are all kept', async (t) => {
  const app = await openApp(t)
  await app.mocks.create({ esp_id: 'MOCK_001', config: {}, sensors: [], actuators: [] }, 'test')
  await Promise.all(
    Array.from({ length: 20 }, (_, gpio) =>
      app.mocks.addSensor('MOCK_001', { gpio, sensor_type: 'ds18b20', base_value: gpio }),
    ),
  )
  const db = new SQLite(`${app.dir}/kaiser.db`, { readonly: true })
  t.teardown(() => db.close())
  const kept = db
    .prepare<[], string>(`SELECT device_metadata->'simulation_config'->>'sensors' FROM esp_devices`)
    .pluck()
    .get()
  t.equal(Object.keys(JSON.parse(kept!)).length, 20)
  t.equal(app.mocks.find('MOCK_001').sensors.length, 20)
})

t.test('a mock changes only when the change is on disk', async (t) => {
  const app = await openApp(t)
  await app.mocks.create({ esp_id: 'MOCK_001', config: {}, sensors: [], actuators: [] }, 'test')
  const db = new SQLite(`${app.dir}/kaiser.db`)
  t.teardown(() => db.close())
  db.exec('BEGIN IMMEDIATE')
  let answered = false
  const change = app.mocks.addSensor('MOCK_001', { gpio: 4, sensor_type: 'ds18b20' }).then(() => {
    answered = true
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.match([answered, app.mocks.find('MOCK_001').sensors], [false, []])
  db.exec('ROLLBACK')
  await change
  t.equal(app.mocks.find('MOCK_001').sensors.length, 1)
})

t.test('what drifts goes on from where it was', async (t) => {
  const dir = directory(t)
  const first = await openApp(t, { dir })
  const sensor = {
    gpio: 4,
    sensor_type: 'ds18b20',
    base_value: 20,
    variation_pattern: 'drift',
    variation_range: 50,
    interval_seconds: 1,
    min_value: -50,
    max_value: 100,
  }
  await first.mocks.create({ esp_id: 'MOCK_001', config: {}, sensors: [sensor], actuators: [] }, 'test')
  const valueIn = (app: OpenApp): number => app.mocks.find('MOCK_001').sensors[0]!.raw_value
  await until(() => Math.abs(valueIn(first) - 20) > 12, 'it is far away', 20_000)
  await first.close()
  const last = valueIn(first)
  const second = await openApp(t, { dir })
  await until(() => second.mocks.find('MOCK_001').sensors[0]!.last_read !== undefined, 'it is measured')
  t.ok(Math.abs(valueIn(second) - last) <= 5.01, `from ${last} to ${valueIn(second)}`)
})
