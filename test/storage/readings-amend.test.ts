/**
 * Another processed value for a stored reading: it reaches the row wherever that is by then, and whatever is
 * interrupted, a row is as before or as it should be. The raw value stays.
 */
import { copyFileSync } from 'node:fs'
import t from 'tap'
import { directory } from '../support/app.js'
import { between } from './moving.js'
import { NOON, type Opened, open, reading } from './open.js'

t.setTimeout(110_000)

const AMENDED = {
  processed_value: 42,
  unit: 'lx',
  quality: 'fair' as const,
  processing_mode: 'pi_enhanced' as const,
}

const rows = (opened: Opened, where = '') =>
  opened.rows<{ raw_value: number; processed_value: number; unit: string; quality: string }>(
    `SELECT raw_value, processed_value, unit, quality FROM sensor_data ${where} ORDER BY timestamp`,
  )

t.test('a reading is amended in the intake, in the history, and in the list of the latest', async (t) => {
  for (const move of [false, true]) {
    const opened = await open(t)
    const { store } = opened
    const [first, last] = await opened.insert({ raw_value: 1 }, { raw_value: 2, timestamp: NOON + 1 })
    if (move) await store.maintenance!.round(true)
    await store.group.run(() => store.readings.amend(first!, { ...reading(), ...AMENDED }))
    t.match(store.readings.latest(), [{ raw_value: 2, processed_value: 21.5, unit: '°C' }])
    await store.group.run(() =>
      store.readings.amend(last!, { ...reading({ timestamp: NOON + 1 }), ...AMENDED }),
    )
    t.match(store.readings.latest(), [{ raw_value: 2, ...AMENDED }])
    const wanted = [1, 2].map((raw_value) => ({
      raw_value,
      processed_value: 42,
      unit: 'lx',
      quality: 'fair',
    }))
    t.strictSame(rows(opened), wanted)
    await opened.reopen()
    t.strictSame(rows(opened), wanted)
    t.match(opened.store.readings.latest(), [{ raw_value: 2, ...AMENDED }])
  }
})

t.test('a reading is amended in the same group it came in', async (t) => {
  const opened = await open(t)
  const { group, readings } = opened.store
  await group.run(() => readings.amend(readings.insert(reading()), { ...reading(), ...AMENDED }))
  t.strictSame(rows(opened), [{ raw_value: 21.5, processed_value: 42, unit: 'lx', quality: 'fair' }])
})

t.test('readings are amended while they move, whether or not it was their turn', async (t) => {
  const opened = await open(t)
  const { group, readings } = opened.store
  const ids: number[] = []
  const of = (n: number) => reading({ esp_id: `ESP_${n % 40}`, timestamp: NOON + n, raw_value: n })
  // Enough for several moves and several steps, however fast the disk is.
  const count = 60_000
  for (let n = 0; n < count; n += 1_000)
    ids.push(...(await opened.insert(...Array.from({ length: 1_000 }, (_, i) => of(n + i)))))
  const amended = new Set<number>()
  const done: Promise<void>[] = []
  const states = new Set<number>()
  await between(t, opened, (moved) => {
    states.add(moved)
    // Some of every sensor, so on both sides of wherever the move is.
    const some = Array.from({ length: 240 }, (_, i) => i * 241 + states.size).filter((n) => n < ids.length)
    for (const n of some) amended.add(n)
    done.push(
      group.run(() => {
        for (const n of some) readings.amend(ids[n]!, { ...of(n), ...AMENDED })
      }),
    )
  })
  await Promise.all(done)
  t.ok([...states].filter((moved) => moved > 0 && moved < count).length > 1, [...states].join())
  t.strictSame(
    rows(opened, 'WHERE processed_value = 42').map(({ raw_value }) => raw_value),
    [...amended].sort((a, b) => a - b),
  )
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM sensor_data'), [{ rows: count }])
  await opened.store.maintenance!.round(true)
  t.equal(rows(opened, 'WHERE processed_value = 42').length, amended.size)
  t.strictSame(opened.errors, [])
})

t.test('a reading that waits for its amendment stays in the intake until it has it', async (t) => {
  const opened = await open(t)
  const { store } = opened
  const intake = () => opened.rows<{ id: number }>('SELECT id FROM readings_intake').map(({ id }) => id)
  const [, second, third] = await opened.insert({ raw_value: 1 }, { raw_value: 2 }, { raw_value: 3 })
  store.readings.expectAmendment(second!)
  store.readings.expectAmendment(third!)
  await store.maintenance!.round(true)
  t.strictSame(intake(), [second, third])
  await store.group.run(() => store.readings.amend(second!, { ...reading(), ...AMENDED }))
  await store.maintenance!.round(true)
  t.strictSame(intake(), [third])
  store.readings.settle(third!)
  await store.maintenance!.round(true)
  t.strictSame(intake(), [])
  t.strictSame(
    opened
      .rows<{ processed_value: number }>('SELECT processed_value FROM sensor_data ORDER BY raw_value')
      .map(({ processed_value }) => processed_value),
    [21.5, 42, 21.5],
  )
})

