/** All readings of a device are taken out, wherever they lie, and nobody else's. */
import t from 'tap'
import { NOON, open } from './open.js'

t.setTimeout(110_000)

const MANY = 1_300

for (const where of ['intake', 'history', 'both'] as const)
  t.test(`readings in ${where} go, and what is counted is right`, async (t) => {
    const opened = await open(t)
    const { store } = opened
    const put = (from: number, to: number) =>
      opened.insert(
        ...Array.from({ length: to - from }, (_, n) => ({
          esp_id: n % 13 === 0 ? 'ESP_OTHER' : 'MOCK_001',
          gpio: n % 3,
          timestamp: NOON + from + n,
          raw_value: from + n,
        })),
      )
    await put(0, MANY)
    if (where !== 'intake') await store.maintenance!.round(true)
    if (where === 'both') await put(MANY, 2 * MANY)
    const all = (where === 'both' ? 2 : 1) * MANY
    const others = (where === 'both' ? 2 : 1) * Math.ceil(MANY / 13)

    const sum = (): number => Object.values(store.readings.bySource() ?? {}).reduce((a, b) => a + b, 0)
    t.equal(sum(), all)
    t.equal(await store.readings.removeDevice('MOCK_001'), all - others)
    t.equal(store.readings.count(), others)
    t.equal(sum(), others)
    t.strictSame(store.readings.latest('MOCK_001'), [])
    t.strictSame(opened.rows('SELECT DISTINCT esp_id FROM sensors'), [{ esp_id: 'ESP_OTHER' }])
    t.equal(await store.readings.removeDevice('MOCK_001'), 0, 'there is nothing more')

    await store.maintenance!.round(true)
    t.equal(store.readings.intake, 0)
    await opened.reopen()
    t.equal(opened.store.readings.count(), others)
    t.equal(
      Object.values(opened.store.readings.bySource() ?? {}).reduce((a, b) => a + b, 0),
      others,
      'also after a restart',
    )
    t.equal(opened.store.readings.latest().length, 3)
  })

t.test('a device that comes again begins anew', async (t) => {
  const opened = await open(t)
  await opened.insert({ esp_id: 'MOCK_001', raw_value: 1 })
  await opened.store.readings.removeDevice('MOCK_001')
  await opened.insert({ esp_id: 'MOCK_001', raw_value: 1 })
  t.equal(opened.store.readings.count(), 1, 'the same reading is new again')
  await opened.reopen()
  t.match(opened.store.readings.latest(), [{ esp_id: 'MOCK_001', raw_value: 1 }])
})
