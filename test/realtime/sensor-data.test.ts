/** Readings over REST: pages, files, statistics, and the latest of every sensor. rest-contract §9 */
import { createConnection } from 'node:net'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { DataAnswer, LatestAnswer } from '../../realtime/reading-answers.js'
import type { Portion, Reading, StoredReading } from '../../storage/readings.js'
import { NOON, reading } from '../storage/open.js'
import { setUp } from '../support/administrator.js'
import { type OpenApp, openApp, type Teardown } from '../support/app.js'
import { people, request } from '../support/http.js'
import { until } from '../support/until.js'

const isData = Compile(DataAnswer)
const isLatest = Compile(LatestAnswer)
const PERIOD = 'start_time=2025-06-01T00:00:00Z&end_time=2025-06-02T00:00:00Z'

interface Asking {
  app: OpenApp
  token: string
  store(...readings: Partial<Reading>[]): Promise<unknown>
  get(path: string): ReturnType<typeof request>
  /** GET /sensors/data of the day of these readings; the answer is what its schema says. */
  data(query?: string): Promise<Record<string, unknown> & { readings: Reading[]; next_cursor: string | null }>
}

async function opened(t: Teardown): Promise<Asking> {
  const app = await openApp(t, { now: () => NOON + 3_600_000 })
  const token = (await setUp(app.origin)).access_token
  const get = (path: string) => request(app, 'GET', path, { token })
  return {
    app,
    token,
    get,
    store: (...readings) =>
      app.store.group.run(() => {
        for (const fields of readings) app.store.readings.insert(reading(fields))
      }),
    async data(query = '') {
      const { status, body } = await get(`/sensors/data?${PERIOD}&${query}`)
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      if (!isData.Check(body)) throw new Error(JSON.stringify(isData.Errors(body)))
      return body as unknown as Awaited<ReturnType<Asking['data']>>
    },
  }
}

const series = (count: number, fields: Partial<Reading> = {}): Partial<Reading>[] =>
  Array.from({ length: count }, (_, n) => ({ timestamp: NOON + n * 1000, raw_value: n, ...fields }))

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
async function file({ app, token }: Asking, path: string, accept?: string) {
  const answer = await fetch(`${app.origin}/api/v1${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(accept && { accept }) },
  })
  return { headers: answer.headers, text: await answer.text() }
}

t.test('as CSV: every reading, in words, and nothing a spreadsheet would compute', async (t) => {
  const asking = await opened(t)
  await asking.store(
    { timestamp: NOON - 400 * 86_400_000, raw_value: -1.5, processed_value: null, unit: null },
    { raw_value: 2, unit: '=cmd|"/c calc"!A1', seq: 3 },
    { timestamp: NOON + 1, raw_value: 3, unit: 'a,b', zone_id: '@zone', subzone_id: '-1\r\n2' },
    { esp_id: 'AAA', raw_value: 4, address: '28FF0A' },
  )
  const { headers, text } = await file(asking, '/sensors/data?format=csv')
  t.match(headers.get('content-type'), /^text\/csv; charset=utf-8/)
  t.equal(headers.get('content-disposition'), 'attachment; filename="readings-2025-06-01.csv"')
  t.equal(
    text,
    [
      'esp_id,gpio,sensor_type,address,raw_value,processed_value,unit,quality,processing_mode,timestamp,received_at,time_source,seq,zone_id,subzone_id,data_source',
      'AAA,4,ds18b20,28FF0A,4,21.5,°C,good,local,2025-06-01T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,,,,production',
      'ESP_12AB34CD,4,ds18b20,,-1.5,,,good,local,2024-04-27T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,,,,production',
      `ESP_12AB34CD,4,ds18b20,,2,21.5,"'=cmd|""/c calc""!A1",good,local,2025-06-01T12:00:00.000Z,2025-06-01T12:00:00.000Z,device,3,,,production`,
      `ESP_12AB34CD,4,ds18b20,,3,21.5,"a,b",good,local,2025-06-01T12:00:00.001Z,2025-06-01T12:00:00.000Z,device,,'@zone,"'-1\r\n2",production`,
      '',
    ].join('\r\n'),
  )
  const some = await file(asking, `/sensors/data?esp_id=AAA&${PERIOD}`, 'text/csv;q=0.9, */*')
  t.equal(some.text.split('\r\n').length, 3)
  t.match(some.headers.get('content-disposition'), /readings-AAA-/)
})

