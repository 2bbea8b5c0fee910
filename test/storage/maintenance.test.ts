/**
 * The move from the intake into the history and the care for the log: nobody who reads ever sees a reading
 * twice or not at all, whatever is interrupted, and neither file grows without bound.
 */
import { copyFileSync, statSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import t from 'tap'
import { DATA_SOURCES, PROCESSING_MODES, QUALITIES, TIME_SOURCES } from '../../routing/contract/quality.js'
import { directory } from '../support/app.js'
import { between } from './moving.js'
import { NOON, type Opened, open, outsider, reading, until } from './open.js'

/** Rows of 40 sensors in turn, values 1, 2, 3, …; an arithmetic sum tells a lost row from a doubled one. */
async function fillIn(opened: Opened, rows: number, from = 0): Promise<void> {
  const { group, readings } = opened.store
  for (let row = from; row < from + rows; row += 1_000)
    await group.run(() => {
      for (let i = row; i < row + 1_000; i++)
        readings.insert(
          reading({ esp_id: `ESP_${i % 40}`, timestamp: NOON + Math.floor(i / 40) * 1000, raw_value: i + 1 }),
        )
    })
}
const sumTo = (rows: number): number => (rows * (rows + 1)) / 2
const TOTAL = 'SELECT count(*) AS rows, sum(raw_value) AS sum FROM sensor_data'
const logPages = 'PRAGMA wal_checkpoint(NOOP)'
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

t.setTimeout(110_000)

t.test('while readings move, every reader sees each of them once', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 60_000)
  const total = outsider(t, opened.path).prepare(TOTAL)
  const moved = outsider(t, opened.path).prepare('SELECT count(*) FROM readings_history').pluck()
  let done = false
  const round = opened.store.maintenance!.round(true).then(() => {
    done = true
  })
  const steps = new Set<unknown>()
  const seen = new Set<string>()
  while (!done) {
    steps.add(moved.get())
    seen.add(JSON.stringify(total.get()))
    await turn()
  }
  await round
  t.strictSame([...seen], [JSON.stringify({ rows: 60_000, sum: sumTo(60_000) })])
  t.ok(steps.size > 3, `looked at in ${steps.size} states`)
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM readings_intake'), [{ rows: 0 }])
  t.equal(opened.store.readings.intake, 0)
  t.strictSame(opened.errors, [])
})

t.test('messages are written while readings move', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 60_000)
  let done = false
  const round = opened.store.maintenance!.round(true).then(() => {
    done = true
  })
  let written = 0
  while (!done) {
    await opened.insert({ esp_id: 'ESP_MEANWHILE', timestamp: NOON + written })
    written++
  }
  await round
  t.ok(written > 10, `${written} were acknowledged meanwhile`)
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM sensor_data'), [{ rows: 60_000 + written }])
})

t.test('a move that is cut short by a kill is finished later, wherever it was cut', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 20_000)
  const left = new Map<string, string>()
  const intake = outsider(t, opened.path).prepare<[], number>('SELECT count(*) FROM readings_intake').pluck()
  await between(t, opened, (moved) => {
    // What is on disk now is what a kill would leave behind.
    const state = `${moved} in the history, ${intake.get()} in the intake`
    if (left.has(state)) return
    const dir = directory(t)
    left.set(state, dir)
    for (const end of ['', '-wal']) copyFileSync(`${opened.path}${end}`, `${dir}/kaiser.db${end}`)
  })
  t.ok(left.size > 3, [...left.keys()].join('; '))

  for (const [state, dir] of left) {
    const found = await open(t, { dir })
    t.strictSame(found.rows(TOTAL), [{ rows: 20_000, sum: sumTo(20_000) }], state)
    await found.insert({ esp_id: 'ESP_NEW' })
    await found.store.maintenance!.round(true)
    await found.store.maintenance!.round(true)
    t.strictSame(found.rows(TOTAL), [{ rows: 20_001, sum: sumTo(20_000) + 21.5 }], 'when it was finished')
    t.strictSame(found.rows('SELECT count(*) AS rows FROM readings_intake'), [{ rows: 0 }])
    t.strictSame(found.errors, [])
    await fillIn(found, 1_000, 10_000)
    t.equal(found.store.readings.count(), 20_001, 'and its readings are recognised')
    await found.store.close()
  }
})

t.test('the death of the maintenance thread costs nothing but time', async (t) => {
  const opened = await open(t)
  let worker: Worker | undefined
  const started = (thread: Worker): void => {
    worker = thread
  }
  process.on('worker', started)
  t.teardown(() => process.off('worker', started))
  let rows = 0
  for (let cut = 0; cut < 6; cut++) {
    const before = rows
    await fillIn(opened, 20_000, rows)
    rows += 20_000
    let killed = false
    await between(t, opened, async (moved) => {
      if (killed || moved < before + cut * 4_000) return
      killed = true
      // Between two steps: the thread is idle, and the next one knows nothing of what it was about to do.
      await worker?.terminate()
    })
    t.ok(killed)
    t.strictSame(opened.rows(TOTAL), [{ rows, sum: sumTo(rows) }], `cut when ${cut * 4_000} were moved`)
  }
  await opened.store.maintenance!.round(true)
  await opened.store.maintenance!.round(true)
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM readings_intake'), [{ rows: 0 }])
  t.strictSame(opened.rows(TOTAL), [{ rows, sum: sumTo(rows) }])
  await fillIn(opened, rows)
  t.equal(opened.store.readings.count(), rows, 'all of them are recognised')
})

