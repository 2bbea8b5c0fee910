/**
 * A reading that arrives twice is stored once, however long ago the first was and wherever it is now: in the
 * same group, in the intake, in the history, or behind a restart. Decisions §2 says what "the same" means.
 */
import { copyFileSync } from 'node:fs'
import t from 'tap'
import type { Reading } from '../../storage/readings.js'
import { directory } from '../support/app.js'
import { NOON, type Opened, open, reading } from './open.js'

const MINUTE = 60_000

interface Case {
  name: string
  first: Partial<Reading>[]
  second: Partial<Reading>
  /** Is it stored? */
  isNew: boolean
}

const again = (name: string, fields: Partial<Reading>, changed: Partial<Reading> = {}): Case => ({
  name,
  first: [fields],
  second: { ...fields, ...changed },
  isNew: false,
})
const other = (name: string, fields: Partial<Reading>, changed: Partial<Reading>): Case => ({
  ...again(name, fields, changed),
  isNew: true,
})

/** Without a clock of its own: the time is ours. */
const at = (received_at: number): Partial<Reading> => ({
  time_source: 'server',
  timestamp: received_at,
  received_at,
})

const CASES: Case[] = [
  again('the same reading', {}),
  again('the same reading, received later', {}, { received_at: NOON + 90 * MINUTE }),
  again('the same reading after the device has booted', { boot: 1 }, { boot: 2 }),
  again('the same reading, judged otherwise', {}, { quality: 'bad', unit: 'F', zone_id: 'tent' }),
  again('the same number', { seq: 7 }),
  again('number 0', { seq: 0 }),
  again('the value 0', { raw_value: 0 }),
  again('a negative value', { raw_value: -3.25 }),
  again('a value that no decimal writes exactly', { raw_value: 0.1 + 0.2 }),
  again('a huge value', { raw_value: 1.7e308 }),
  again('a reading from a year ago', { timestamp: NOON - 365 * 24 * 60 * MINUTE }),
  {
    ...again('an old reading after newer ones', {}),
    first: [{}, { timestamp: NOON + 1000 }, { timestamp: NOON + 2000 }],
  },
  other('another value at the same time', { raw_value: 21.5 }, { raw_value: 21.6 }),
  other('the opposite value', { raw_value: 1 }, { raw_value: -1 }),
  other('the same value a millisecond later', {}, { timestamp: NOON + 1 }),
  other('an older reading that comes late', {}, { timestamp: NOON - 1000 }),
  other('another number', { seq: 7 }, { seq: 8 }),
  other('a number where there was none', { seq: null }, { seq: 0 }),
  other('no number where there was one', { seq: 0 }, { seq: null }),
  other('another address on the same wire', { address: '28FF0A' }, { address: '28FF0B' }),
  other('another type on the same pin', { sensor_type: 'sht31_temp' }, { sensor_type: 'sht31_humidity' }),
  again('our time, same number, same boot', { ...at(NOON), seq: 7 }, at(NOON + 5 * MINUTE)),
  again('our time, ten minutes later', { ...at(NOON), seq: 7 }, at(NOON + 10 * MINUTE)),
  again('our time, number 0, value 0', { ...at(NOON), seq: 0, raw_value: 0 }, at(NOON + 1)),
  other('our time, after ten minutes', { ...at(NOON), seq: 7 }, at(NOON + 10 * MINUTE + 1)),
  other('our time, another boot', { ...at(NOON), seq: 7, boot: 1 }, { ...at(NOON + 1), boot: 2 }),
  other('our time, another number', { ...at(NOON), seq: 7 }, { ...at(NOON + 1), seq: 8 }),
  other('our time, another value', { ...at(NOON), seq: 7 }, { ...at(NOON + 1), raw_value: 3 }),
  other('our time, no number', at(NOON), at(NOON)),
  other('our time where the device had its own', { seq: 7 }, { ...at(NOON), seq: 7 }),
  other('a time of its own where it had none', { ...at(NOON), seq: 7 }, { time_source: 'device' }),
]

