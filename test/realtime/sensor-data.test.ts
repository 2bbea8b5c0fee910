/** Readings over REST: pages, files, statistics, and the latest of every sensor. rest-contract §9 */
import t from 'tap'
import type { Reading } from '../../storage/readings.js'
import { NOON } from '../storage/open.js'
import { openApp } from '../support/app.js'
import { people, request } from '../support/http.js'
import { isData, isLatest, opened, PERIOD, series } from '../support/measured.js'

t.test('readings of a sensor and a time, newest first, field by field', async (t) => {
  const { store, data } = await opened(t)
  await store(
    { raw_value: 1 },
    {
      timestamp: NOON + 1_234,
      received_at: NOON + 1_334,
      raw_value: 2_048,
      processed_value: -0.5,
      unit: 'µS/cm "x"\n',
      quality: 'suspect',
      processing_mode: 'pi_enhanced',
      time_source: 'server',
      seq: 7,
      zone_id: 'tent',
      subzone_id: 'a',
      data_source: 'mock',
    },
    { timestamp: NOON + 2_000, processed_value: null, raw_value: 1e-7, unit: null },
  )
  const answer = await data('esp_id=ESP_12AB34CD&gpio=4&sensor_type=DS18B20')
  t.match(answer, {
    success: true,
    message: '3 readings',
    esp_id: 'ESP_12AB34CD',
    gpio: 4,
    sensor_type: 'ds18b20',
    address: null,
    count: 3,
    next_cursor: null,
    aggregation: null,
    time_range: { start: '2025-06-01T00:00:00.000Z', end: '2025-06-02T00:00:00.000Z' },
  })
  t.strictSame(answer.readings[1], {
    esp_id: 'ESP_12AB34CD',
    gpio: 4,
    sensor_type: 'ds18b20',
    address: null,
    timestamp: '2025-06-01T12:00:01.234Z',
    raw_value: 2_048,
    processed_value: -0.5,
    value: -0.5,
    unit: 'µS/cm "x"\n',
    quality: 'suspect',
    processing_mode: 'pi_enhanced',
    received_at: '2025-06-01T12:00:01.334Z',
    time_source: 'server',
    seq: 7,
    zone_id: 'tent',
    subzone_id: 'a',
    data_source: 'mock',
  } as unknown as Reading)
  t.match(answer.readings[0], {
    raw_value: 1e-7,
    processed_value: null,
    value: 1e-7,
    unit: null,
    quality: 'good',
  })
  t.match(answer.readings[2], { raw_value: 1, unit: '°C', data_source: 'production', zone_id: null })
})

t.test('filters apply together; a type is found under its other names', async (t) => {
  const { store, data } = await opened(t)
  await store(
    ...series(3),
    ...series(3, { gpio: 5 }),
    ...series(3, { esp_id: 'ESP_2', sensor_type: 'sht31_temp', address: '0x44' }),
    ...series(1, { quality: 'bad', timestamp: NOON + 50 }),
    ...series(2, { esp_id: 'MOCK_1', data_source: 'mock' }),
  )
  const counts: [query: string, count: number][] = [
    ['', 12],
    ['esp_id=ESP_12AB34CD', 7],
    ['esp_id=ESP_12AB34CD&gpio=4', 4],
    ['gpio=5', 3],
    ['sensor_type=Temperature-DS18B20', 9],
    ['sensor_type=DS18B20&gpio=4&quality=bad', 1],
    ['data_source=mock', 2],
    ['address=0x44', 3],
    ['esp_id=&gpio=&quality=', 12],
    ['sensor_type=co2', 0],
  ]
  for (const [query, count] of counts) t.equal((await data(query)).count, count, query)
  t.match(await data(), { esp_id: null, gpio: null, sensor_type: null }, 'nothing in common')
  t.match(await data('esp_id=ESP_2'), { gpio: 4, sensor_type: 'sht31_temp', address: '0x44' }, 'what is')
})

