import t from 'tap'
import type { Effect } from '../../../routing/effect.js'
import { inStore } from '../../support/in-store.js'
import { DEVICE, good, NOW, refused, sample, seedMock, seedPh } from '../../support/samples.js'

const kinds = (effects: Effect[]): string[] => effects.map(({ kind }) => kind)
const event = (effects: Effect[]) => {
  const told = effects.find((effect) => effect.kind === 'emit')
  return told?.kind === 'emit' ? (told.event.data as Record<string, unknown>) : undefined
}
const on = (gpio: number, payload: object, esp_id = DEVICE) => ({
  topic: `kaiser/god/esp/${esp_id}/sensor/${gpio}/data`,
  payload: JSON.stringify({ ...seedMock, esp_id, gpio, ...payload }),
})

t.test('a reading is stored once and told once', async (t) => {
  const { receive, rows, stats } = await inStore(t)
  await receive(sample('the seed’s heartbeat'))

  const first = await receive(sample('a DS18B20 at 22.5 °C'))
  const again = await receive(sample('a DS18B20 at 22.5 °C'))

  t.match(rows('SELECT * FROM sensor_data'), [
    {
      esp_id: DEVICE,
      gpio: 4,
      sensor_type: 'ds18b20',
      raw_value: 22.5,
      processed_value: 22.5,
      unit: '°C',
      quality: 'good',
      processing_mode: 'local',
      timestamp: 1735818000000,
      received_at: NOW,
      time_source: 'device',
      data_source: 'production',
    },
  ])
  t.strictSame(kinds(first.effects), ['emit', 'evaluate'])
  t.strictSame(again, { code: 'processed', effects: [], error: undefined }, 'a redelivery is silent') // [MQTT-4.3.2-2]
  t.equal(stats.subscriber().duplicates, 1)
})

t.test(
  'the seed’s pH example keeps its native number and goes through the pH formula, its mock keeps the engineering value',
  async (t) => {
    const { receive, rows } = await inStore(t)
    await receive(sample('the seed’s pH probe'))
    await receive(sample('the seed’s mock'))

    t.match(rows('SELECT * FROM sensor_data ORDER BY esp_id'), [
      {
        esp_id: DEVICE,
        sensor_type: 'ph',
        raw_value: 2048,
        processed_value: 6.47,
        processing_mode: 'pi_enhanced',
        quality: 'stale',
        unit: 'pH',
      },
      {
        esp_id: 'MOCK_001',
        raw_value: 22.5,
        processed_value: 22.5,
        processing_mode: 'local',
        data_source: 'mock',
      },
    ])
  },
)

t.test('a value of zero is a value, in the row and on the screen', async (t) => {
  const { receive, rows } = await inStore(t)
  const { effects } = await receive(sample('a zero'))
  t.match(rows('SELECT raw_value, processed_value FROM sensor_data'), [{ raw_value: 0, processed_value: 0 }])
  t.match(event(effects), { value: 0, processed_value: 0, topic: `kaiser/god/esp/${DEVICE}/sensor/4/data` })
})

for (const { name, topic, payload } of good)
  t.test(`${name} is accepted`, async (t) => {
    const { receive } = await inStore(t)
    t.equal((await receive({ topic, payload })).code, 'processed')
  })

for (const { name, topic, payload, code, detail } of refused)
  t.test(`${name} is refused as ${code} and leaves no row`, async (t) => {
    const { receive, rows, stats } = await inStore(t)
    const result = await receive({ topic, payload })
    t.strictSame({ ...result }, { code, effects: [], error: undefined }, 'acknowledged all the same')
    t.strictSame(rows('SELECT * FROM sensor_data'), [])
    const [kept] = rows('SELECT code, detail, topic, payload_bytes FROM rejects') as {
      code: string
      detail: string
    }[]
    t.match(kept, { code, detail, topic, payload_bytes: Buffer.from(payload).length })
    t.match(stats.subscriber(), {
      messages_processed: 0,
      messages_failed: 1,
      success_rate: 0,
      codes: { [code]: 1 },
    })
    t.equal(
      (await receive(sample('a DS18B20 at 22.5 °C'))).code,
      'processed',
      'the next good message is handled',
    )
  })

t.test('a clock that cannot be right is replaced by the server’s', async (t) => {
  const clocks: [string, object, number, string][] = [
    ['seconds', { ts: 1735818000 }, 1735818000000, 'device'],
    ['seconds with a fraction', { ts: 1735818000.25 }, 1735818000250, 'device'],
    ['milliseconds', { ts: 1735818000123 }, 1735818000123, 'device'],
    ['the alias timestamp', { ts: undefined, timestamp: 1735818000 }, 1735818000000, 'device'],
    ['zero', { ts: 0 }, NOW, 'server'],
    ['negative', { ts: -5 }, NOW, 'server'],
    ['before 2020', { ts: 1577836799 }, NOW, 'server'],
    ['over a day ahead', { ts: NOW + 86_400_001 }, NOW, 'server'],
    ['a day ahead', { ts: NOW + 86_400_000 }, NOW + 86_400_000, 'device'],
    ['marked invalid', { ts: 1735818000, time_valid: false }, NOW, 'server'],
    ['missing', { ts: undefined }, NOW, 'server'],
    ['null', { ts: null }, NOW, 'server'],
  ]
  for (const [name, change, timestamp, time_source] of clocks) {
    const { receive, rows } = await inStore(t)
    await receive(on(4, change))
    t.strictSame(rows('SELECT timestamp, time_source FROM sensor_data'), [{ timestamp, time_source }], name)
  }
})

