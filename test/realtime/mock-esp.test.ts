/** Mock devices over REST: made, looked at, told things, removed. rest-contract §6 */
import t from 'tap'
import { type Answer, request } from '../support/http.js'
import { devices, house, ID } from '../support/lab.js'
import { until } from '../support/until.js'

t.test('a mock is made: registered, online, in its zone, with what it has', async (t) => {
  const { app, as, admin } = await house(t, null)
  const answer = await as('POST', '', {
    esp_id: ID,
    zone_id: '',
    zone_name: 'Gewächshaus Süd 1',
    sensors: [{ gpio: 4, sensor_type: 'DS18B20', raw_value: 21.5, unit: '', name: 'Luft' }],
    actuators: [{ gpio: 5, actuator_type: 'pump' }],
    auto_heartbeat: false,
    heartbeat_interval_seconds: 60,
  })
  t.match(answer, {
    status: 201,
    body: {
      esp_id: ID,
      zone_id: 'gewaechshaus_sued_1',
      zone_name: 'Gewächshaus Süd 1',
      master_zone_id: null,
      subzone_id: null,
      system_state: 'OPERATIONAL',
      status: 'online',
      connected: true,
      auto_heartbeat: false,
      uptime: Number,
      created_at: /Z$/,
      hardware_type: 'MOCK_ESP32',
      sensors: [
        {
          gpio: 4,
          sensor_type: 'DS18B20',
          name: 'Luft',
          subzone_id: null,
          raw_value: 21.5,
          unit: '°C',
          quality: 'good',
          raw_mode: true,
          interval_seconds: 30,
          variation_pattern: 'constant',
        },
      ],
      actuators: [
        {
          gpio: 5,
          actuator_type: 'pump',
          state: false,
          pwm_value: 0,
          emergency_stopped: false,
          last_command: null,
        },
      ],
    },
  })
  t.match((await request(app, 'GET', `/esp/devices/${ID}`, { token: admin })).body, {
    device_id: ID,
    hardware_type: 'MOCK_ESP32',
    status: 'online',
    capabilities: { mock: true },
    zone_id: 'gewaechshaus_sued_1',
    metadata: { mock: true, simulation_state: 'running' },
  })
  t.match(await as('GET', ''), { status: 200, body: { success: true, total: 1, data: [{ esp_id: ID }] } })
  t.match(await as('GET', `/${ID}`), { status: 200, body: { esp_id: ID, last_heartbeat: /Z$/ } })
  t.match((await as('GET', '/sync-status')).body, {
    in_memory_count: 1,
    in_database_count: 1,
    synced_count: 1,
    orphaned_count: 0,
    orphaned_ids: [],
    memory_only_ids: [],
    is_synced: true,
    message: String,
  })
  await until(() => app.store.readings.latest(ID).length === 1, 'its first reading')
  t.match(app.store.readings.latest(ID), [{ processed_value: 21.5, data_source: 'mock' }])
})