t.test('pages lie end to end while readings come', async (t) => {
  const { store, data } = await opened(t)
  await store(...series(2_500))
  const found: number[] = []
  let cursor = ''
  for (let page = 0; ; page++) {
    const answer = await data(`limit=1000${cursor}`)
    found.push(...answer.readings.map(({ raw_value }) => raw_value))
    await store({ timestamp: NOON + 9_000_000 + page, raw_value: -1 })
    if (!answer.next_cursor) break
    cursor = `&cursor=${answer.next_cursor}`
  }
  t.strictSame(
    found,
    Array.from({ length: 2_500 }, (_, n) => 2_499 - n),
  )
  t.equal((await data('limit=10000')).count, 2_503, 'and in one page')
  t.match((await data('limit=1&order=asc')).readings, [{ raw_value: 0 }])
  t.equal((await data()).count, 100, 'a hundred when nobody says how many')
})

t.test('without a time: the last day, and what comes from clocks that are ahead', async (t) => {
  const { store, get } = await opened(t)
  await store(
    { raw_value: 1, timestamp: NOON - 24 * 3_600_000 },
    { raw_value: 2, timestamp: NOON },
    { raw_value: 3, timestamp: NOON + 3_700_000 },
  )
  const { body } = await get('/sensors/data')
  t.match(body, {
    readings: [{ raw_value: 3 }, { raw_value: 2 }],
    count: 2,
    time_range: { start: '2025-05-31T13:00:00.000Z', end: '2025-06-01T13:00:00.000Z' },
  })
  t.match((await get('/sensors/data?end_time=2025-06-01T12:00:00')).body, {
    count: 2,
    time_range: { start: '2025-05-31T12:00:00.000Z' },
  })
})

t.test('what is asked wrongly is said field by field', async (t) => {
  const { get } = await opened(t)
  const wrong: [query: string, field: string][] = [
    ['gpio=256', 'gpio'],
    ['gpio=-1', 'gpio'],
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['quality=great', 'quality'],
    ['start_time=yesterday', 'start_time'],
    ['start_time=2025-06-02&end_time=2025-06-01', 'start_time'],
    ['cursor=x', 'cursor'],
    ['order=up', 'order'],
    ['format=xml', 'format'],
    ['interval=10', 'interval'],
    ['interval=1000', 'interval'],
    ['esp_id=a%20b', 'esp_id'],
  ]
  for (const [query, field] of wrong)
    t.match(
      await get(`/sensors/data?${query}`),
      { status: 422, body: { detail: [{ loc: ['query', field], msg: String }] } },
      query,
    )
})

t.test('an unknown device is not found; one that was deleted has left its readings', async (t) => {
  const { app, token, store, get } = await opened(t)
  t.match(await get('/sensors/data?esp_id=ESP_NOBODY'), { status: 404, body: { detail: /ESP_NOBODY/ } })
  t.match(await get('/sensors/data/by-source/mock?esp_id=ESP_NOBODY'), { status: 404 })
  t.match(await get('/sensors/ESP_NOBODY/4/stats'), { status: 404 })
  await request(app, 'POST', '/esp/devices', { token, body: { device_id: 'ESP_12AB34CD' } })
  t.match((await get('/sensors/data?esp_id=ESP_12AB34CD')).body, { count: 0 })
  t.match(await get('/sensors/ESP_12AB34CD/4/stats'), { status: 404, body: { detail: /no such sensor/ } })
  await store({})
  t.equal((await request(app, 'DELETE', '/esp/devices/ESP_12AB34CD', { token })).status, 204)
  t.match((await get('/sensors/data?esp_id=ESP_12AB34CD')).body, { count: 1 })
})