t.test('old and early readings are stored and shown but trigger no rule', async (t) => {
  const { receive } = await inStore(t)
  await receive(sample('the seed’s heartbeat'))
  const ages: [number, string[]][] = [
    [120_000, ['emit', 'evaluate']],
    [120_001, ['emit']],
    [-30_000, ['emit', 'evaluate']],
    [-30_001, ['emit']],
  ]
  for (const [age, expected] of ages)
    t.strictSame(kinds((await receive(on(9, { ts: NOW - age }))).effects), expected, `${age} ms`)
})

t.test('where a reading comes from follows the payload, then the device, then its name', async (t) => {
  const devices = [DEVICE, 'MOCK_001', 'ESP_MOCK_A1', 'TEST_1', 'SIM_1']
  const cases: [string, object, string][] = [
    [DEVICE, {}, 'production'],
    ['MOCK_001', {}, 'mock'],
    ['ESP_MOCK_A1', {}, 'mock'],
    ['TEST_1', {}, 'test'],
    ['SIM_1', {}, 'simulation'],
    [DEVICE, { _source: 'Simulation' }, 'simulation'],
    [DEVICE, { _source: 7 }, 'production'],
    ['MOCK_001', { _source: 'nonsense' }, 'production'],
    ['MOCK_001', { _test_mode: true, _source: 'mock' }, 'test'],
  ]
  for (const [esp_id, change, data_source] of cases) {
    const { receive, rows } = await inStore(t, { devices })
    await receive(on(4, change, esp_id))
    t.strictSame(
      rows('SELECT data_source FROM sensor_data'),
      [{ data_source }],
      `${esp_id} ${JSON.stringify(change)}`,
    )
  }
})

t.test(
  'a quality nobody knows is stored as unknown and counted; where none is said, kaiser’s own counts',
  async (t) => {
    const { receive, rows, stats } = await inStore(t)
    await receive(on(4, { quality: 'splendid' }))
    await receive(on(5, { quality: 'GOOD' }))
    await receive(on(6, { quality: undefined }))
    t.strictSame(rows('SELECT quality FROM sensor_data ORDER BY gpio'), [
      { quality: 'unknown' },
      { quality: 'good' },
      { quality: 'good' },
    ])
    t.match(stats.subscriber().tolerated, { quality_unknown: 1 })
  },
)

t.test('a missing ts and a missing raw_mode are tolerated and counted', async (t) => {
  const { receive, stats } = await inStore(t)
  await receive(sample('a payload without ts and raw_mode'))
  t.strictSame({ ...stats.subscriber().tolerated }, { ts_missing: 1, raw_mode_missing: 1 })
})

t.test('two sensors on one wire are two sensors', async (t) => {
  const { receive, rows } = await inStore(t)
  await receive(on(4, { onewire_address: '28FF641E8B160300' }))
  await receive(on(4, { onewire_address: '28FF641E8B160301' }))
  await receive(on(4, { i2c_address: 68 }))
  t.strictSame(rows('SELECT address FROM sensor_data ORDER BY address'), [
    { address: '0x44' },
    { address: '28FF641E8B160300' },
    { address: '28FF641E8B160301' },
  ])
})

t.test('a reading keeps the seed’s fields in its event', async (t) => {
  const { receive } = await inStore(t)
  const { effects } = await receive({
    topic: sample('the seed’s pH probe').topic,
    payload: JSON.stringify(seedPh),
  })
  t.match(event(effects), {
    esp_id: DEVICE,
    gpio: 4,
    sensor_type: 'ph',
    value: 6.47,
    raw_value: 2048,
    unit: 'pH',
    quality: 'stale',
    timestamp: 1735818000,
  })
})

t.test(
  'the registry owns units: what comes in another one is brought to it, a broken one is mended',
  async (t) => {
    const { receive, rows } = await inStore(t)
    const value = (gpio: number, sensor_type: string, value: number, unit: string) =>
      on(gpio, { sensor_type, raw: undefined, raw_value: value, value, unit, raw_mode: false })
    await receive(value(1, 'ds18b20', 72.5, '°F'))
    await receive(value(2, 'ds18b20', 300, 'K'))
    await receive(value(3, 'bme280_pressure', 101_325, 'Pa'))
    await receive(value(4, 'ec', 1.45, 'mS/cm'))
    await receive(value(5, 'ds18b20', 21, 'Â°C'))
    await receive(value(6, 'nobody_knows', 21, 'Â°C'))
    const seen = rows('SELECT gpio, round(raw_value, 2) AS raw, unit FROM sensor_data ORDER BY gpio')
    t.strictSame(seen, [
      { gpio: 1, raw: 22.5, unit: '°C' },
      { gpio: 2, raw: 26.85, unit: '°C' },
      { gpio: 3, raw: 1013.25, unit: 'hPa' },
      { gpio: 4, raw: 1450, unit: 'µS/cm' },
      { gpio: 5, raw: 21, unit: '°C' },
      { gpio: 6, raw: 21, unit: '°C' },
    ])
  },
)