t.test('the log stays bounded however much is written', async (t) => {
  const opened = await open(t)
  let largest = 0
  for (let rows = 0; rows < 300_000; rows += 10_000) {
    const round = opened.store.maintenance!.round()
    await fillIn(opened, 10_000, rows)
    await round
    largest = Math.max(largest, statSync(`${opened.path}-wal`).size)
  }
  t.ok(largest < 32 * 1_048_576, `${(largest / 1_048_576).toFixed(1)} MiB at most`)
  t.ok(opened.store.readings.intake < 40_000, 'and so does the intake')
  t.strictSame(opened.rows(TOTAL), [{ rows: 300_000, sum: sumTo(300_000) }])
  t.strictSame(opened.errors, [])
})

t.test('a foreign reader keeps its picture, and stops nobody', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 20_000)
  const reader = outsider(t, opened.path)
  reader.exec('BEGIN')
  const total = reader.prepare(TOTAL)
  t.strictSame(total.get(), { rows: 20_000, sum: sumTo(20_000) })
  for (let rows = 20_000; rows < 60_000; rows += 20_000) {
    await fillIn(opened, 20_000, rows)
    await opened.store.maintenance!.round(true)
  }
  t.strictSame(total.get(), { rows: 20_000, sum: sumTo(20_000) })
  t.strictSame(opened.errors, [])
  const log = outsider(t, opened.path).prepare<[], { log: number }>(logPages)
  t.ok(log.get()!.log > 1_000, 'the log cannot start anew under its eyes')

  reader.exec('COMMIT')
  await opened.store.maintenance!.round(true)
  t.ok(log.get()!.log < 10, 'but as soon as it is gone')
  t.strictSame(opened.rows(TOTAL), [{ rows: 60_000, sum: sumTo(60_000) }])
})

t.test('somebody else holds the lock: the round is given up and the next one does it', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 2_000)
  const other = outsider(t, opened.path)
  other.exec('BEGIN IMMEDIATE')
  await opened.store.maintenance!.round(true)
  t.match(opened.errors, [{ code: 'SQLITE_BUSY' }])
  other.exec('COMMIT')
  await opened.store.maintenance!.round(true)
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM readings_history'), [{ rows: 2_000 }])
  t.strictSame(opened.rows(TOTAL), [{ rows: 2_000, sum: sumTo(2_000) }])
})

t.test('a store that is closed while readings move is whole when it is opened again', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 40_000)
  void opened.store.maintenance!.round(true)
  for (let i = 0; i < 3; i++) await opened.store.group.lend(turn)
  await opened.reopen()
  t.strictSame(opened.rows(TOTAL), [{ rows: 40_000, sum: sumTo(40_000) }])
})

t.test('a full intake is moved without being asked', async (t) => {
  const opened = await open(t)
  await fillIn(opened, 20_000)
  await until(() => opened.store.readings.intake === 0)
  t.strictSame(opened.rows(TOTAL), [{ rows: 20_000, sum: sumTo(20_000) }])
})

t.test('the view says every code in the words of the contract', async (t) => {
  const opened = await open(t)
  const wanted = [
    ...QUALITIES.map((quality) => ({ quality })),
    ...PROCESSING_MODES.map((processing_mode) => ({ processing_mode })),
    ...TIME_SOURCES.map((time_source) => ({ time_source })),
    ...DATA_SOURCES.map((data_source) => ({ data_source })),
  ].map((words, i) => reading({ address: 'A', timestamp: NOON + i, seq: i, zone_id: 'z', ...words }))
  await opened.insert(...wanted)
  const rows = wanted.map(({ boot: _, ...row }) => row)
  t.strictSame(opened.rows('SELECT * FROM sensor_data ORDER BY timestamp'), rows, 'from the intake')
  await opened.store.maintenance!.round(true)
  t.strictSame(opened.rows('SELECT * FROM sensor_data ORDER BY timestamp'), rows, 'from the history')
  await opened.insert({ esp_id: 'ESP_2' })
  t.match(opened.rows("SELECT address FROM sensor_data WHERE esp_id = 'ESP_2'"), [{ address: null }])
})

t.test('a sensor and a time lead straight into the history', async (t) => {
  const opened = await open(t)
  const plan = opened
    .rows<{ detail: string }>(
      `EXPLAIN QUERY PLAN SELECT * FROM sensor_data
        WHERE esp_id = 'ESP_1' AND gpio = 4 AND timestamp BETWEEN 1 AND 2`,
    )
    .map(({ detail }) => detail)
  t.match(
    plan.join('\n'),
    /SEARCH readings_history USING PRIMARY KEY \(sensor_id=\? AND timestamp>\? AND timestamp<\?\)/,
  )
  t.match(plan.join('\n'), /SEARCH s USING .*INDEX .*\(esp_id=\? AND gpio=\?\)/)
})
