/** What a chart draws, over REST: several sensors together, few points, and refusals that name what is wrong. */
import t from 'tap'
import { Compile } from 'typebox/compile'
import { SeriesAnswer } from '../../realtime/api/sensor-series.js'
import type { Reading } from '../../storage/readings.js'
import { NOON, reading } from '../storage/open.js'
import { setUp } from '../support/administrator.js'
import { openApp, type Teardown } from '../support/app.js'
import { person, request } from '../support/http.js'

const isAnswer = Compile(SeriesAnswer)
const TEMPERATURE = 'sensor=ESP_12AB34CD,4,ds18b20'
const PERIOD = 'from=2025-06-01T11:00:00Z&to=2025-06-01T14:00:00Z'

interface Drawn {
  esp_id: string
  gpio: number
  sensor_type: string
  address: string | null
  unit: string | null
  bucket_ms: number | null
  interval_ms: number | null
  readings: number
  timestamps: number[]
  values: (number | null)[]
}

async function opened(t: Teardown) {
  const app = await openApp(t, { now: () => NOON + 3_600_000 })
  await setUp(app.origin)
  const token = (await person(app, 'viewer')).access_token
  return {
    app,
    token,
    store: (...readings: Partial<Reading>[]) =>
      app.store.group.run(() => {
        for (const fields of readings) app.store.readings.insert(reading(fields))
      }),
    get: (query: string) => request(app, 'GET', `/sensors/series?${query}`, { token }),
    async series(query: string): Promise<Drawn[]> {
      const { status, body } = await request(app, 'GET', `/sensors/series?${query}`, { token })
      if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
      if (!isAnswer.Check(body)) throw new Error(JSON.stringify(isAnswer.Errors(body)))
      return (body as unknown as { series: Drawn[] }).series
    },
  }
}

const every = (ms: number, count: number, fields: Partial<Reading> = {}): Partial<Reading>[] =>
  Array.from({ length: count }, (_, n) => ({
    timestamp: NOON + n * ms,
    processed_value: n,
    seq: n,
    ...fields,
  }))

t.test(
  'several sensors together, each with its unit and its resolution, in the order they were asked for',
  async (t) => {
    const { store, series } = await opened(t)
    await store(
      ...every(1_000, 3_000),
      ...every(60_000, 5, { gpio: 21, sensor_type: 'sht31_humidity', address: '0x44', unit: '%' }),
    )
    const [humidity, temperature, ...rest] = await series(
      `sensor=ESP_12AB34CD,21,SHT31-Humidity&${TEMPERATURE}&${TEMPERATURE}&${PERIOD}&points=181`,
    )
    t.strictSame(rest, [], 'one that is named twice is drawn once')
    t.match(humidity, {
      esp_id: 'ESP_12AB34CD',
      gpio: 21,
      sensor_type: 'sht31_humidity',
      address: '0x44',
      unit: '%',
      bucket_ms: null,
      interval_ms: 60_000,
      readings: 5,
      values: [0, 1, 2, 3, 4],
    })
    t.match(temperature, { gpio: 4, address: null, unit: '°C', bucket_ms: 60_000, readings: 3_000 })
    t.equal(temperature!.interval_ms, 1_000)
    t.equal(temperature!.timestamps[0], NOON)
    t.strictSame(temperature!.values.slice(0, 4), [0, 59, 60, 119])
    t.equal(temperature!.values.length, 100)
  },
)

t.test('a reading of 1e300 is drawn as what it is', async (t) => {
  const { store, series } = await opened(t)
  await store(
    ...every(1_000, 2_000),
    { timestamp: NOON + 500, processed_value: 1e300 },
    { timestamp: NOON + 700, processed_value: -1e300 },
  )
  const [drawn] = await series(`${TEMPERATURE}&${PERIOD}&points=100`)
  t.strictSame(drawn!.values.slice(0, 2), [1e300, -1e300])
  t.strictSame(drawn!.timestamps.slice(0, 2), [NOON + 500, NOON + 700])
})

t.test(
  'without a time it is the last day; what is configured and was never heard has no points',
  async (t) => {
    const { app, store, get, series } = await opened(t)
    await store({ timestamp: NOON - 30 * 3_600_000 }, ...every(1_000, 3))
    await app.store.group.run(() =>
      app.store.sensorConfigs.insert(
        { esp_id: 'ESP_12AB34CD', gpio: 5, sensor_type: 'ph', address: '' },
        {},
        NOON,
      ),
    )
    const { body } = await get(TEMPERATURE)
    t.match(body, {
      points: 1_000,
      time_range: { start: '2025-05-31T13:00:00.000Z', end: '2025-06-01T13:00:00.000Z' },
      series: [{ readings: 3 }],
    })
    t.match(await series('sensor=ESP_12AB34CD,5,ph'), [{ sensor_type: 'ph', readings: 0, values: [] }])
  },
)

t.test('what is wrong is refused by name', async (t) => {
  const { app, store, get } = await opened(t)
  await store({}, { address: '28FF641E8C1602A1' }, { address: '28FF641E8C1602A2' })
  const wrong: [query: string, field: string, msg: RegExp][] = [
    ['', 'sensor', /is required/],
    ['sensor=ESP_NOBODY,4,ds18b20', 'sensor', /ESP_NOBODY,4,ds18b20 is not known/],
    ['sensor=ESP_12AB34CD,9,ds18b20', 'sensor', /is not known/],
    [TEMPERATURE, 'sensor', /addresses .*28FF641E8C1602A1/],
    ['sensor=ESP_12AB34CD', 'sensor', /pattern/],
    [`${TEMPERATURE},&from=2025-06-02&to=2025-06-01`, 'from', /must not be after to/],
    [`${TEMPERATURE},&from=yesterday`, 'from', /is no time/],
    [`${TEMPERATURE},&to=99999999999999`, 'to', /is no time/],
    [`${TEMPERATURE},&points=0`, 'points', /10/],
    [`${TEMPERATURE},&points=NaN`, 'points', /integer/],
    [`${TEMPERATURE},&points=1e9`, 'points', /10000/],
    [`${TEMPERATURE},&points=12.5`, 'points', /integer/],
    [Array.from({ length: 51 }, (_, n) => `sensor=ESP_12AB34CD,${n},ds18b20`).join('&'), 'sensor', /50/],
  ]
  for (const [query, field, msg] of wrong) {
    const { status, body } = await get(query)
    t.equal(status, 422, query)
    t.match(body, { detail: [{ msg }], code: 'request_invalid' }, query)
    const [first] = body.detail as { loc: string[] }[]
    t.strictSame(first!.loc.slice(0, 2), ['query', field], query)
  }
  t.equal((await get(`${TEMPERATURE},28FF641E8C1602A2`)).status, 200)
  t.equal((await request(app, 'GET', `/sensors/series?${TEMPERATURE}`)).status, 401)
})