t.test('as NDJSON: a reading a line, as many as there are', async (t) => {
  const asking = await opened(t)
  await asking.store(...series(6_000))
  await asking.app.store.maintenance!.round(true)
  await asking.store(...series(500, { gpio: 5 }))
  const { headers, text } = await file(asking, '/sensors/data', 'application/x-ndjson')
  t.equal(headers.get('content-type'), 'application/x-ndjson')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reading)
  t.equal(lines.length, 6_500)
  t.equal(
    lines.reduce((sum, { raw_value }) => sum + raw_value, 0),
    (6_000 * 5_999) / 2 + (500 * 499) / 2,
  )
  t.match((await asking.data('format=json&limit=1')).readings, [lines[5_999]])
})

/** Counts the portions that are read for files, and sees when reading ends. */
function watch({ readings }: OpenApp['store']) {
  const seen = { portions: 0, ended: false }
  const { bySensor } = readings
  readings.bySensor = async function* (range): AsyncGenerator<Portion<StoredReading>, void> {
    try {
      for await (const portion of bySensor(range)) {
        seen.portions++
        yield portion
      }
    } finally {
      seen.ended = true
    }
  }
  return seen
}

t.test('who does not read is not read for, and who leaves ends it', async (t) => {
  const { app, token, store } = await opened(t)
  for (let n = 0; n < 60; n++)
    await store(...series(1_000, { gpio: n, zone_id: 'x'.repeat(400), subzone_id: 'y'.repeat(400) }))
  const seen = watch(app.store)
  const socket = createConnection({ host: '127.0.0.1', port: app.httpPort })
  socket.on('error', () => {})
  socket.once('data', () => socket.pause())
  socket.write(
    `GET /api/v1/sensors/data?format=ndjson HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`,
  )
  await until(() => seen.portions > 2, 'the first portions')
  let before = -1
  await until(async () => {
    before = seen.portions
    await new Promise((resolve) => setTimeout(resolve, 300))
    return seen.portions === before
  }, 'the network to be full')
  t.ok(seen.portions < 100, `${seen.portions} of 120 portions are on their way`)
  t.notOk(seen.ended)
  t.equal((await request(app, 'GET', '/sensors/latest', { token })).status, 200, 'others are served')
  socket.destroy()
  await until(() => seen.ended, 'the end of reading')
  t.ok(seen.portions < 110, 'long before the end')
})

t.test('several sensors that are named are one page and one file', async (t) => {
  const { app, token, store, data, get } = await opened(t)
  await store(
    ...series(3),
    ...series(2, { gpio: 5, sensor_type: 'ph', unit: 'pH' }),
    ...series(2, { gpio: 6 }),
    ...series(1, { esp_id: 'ESP_2', sensor_type: 'sht31_temp', address: '0x44' }),
  )
  const both = 'sensor=ESP_12AB34CD,4,ds18b20&sensor=ESP_2,4,sht31_temp,0x44'
  t.match(await data(both), { count: 4, esp_id: null, gpio: 4, sensor_type: null })
  const answer = await fetch(`${app.origin}/api/v1/sensors/data?${both}&format=csv`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const lines = (await answer.text()).trim().split('\r\n').slice(1)
  t.strictSame(
    lines.map((line) => line.split(',').slice(0, 4)),
    [...Array(3).fill(['ESP_12AB34CD', '4', 'ds18b20', '']), ['ESP_2', '4', 'sht31_temp', '0x44']],
  )
  t.match(await get(`/sensors/data?${both}&sensor=ESP_3,1,ph`), {
    status: 422,
    body: { detail: [{ msg: /ESP_3,1,ph is not known/ }] },
  })
})