t.test('an amendment that is withdrawn is not there, nor among the latest', async (t) => {
  const opened = await open(t)
  const { group, readings } = opened.store
  const [id] = await opened.insert({})
  await t.rejects(
    group.run(() => {
      readings.amend(id!, { ...reading(), ...AMENDED })
      throw new Error('of a handler')
    }),
  )
  t.match(readings.latest(), [{ processed_value: 21.5 }])
  t.match(rows(opened), [{ processed_value: 21.5 }])
})

const doubled = ({ raw_value }: { raw_value: number }) =>
  raw_value % 3 === 0 ? undefined : { processed_value: raw_value * 2, quality: 'fair' as const }

/** 4,000 readings of two sensors, half of them moved. */
async function past(opened: Opened): Promise<void> {
  const of = (n: number) => ({ address: n % 2 ? 'A' : 'B', timestamp: NOON + n, raw_value: n })
  await opened.insert(...Array.from({ length: 2_000 }, (_, n) => of(n)))
  await opened.store.maintenance!.round(true)
  await opened.insert(...Array.from({ length: 2_000 }, (_, n) => of(2_000 + n)))
}
/** How many rows are not as they should be for those of `address` in from…to. */
const WRONG = `SELECT count(*) AS wrong FROM sensor_data WHERE unit IS NOT '°C' OR
  CASE WHEN address = 'A' AND timestamp BETWEEN ${NOON + 500} AND ${NOON + 3500} AND raw_value % 3 <> 0
    THEN processed_value <> raw_value * 2 OR quality <> 'fair'
    ELSE processed_value <> 21.5 OR quality <> 'good' END`

t.test('a past period is computed again from the raw values, and nothing else', async (t) => {
  const opened = await open(t)
  await past(opened)
  const { sensors, readings } = opened.store
  const ids = sensors.select({ address: 'A' }).map(({ id }) => id)
  const progress: [number, number][] = []
  const changed = await readings.recompute(ids, NOON + 500, NOON + 3_500, doubled, {
    chunk: 100,
    progress: (read, changed) => progress.push([read, changed]),
  })
  t.equal(changed, 1_000)
  t.strictSame(progress.at(-1), [1_500, 1_000])
  t.ok(progress.length >= 15)
  t.strictSame(opened.rows(WRONG), [{ wrong: 0 }])
  t.strictSame(opened.rows('SELECT count(*) AS rows, sum(raw_value) AS sum FROM sensor_data'), [
    { rows: 4_000, sum: (4_000 * 3_999) / 2 },
  ])
  await readings.recompute(ids, NOON + 3_999, NOON + 3_999, () => ({ processed_value: 7 }))
  t.match(readings.latest(), [{ address: 'B' }, { address: 'A', raw_value: 3_999, processed_value: 7 }])
})

t.test('a period is computed again while readings come and move', async (t) => {
  const opened = await open(t)
  await past(opened)
  const { sensors, readings, maintenance, group } = opened.store
  const ids = sensors.select({ address: 'A' }).map(({ id }) => id)
  let done = false
  const recomputed = readings.recompute(ids, NOON + 500, NOON + 3_500, doubled, { chunk: 50 }).then(() => {
    done = true
  })
  let written = 0
  while (!done) {
    await group.run(() => readings.insert(reading({ address: 'C', timestamp: NOON + written++ })))
    if (written % 5 === 0) await maintenance!.round(true)
  }
  await recomputed
  t.strictSame(opened.rows(WRONG), [{ wrong: 0 }])
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM sensor_data'), [{ rows: 4_000 + written }])
})

t.test('a kill in the middle leaves each reading as before or as it should be', async (t) => {
  const opened = await open(t)
  await past(opened)
  const { sensors, readings } = opened.store
  const ids = sensors.select({ address: 'A' }).map(({ id }) => id)
  const left: string[] = []
  await readings.recompute(ids, NOON + 500, NOON + 3_500, doubled, {
    chunk: 100,
    progress(_read, changed) {
      if (left.length >= 3 || changed < (left.length + 1) * 250) return
      // What is on disk now is what a kill would leave behind.
      const dir = directory(t)
      left.push(dir)
      for (const end of ['', '-wal']) copyFileSync(`${opened.path}${end}`, `${dir}/kaiser.db${end}`)
    },
  })
  t.equal(left.length, 3)
  for (const dir of left) {
    const found = await open(t, { dir })
    const [{ wrong }] = found.rows<{ wrong: number }>(WRONG) as [{ wrong: number }]
    t.ok(wrong > 0 && wrong < 1_000, `${wrong} are left to do`)
    await found.store.readings.recompute(ids, NOON + 500, NOON + 3_500, doubled)
    t.strictSame(found.rows(WRONG), [{ wrong: 0 }], 'and the rest is done when it is run again')
    await found.store.close()
  }
})
