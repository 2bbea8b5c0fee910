import t from 'tap'
import type { Effect } from '../../../routing/handler.js'
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