t.test('every role may read; nobody else', async (t) => {
  const app = await openApp(t)
  const { viewer } = await people(app)
  for (const path of [
    '/sensors/latest',
    '/sensors/data',
    '/sensors/data/by-source/mock',
    '/sensors/data/stats/by-source',
  ]) {
    t.equal((await request(app, 'GET', path, { token: viewer })).status, 200, path)
    t.equal((await request(app, 'GET', path)).status, 401, path)
  }
})

t.test('the latest reading of every sensor, however many there are', async (t) => {
  const { store, get } = await opened(t)
  t.strictSame((await get('/sensors/latest')).body, { success: true, data: [], total: 0 })
  await store(
    ...Array.from({ length: 1_200 }, (_, n) => ({ esp_id: `ESP_${n % 400}`, gpio: n % 3, raw_value: n })),
    { esp_id: 'ESP_0', gpio: 0, raw_value: -1, timestamp: NOON - 1 },
  )
  const { body } = await get('/sensors/latest')
  t.ok(isLatest.Check(body))
  const readings = body.data as Reading[]
  t.equal(body.total, 1_200)
  t.equal(new Set(readings.map(({ raw_value }) => raw_value)).size, 1_200)
  t.equal(Math.min(...readings.map(({ raw_value }) => raw_value)), 0)
  t.match((await get('/sensors/latest?esp_id=ESP_7')).body, { total: 3 })
})

t.test('statistics of a sensor, per interval and of all sources', async (t) => {
  const { store, get, data } = await opened(t)
  await store(
    ...series(4).map((one) => ({ ...one, processed_value: one.raw_value!, data_source: 'mock' as const })),
  )
  t.match(await get(`/sensors/ESP_12AB34CD/4/stats?${PERIOD}`), {
    status: 200,
    body: {
      success: true,
      message: '4 readings',
      esp_id: 'ESP_12AB34CD',
      gpio: 4,
      sensor_type: 'ds18b20',
      unit: '°C',
      stats: {
        min_value: 0,
        max_value: 3,
        avg_value: 1.5,
        std_dev: Math.sqrt(1.25),
        reading_count: 4,
        quality_distribution: { good: 4 },
      },
      time_range: { start: '2025-06-01T00:00:00.000Z' },
    },
  })
  t.match(await data('interval=100000'), {
    readings: [],
    count: 0,
    aggregation: {
      interval: 100_000,
      points: [
        { timestamp: '2025-06-01T12:00:00.000Z', min_value: 0, max_value: 3, avg_value: 1.5, count: 4 },
      ],
    },
  })
  t.strictSame((await get('/sensors/data/stats/by-source')).body, {
    success: true,
    counts: { production: 0, mock: 4, test: 0, simulation: 0 },
    total: 4,
  })
  await store({ sensor_type: 'sht31_temp' })
  for (const path of ['/sensors/ESP_12AB34CD/4/stats?', '/sensors/data?interval=100000&'])
    t.match(
      await get(path + PERIOD),
      { status: 422, body: { detail: [{ loc: ['query', 'sensor_type'], msg: /ds18b20, sht31_temp/ }] } },
      'numbers of two types make no sense together',
    )
  t.match((await get(`/sensors/ESP_12AB34CD/4/stats?sensor_type=SHT31_temp&${PERIOD}`)).body, {
    stats: { reading_count: 1 },
  })
})

t.test('readings of one source, whenever they were', async (t) => {
  const { store, get } = await opened(t)
  await store(
    { raw_value: 1, data_source: 'mock', timestamp: 1_600_000_000_000 },
    { raw_value: 2 },
    { raw_value: 3, data_source: 'mock' },
  )
  const { body } = await get('/sensors/data/by-source/MOCK')
  t.match(body, { readings: [{ raw_value: 3 }, { raw_value: 1 }], count: 2, time_range: null })
  t.ok(isData.Check(body))
  t.match((await get('/sensors/data/by-source/mock?limit=1')).body, { count: 1, next_cursor: String })
  t.match(await get('/sensors/data/by-source/real'), { status: 400, body: { detail: /production, mock/ } })
})

/** A file as it arrives. */