t.test('a known quirk, a value out of range and a fault are what they are', async (t) => {
  const { receive, rows } = await inStore(t)
  const native = (gpio: number, raw: number) =>
    on(gpio, { sensor_type: 'ds18b20', raw, raw_value: undefined, value: 0, unit: '', raw_mode: true })
  await receive(native(1, -2032))
  await receive(native(2, 1360))
  await receive(native(3, 2080))
  await receive(native(4, 65_526))
  t.match(rows('SELECT gpio, raw_value, processed_value, quality FROM sensor_data ORDER BY gpio'), [
    { gpio: 1, raw_value: -2032, processed_value: null, quality: 'error' },
    { gpio: 2, processed_value: 85, quality: 'suspect' },
    { gpio: 3, processed_value: 130, quality: 'critical' },
    { gpio: 4, processed_value: -0.63 },
  ])
})

t.test('a device whose capabilities ask for it gets its converted value back', async (t) => {
  const { receive, store } = await inStore(t)
  const native = () =>
    receive(on(4, { sensor_type: 'ds18b20', raw: 400, raw_value: undefined, value: 0, unit: '', ts: NOW }))
  t.notOk((await native()).effects.some((effect) => 'topic' in effect && /processed$/.test(effect.topic)))
  await store.group.run(() =>
    store.devices.update(store.devices.find(DEVICE)!, { capabilities: '{"pi_enhanced":true}' }, NOW),
  )
  const { effects } = await receive(
    on(4, { sensor_type: 'ds18b20', raw: 401, raw_value: undefined, value: 0, unit: '', ts: NOW + 1 }),
  )
  const back = effects.find((effect) => effect.kind === 'publish' && /processed$/.test(effect.topic))
  t.match(back, { topic: `kaiser/god/esp/${DEVICE}/sensor/4/processed`, qos: 1, retain: false })
  t.match(JSON.parse((back as { payload: string }).payload), {
    processed_value: 25.06,
    unit: '°C',
    quality: 'good',
    timestamp: Math.floor(NOW / 1000),
  })
})

t.test('temperature and humidity of one place make what plants feel, once a round', async (t) => {
  const { receive, rows } = await inStore(t)
  const air = (sensor_type: string, raw: number, ts: number) =>
    receive(on(21, { sensor_type, raw, raw_value: undefined, value: 0, unit: '', ts }))
  for (let round = 0; round < 3; round++) {
    await air('sht31_temp', 26_214, NOW - 90_000 + round * 30_000)
    await air('sht31_humidity', 39_321, NOW - 89_000 + round * 30_000)
  }
  t.match(
    rows(
      `SELECT sensor_type, processed_value, unit, processing_mode, count(*) AS n FROM sensor_data WHERE processing_mode = 'computed' GROUP BY sensor_type ORDER BY sensor_type`,
    ),
    [
      { sensor_type: 'absolute_humidity', unit: 'g/m³', n: 3 },
      { sensor_type: 'dew_point', processed_value: 16.69, n: 3 },
      { sensor_type: 'vpd', processed_value: 1.2671, unit: 'kPa', processing_mode: 'computed', n: 3 },
    ],
  )
})

t.test('light adds up over the day', async (t) => {
  const { receive, rows } = await inStore(t)
  for (let minute = 10; minute > 0; minute--)
    await receive(
      on(35, {
        sensor_type: 'ppfd',
        raw: undefined,
        raw_value: 500,
        value: 500,
        unit: 'µmol/m²/s',
        raw_mode: false,
        ts: NOW - minute * 60_000,
      }),
    )
  t.match(
    rows(`SELECT processed_value FROM sensor_data WHERE sensor_type = 'dli' ORDER BY timestamp DESC LIMIT 1`),
    [{ processed_value: 0.27 }],
  )
})

t.test('a value that never moves is suspect after hours, and a finding', async (t) => {
  const { receive, rows, clock, findings } = await inStore(t)
  for (let n = 0; n < 14; n++) {
    clock.now += 20 * 60_000
    await receive(
      on(4, {
        sensor_type: 'sht31_temp',
        raw: 26_214,
        raw_value: undefined,
        value: 0,
        unit: '',
        ts: clock.now,
      }),
    )
  }
  const qualities = rows('SELECT quality FROM sensor_data ORDER BY timestamp').map(
    (row) => (row as { quality: string }).quality,
  )
  t.equal(qualities[0], 'good')
  t.equal(qualities.at(-1), 'suspect')
  t.match(findings.list(DEVICE), [{ kind: 'sensor_stuck', details: { gpio: 4, raw_value: 26_214 } }])
})