/** Each case is a device of its own. */
const of = (index: number, fields: Partial<Reading>): Partial<Reading> => ({
  ...fields,
  esp_id: `ESP_${index}`,
})

const firsts = (opened: Opened): Promise<number[]> =>
  opened.insert(...CASES.flatMap(({ first }, index) => first.map((fields) => of(index, fields))))

/** What happens between the first arrival and the second. */
const BETWEEN: Record<string, (opened: Opened) => Promise<Opened | undefined>> = {
  'from the intake': async () => undefined,
  async 'after the move into the history'(opened) {
    await opened.store.maintenance!.round(true)
    t.equal(opened.store.readings.intake, 0)
    return undefined
  },
  async 'after a restart'(opened) {
    await opened.reopen()
    return undefined
  },
  async 'after a move and a restart'(opened) {
    await opened.store.maintenance!.round(true)
    await opened.reopen()
    return undefined
  },
  async 'after a kill, from what is on disk without a close'(opened) {
    const dir = directory(t)
    for (const end of ['', '-wal']) copyFileSync(`${opened.path}${end}`, `${dir}/kaiser.db${end}`)
    return open(t, { dir })
  },
}

for (const [when, between] of Object.entries(BETWEEN))
  t.test(`a reading is recognised ${when}`, async (t) => {
    const opened = await open(t)
    await firsts(opened)
    const now = (await between(opened)) ?? opened
    const stored = await now.insert(...CASES.map(({ second }, index) => of(index, second)))
    for (const [index, { name, isNew }] of CASES.entries())
      t.equal(stored[index]! > 0, isNew, `${name} is ${isNew ? 'new' : 'known'}`)
    const rows = CASES.reduce((sum, { first, isNew }) => sum + first.length + (isNew ? 1 : 0), 0)
    t.strictSame(now.rows('SELECT count(*) AS rows FROM sensor_data'), [{ rows }])
    t.equal(now.store.readings.count(), rows)
  })

t.test('a reading is recognised within its own group', async (t) => {
  const opened = await open(t)
  for (const [index, { name, first, second, isNew }] of CASES.entries()) {
    const stored = await opened.insert(...first.map((fields) => of(index, fields)), of(index, second))
    t.equal(stored.at(-1)! > 0, isNew, `${name} is ${isNew ? 'new' : 'known'}`)
  }
})

t.test('whatever arrives in whatever order, each reading is stored once', async (t) => {
  const opened = await open(t)
  let seed = 20_250_601
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const expected = new Set<string>()
  let wrong = 0
  for (let round = 0; round < 40; round++) {
    const readings = Array.from({ length: 100 }, () => ({
      esp_id: `ESP_${random(3)}`,
      timestamp: NOON + random(300) * 1000,
      raw_value: random(3) - 1,
      seq: random(2) === 0 ? null : random(2),
    }))
    const stored = await opened.insert(...readings)
    for (const [index, reading] of readings.entries()) {
      const key = JSON.stringify(reading)
      if (stored[index]! > 0 === expected.has(key)) wrong++
      expected.add(key)
    }
    if (random(4) === 0) await opened.store.maintenance!.round(true)
    if (random(8) === 0) await opened.reopen()
  }
  t.equal(wrong, 0)
  t.strictSame(opened.rows('SELECT count(*) AS rows FROM sensor_data'), [{ rows: expected.size }])
})

t.test('a reading that was withdrawn is new when it comes again', async (t) => {
  const { store, insert, rows } = await open(t)
  await t.rejects(
    store.group.run(() => {
      store.readings.insert(reading())
      throw new Error('of a handler')
    }),
  )
  t.strictSame(rows('SELECT * FROM sensor_data'), [])
  t.equal(store.readings.intake, 0)
  t.not((await insert({}))[0], 0)
  t.strictSame(await insert({}), [0])
})
