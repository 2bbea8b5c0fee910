/** What many readings amount to, and how many there are of each kind, without looking at all of them. */
import t from 'tap'
import { between } from './moving.js'
import { NOON, type Opened, open, outsider, reading, until } from './open.js'

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }
const sensors = (opened: Opened) => [...opened.store.sensors.list()]

t.test('statistics are of the values, and readings without one are counted all the same', async (t) => {
  const opened = await open(t)
  await opened.insert(
    ...[2, 4, 4, 4, 5, 5, 7, 9].map((value, n) => ({
      timestamp: NOON + n,
      raw_value: 1_000 + n,
      processed_value: value,
      quality: n === 0 ? ('suspect' as const) : ('good' as const),
    })),
    { timestamp: NOON + 8, raw_value: -127, processed_value: null, quality: 'error' },
  )
  const wanted = {
    min_value: 2,
    max_value: 9,
    avg_value: 5,
    std_dev: 2,
    reading_count: 9,
    quality_distribution: { good: 7, suspect: 1, error: 1 },
  }
  const statistics = () => opened.store.readings.statistics({ sensors: sensors(opened), ...EVER })
  t.strictSame(await statistics(), wanted)
  await opened.store.maintenance!.round(true)
  t.strictSame(await statistics(), wanted, 'in the history too')
  t.match(
    await opened.store.readings.statistics({ sensors: sensors(opened), from: NOON + 6, to: NOON + 7 }),
    {
      min_value: 7,
      max_value: 9,
      reading_count: 2,
    },
  )
})

t.test('where nothing converts them, the native numbers are the values', async (t) => {
  const opened = await open(t)
  const raw = { processed_value: null, unit: null, processing_mode: 'raw' as const }
  await opened.insert({ raw_value: 2_000, ...raw }, { raw_value: 2_100, timestamp: NOON + 1, ...raw })
  t.match(await opened.store.readings.statistics({ sensors: sensors(opened), ...EVER }), {
    avg_value: 2_050,
    std_dev: 50,
  })
})

t.test('no reading, no statistics', async (t) => {
  const opened = await open(t)
  await opened.insert({})
  t.strictSame(await opened.store.readings.statistics({ sensors: sensors(opened), from: 0, to: 1 }), {
    min_value: null,
    max_value: null,
    avg_value: null,
    std_dev: null,
    reading_count: 0,
    quality_distribution: {},
  })
})

t.test('the spread of large values that differ little is exact', async (t) => {
  const opened = await open(t)
  const values = [4, 7, 13, 16].map((n) => 1e9 + n)
  await opened.insert(
    ...values.map((value, n) => ({ timestamp: NOON + n, processed_value: value, raw_value: n })),
  )
  const { std_dev } = await opened.store.readings.statistics({ sensors: sensors(opened), ...EVER })
  t.equal(std_dev, Math.sqrt(22.5))
})

t.test('values per interval, in order of time, empty intervals left out', async (t) => {
  const opened = await open(t)
  const at = (minutes: number, value: number, address = '') => ({
    timestamp: NOON + minutes * 60_000,
    raw_value: value,
    processed_value: value,
    address,
  })
  await opened.insert(at(31, 7), at(0, 1, 'A'), at(5, 3), at(9.99, 8, 'A'), at(10, 5))
  t.strictSame(await opened.store.readings.buckets({ sensors: sensors(opened), ...EVER }, 600_000), [
    { timestamp: NOON, min_value: 1, max_value: 8, avg_value: 4, count: 3 },
    { timestamp: NOON + 600_000, min_value: 5, max_value: 5, avg_value: 5, count: 1 },
    { timestamp: NOON + 1_800_000, min_value: 7, max_value: 7, avg_value: 7, count: 1 },
  ])
})

t.test('readings are counted by source as they come, move, are withdrawn, and after a restart', async (t) => {
  const opened = await open(t)
  const bySource = () => opened.store.readings.bySource()
  t.strictSame(bySource(), { production: 0, mock: 0, test: 0, simulation: 0 })
  await opened.insert(
    ...Array.from({ length: 3_000 }, (_, n) => ({
      timestamp: NOON + n,
      data_source: n % 3 === 0 ? ('mock' as const) : ('production' as const),
    })),
    { data_source: 'simulation' },
    {},
  )
  const wanted = { production: 2_000, mock: 1_000, test: 0, simulation: 0 }
  t.strictSame(bySource(), wanted, 'a reading that is stored already does not count')
  await t.rejects(
    opened.store.group.run(() => {
      opened.store.readings.insert(reading({ timestamp: NOON - 1 }))
      throw new Error('of a handler')
    }),
  )
  t.strictSame(bySource(), wanted, 'nor does one that is withdrawn')
  await opened.reopen()
  t.strictSame(bySource(), wanted, 'from the intake')
  await opened.store.maintenance!.round(true)
  t.strictSame(bySource(), wanted, 'moved')
  await opened.insert({ data_source: 'test', timestamp: NOON + 9_999 })
  await opened.reopen()
  t.strictSame(bySource(), { ...wanted, test: 1 }, 'from both')
})

t.test('a restart in the middle of a move counts no reading twice', async (t) => {
  const opened = await open(t)
  for (let n = 0; n < 20_000; n += 1_000)
    await opened.insert(
      ...Array.from({ length: 1_000 }, (_, i) => ({ esp_id: `ESP_${i % 40}`, timestamp: NOON + n + i })),
    )
  let stop = false
  await between(t, opened, async (moved) => {
    if (moved === 0 || moved === 20_000 || stop) return
    stop = true
    const noted = opened.rows<{ value: string }>("SELECT value FROM settings WHERE key LIKE 'readings%'")
    t.equal(JSON.parse(noted[0]!.value).production, moved, 'what is noted is what has moved')
  })
  t.ok(stop)
  void opened.store.maintenance!.round(true)
  await opened.reopen()
  t.equal(opened.store.readings.bySource()?.production, 20_000)
})

t.test('a history that was never counted is counted once, off the event loop', async (t) => {
  const opened = await open(t)
  await opened.insert({ data_source: 'mock' }, { timestamp: NOON + 1 })
  await opened.store.maintenance!.round(true)
  await opened.insert({ timestamp: NOON + 2 })
  await opened.store.close()
  outsider(t, opened.path).exec('DELETE FROM settings')
  await opened.reopen()
  t.equal(opened.store.readings.bySource(), undefined)
  await until(() => opened.store.readings.bySource() !== undefined)
  t.strictSame(opened.store.readings.bySource(), { production: 2, mock: 1, test: 0, simulation: 0 })
  await opened.store.maintenance!.round(true)
  await opened.reopen()
  t.strictSame(opened.store.readings.bySource(), { production: 2, mock: 1, test: 0, simulation: 0 })
})