t.test('what cannot be made leaves nothing behind, and says what is wrong', async (t) => {
  const { app, as, admin, operator } = await house(t)
  await request(app, 'POST', '/esp/devices', { token: admin, body: { device_id: 'ESP_12AB34CD' } })
  const before = devices(app)
  const make = (body: object): Promise<Answer> => as('POST', '', { esp_id: 'MOCK_002', ...body })
  const wrong = async (body: object, loc: (string | number)[], msg: RegExp | string): Promise<void> => {
    const answer = await make(body)
    t.match(answer, { status: 422, body: { detail: [{ loc: ['body', ...loc], msg }] } }, loc.join('.'))
  }
  t.match(await make({ esp_id: ID }), {
    status: 409,
    body: { detail: /ESP_MOCK_A1B2C3 is a mock device already/ },
  })
  t.match(await make({ esp_id: 'ESP_12AB34CD' }), {
    status: 409,
    body: { code: 'already_exists', detail: 'ESP_12AB34CD is a registered device already' },
  })
  await wrong({ esp_id: 'a/b' }, ['esp_id'], String as never)
  await wrong({ heartbeat_interval_seconds: 0 }, ['heartbeat_interval_seconds'], /5/)
  const sensor = { gpio: 4, sensor_type: 'ds18b20' }
  await wrong(
    { sensors: [{ ...sensor, interval_seconds: 0 }] },
    ['sensors', '0', 'interval_seconds'] as never,
    /1/,
  )
  await wrong({ sensors: [{ ...sensor, gpio: 40 }] }, ['sensors', '0', 'gpio'] as never, /39/)
  await wrong(
    { sensors: [{ ...sensor, sensor_type: 'warp' }] },
    ['sensor_type'],
    /not known; it is one of .*ds18b20/,
  )
  await wrong(
    { sensors: [{ ...sensor, min_value: 5, max_value: 4 }] },
    ['min_value'],
    /5 is above max_value 4/,
  )
  await wrong(
    { sensors: [{ ...sensor, variation_pattern: 'wobble' }] },
    ['variation_pattern'],
    /"wobble" is not known; it is one of constant, random, drift/,
  )
  await wrong(
    { actuators: [{ gpio: 5, actuator_type: 'fan', min_value: 0.8, max_value: 0.2 }] },
    ['min_value'],
    /above max_value/,
  )
  t.match(await make({ sensors: [sensor, { gpio: 4, sensor_type: 'ph' }] }), {
    status: 409,
    body: { code: 'gpio_conflict', detail: /gpio 4 is taken by the sensor ds18b20/ },
  })
  t.match(await make({ sensors: [sensor], actuators: [{ gpio: 4, actuator_type: 'pump' }] }), {
    status: 409,
    body: { code: 'gpio_conflict' },
  })
  t.match(await make({ faults: [{ fault: 'gremlins' }] }), { status: 422, body: { detail: /gremlins/ } })
  t.strictSame(devices(app), before)
  t.match((await as('GET', '')).body, { total: 1 })
  for (const [method, path] of [
    ['GET', ''],
    ['POST', ''],
    ['GET', '/sync-status'],
    ['DELETE', `/${ID}`],
    ['POST', `/${ID}/sensors`],
  ] as const)
    t.match(await request(app, method, `/debug/mock-esp${path}`, { token: operator }), { status: 403 }, path)
})

t.test(
  'a mock may speak as the firmware does, of a place and a seed that were chosen, with a fault',
  async (t) => {
    const { app, as, admin } = await house(t, {
      payload: 'native',
      seed: 7,
      place: { latitude: -33.9, longitude: 18.4, day_ms: 60_000 },
      sensors: [{ gpio: 34, sensor_type: 'ph', raw_value: 6.2 }],
      faults: [{ fault: 'duplicate' }],
    })
    t.match((await as('GET', `/${ID}`)).body, { payload: 'native', faults: [{ fault: 'duplicate' }] })
    await until(() => app.store.readings.latest(ID).length === 1, 'a reading')
    const [reading] = app.store.readings.latest(ID)
    t.match(reading, { processing_mode: 'pi_enhanced', unit: 'pH' })
    t.ok(Math.abs(reading!.processed_value! - 6.2) < 0.05, `${reading!.processed_value}`)
    t.match(await as('POST', '', { esp_id: 'MOCK_002', payload: 'morse' }), {
      status: 422,
      body: { detail: [{ loc: ['body', 'payload'], msg: /mock, native/ }] },
    })
    t.match(await as('POST', '', { esp_id: 'MOCK_002', place: { latitude: 91 } }), { status: 422 })

    const body = { device_id: 'MOCK_OUTSIDE' }
    await request(app, 'POST', '/esp/devices', { token: admin, body })
    t.match((await as('GET', '/sync-status')).body, {
      in_memory_count: 1,
      in_database_count: 2,
      synced_count: 1,
      orphaned_count: 1,
      orphaned_ids: ['MOCK_OUTSIDE'],
      is_synced: false,
    })
    t.match(await as('GET', '/MOCK_OUTSIDE'), { status: 404 })
  },
)

t.test('a mock that is removed is gone everywhere, and what it measured stays', async (t) => {
  const { app, as, admin } = await house(t, { sensors: [{ gpio: 4, sensor_type: 'ds18b20' }] })
  await until(() => app.store.readings.latest(ID).length === 1, 'a reading')
  t.match(await as('DELETE', `/${ID}`), { status: 204 })
  t.strictSame(devices(app), [])
  t.equal(app.store.readings.latest(ID).length, 1)
  t.equal(app.store.mocks.find(ID), undefined)
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/heartbeat'],
    ['POST', '/start'],
    ['POST', '/emergency-stop'],
    ['POST', '/clear-emergency'],
    ['GET', '/messages'],
    ['DELETE', '/messages'],
    ['DELETE', '/faults'],
  ] as const)
    t.match(await as(method, `/${ID}${path}`), { status: 404, body: { detail: /no mock device/ } }, path)
  t.match(await as('POST', '', { esp_id: ID, sensors: [{ gpio: 4, sensor_type: 'ph' }] }), { status: 201 })
  await until(() => app.store.readings.latest(ID).length === 2, 'another reading')
  t.match(await as('DELETE', `/${ID}?readings=some`), { status: 422 })
  t.match(await as('DELETE', `/${ID}?readings=delete`), { status: 204 })
  t.match([app.store.readings.latest(ID), app.store.readings.count()], [[], 0], 'or goes, when that is asked')
  // The same id may come again, and a device that is removed as such takes its mock along.
  t.match(await as('POST', '', { esp_id: ID }), { status: 201 })
  await request(app, 'DELETE', `/esp/devices/${ID}`, { token: admin })
  await until(async () => (await as('GET', '')).body.total === 0, 'its mock is gone too')
  t.strictSame(devices(app), [])
})

t.test(
  'a zone whose name gives no id is refused at its field, and comes with an id of its own',
  async (t) => {
    const { app, as } = await house(t)
    t.match(await as('POST', '', { esp_id: 'MOCK_1', zone_name: '温室' }), {
      status: 422,
      body: { detail: [{ loc: ['body', 'zone_name'], input: '温室', said: { code: 'zone_name_no_id' } }] },
    })
    t.strictSame(devices(app), [ID])
    t.match(await as('POST', '', { esp_id: 'MOCK_1', zone_name: '温室', zone_id: 'z1' }), {
      status: 201,
      body: { zone_id: 'z1', zone_name: '温室' },
    })
  },
)

t.test('the lists of devices show a mock as people made it, also in the answer to a change', async (t) => {
  const { app, as, operator } = await house(t, {
    zone_name: 'Zelt',
    sensors: [
      { gpio: 4, sensor_type: 'DS18B20', raw_value: 21.5, name: 'Luft' },
      { gpio: 21, sensor_type: 'SHT31', raw_value: 20 },
      { gpio: 21, sensor_type: 'SHT31_humidity', raw_value: 60 },
      { gpio: 34, sensor_type: 'pH', raw_value: 6.2 },
    ],
    actuators: [{ gpio: 5, actuator_type: 'pump', name: 'Pumpe' }],
  })
  const types = ['DS18B20', 'SHT31', 'SHT31_humidity', 'pH']
  await until(() => app.store.readings.latest(ID).length >= types.length, 'readings of all')
  const seen = {
    sensors: [
      { gpio: 4, sensor_type: 'DS18B20', name: 'Luft', raw_value: 21.5, unit: '°C', raw_mode: true },
      { gpio: 21, sensor_type: 'SHT31', name: null, raw_value: 20, last_read: /Z$/ },
      { gpio: 21, sensor_type: 'SHT31_humidity', raw_value: 60 },
      { gpio: 34, sensor_type: 'pH', raw_value: 6.2, quality: 'good' },
    ],
    actuators: [{ gpio: 5, actuator_type: 'pump', name: 'Pumpe', state: false }],
  }
  const listed = async (): Promise<{ sensors: { sensor_type: string }[] }> => {
    const { body } = await request(app, 'GET', '/esp/devices', { token: operator })
    return (body.data as never[])[0]!
  }
  t.match(await listed(), seen)
  t.strictSame(
    (await listed()).sensors.map(({ sensor_type }) => sensor_type),
    types,
    'derived values are no sensors of it',
  )
  const changed = await request(app, 'PATCH', `/esp/devices/${ID}`, {
    token: operator,
    body: { zone_id: '' },
  })
  t.match(changed.body, seen)
  await as('DELETE', `/${ID}/sensors/34`)
  await as('POST', `/${ID}/sensors`, { gpio: 0, sensor_type: 'analog', name: 'Neu' })
  t.match((await listed()).sensors.map(({ sensor_type }) => sensor_type).sort(), [
    ...types.slice(0, 3),
    'analog',
  ])
})
