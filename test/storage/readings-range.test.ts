/**
 * Reading back: every reading once and in order, wherever its row is, while others come and while rows move;
 * and never much of it at once.
 */
import t from 'tap'
import type { Ordered, Position, Reading } from '../../storage/readings.js'
import { between } from './moving.js'
import { NOON, type Opened, open, reading } from './open.js'

t.setTimeout(110_000)

const EVER = { from: 0, to: Number.MAX_SAFE_INTEGER }

const numbers = (seed: number) => (below: number) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((seed / 2 ** 32) * below)
}

/** Readings of 12 sensors, many at the same times, in no order. */
function mixed(count: number, seed = 7): Partial<Reading>[] {
  const random = numbers(seed)
  return Array.from({ length: count }, (_, n) => ({
    esp_id: `ESP_${random(4)}`,
    gpio: random(3),
    timestamp: NOON + random(200) * 1000,
    raw_value: n + seed * 1_000_000,
    quality: random(10) === 0 ? ('bad' as const) : ('good' as const),
    data_source: random(4) === 0 ? ('mock' as const) : ('production' as const),
  }))
}

interface Kept extends Reading {
  id: number
}

/** Stores them and says what should be found. */
async function fill(opened: Opened, readings: Partial<Reading>[]): Promise<Kept[]> {
  const ids = await opened.insert(...readings)
  return readings.map((fields, index) => ({
    ...reading({ received_at: opened.clock.now, ...fields }),
    id: ids[index]!,
  }))
}

const inTime = (a: Kept, b: Kept): number => a.timestamp - b.timestamp || a.id - b.id
const all = (opened: Opened): Ordered => ({
  sensors: [...opened.store.sensors.list()],
  ...EVER,
  order: 'desc',
})

/** Page after page until there is none. */
async function pages(opened: Opened, range: Ordered, limit: number, meanwhile = async () => {}) {
  const found: Kept[] = []
  let after: Position | undefined
  do {
    const page = await opened.store.readings.range({ ...range, after, limit })
    if (page.next && page.readings.length !== limit) throw new Error('a short page in the middle')
    found.push(...page.readings)
    after = page.next ?? undefined
    await meanwhile()
  } while (after)
  return found
}

t.test('all readings are found in order of time, in the intake, in the history and in both', async (t) => {
  const opened = await open(t)
  const kept = await fill(opened, mixed(1_500))
  const found = (order: 'asc' | 'desc') => pages(opened, { ...all(opened), order }, 1_000)
  const wanted = () => [...kept].sort(inTime)
  t.strictSame(await found('asc'), wanted(), 'in the intake')
  await opened.store.maintenance!.round(true)
  t.strictSame(await found('desc'), wanted().reverse(), 'in the history')
  kept.push(...(await fill(opened, mixed(700, 8))))
  t.strictSame(await found('asc'), wanted(), 'in both')
  t.strictSame(await found('desc'), wanted().reverse())
  await opened.reopen()
  t.strictSame(await found('asc'), wanted(), 'after a restart')
})

t.test('pages of any size lie end to end, also over readings of the same millisecond', async (t) => {
  const opened = await open(t)
  const kept = await fill(opened, mixed(600))
  await opened.store.maintenance!.round(true)
  kept.push(...(await fill(opened, mixed(600, 8))))
  const wanted = kept.sort(inTime)
  for (const limit of [1, 7, 499, 500, 501, 1_199, 1_200])
    t.strictSame(
      (await pages(opened, { ...all(opened), order: 'asc' }, limit)).map(({ id }) => id),
      wanted.map(({ id }) => id),
      `by ${limit}`,
    )
})

t.test('what comes and what moves while somebody turns the pages does not shift them', async (t) => {
  const opened = await open(t)
  const kept = await fill(opened, mixed(2_000))
  let later = 0
  const found = await pages(opened, all(opened), 100, async () => {
    later++
    await opened.insert({ esp_id: 'ESP_0', gpio: 0, timestamp: NOON + 1_000_000 + later, raw_value: later })
    if (later % 7 === 0) await opened.store.maintenance!.round(true)
  })
  t.strictSame(found, kept.sort(inTime).reverse())
})

t.test('while rows move, each is found once', async (t) => {
  const opened = await open(t)
  await fill(opened, mixed(3_000))
  await opened.store.maintenance!.round(true)
  const moving: Partial<Reading>[] = []
  for (let n = 0; n < 30_000; n++)
    moving.push({ esp_id: `ESP_${n % 40}`, gpio: 9, timestamp: NOON + n, raw_value: n })
  const kept: Kept[] = []
  for (let at = 0; at < moving.length; at += 2_000)
    kept.push(...(await fill(opened, moving.slice(at, at + 2_000))))
  const sensors = opened.store.sensors.select({ gpio: 9 })
  const wanted = kept.slice(-5_000).map(({ id }) => id)
  const states = new Set<number>()
  await between(t, opened, async (moved) => {
    if (states.has(moved)) return
    states.add(moved)
    const { readings } = await opened.store.readings.range({
      sensors,
      ...EVER,
      from: NOON + 25_000,
      order: 'asc',
      limit: 10_000,
    })
    const ids = readings.map(({ id }) => id)
    if (ids.length !== 5_000 || ids.some((id, index) => id !== wanted[index])) t.fail(`with ${moved} moved`)
  })
  t.ok(states.size > 2, `looked in ${states.size} states`)
})

t.test('a range has both its ends in it, and only its sensors', async (t) => {
  const opened = await open(t)
  await fill(
    opened,
    [0, 1, 2, 3, 4].map((n) => ({ timestamp: NOON + n, raw_value: n })),
  )
  await opened.store.maintenance!.round(true)
  await fill(
    opened,
    [5, 6].map((n) => ({ timestamp: NOON + n, raw_value: n })),
  )
  await fill(opened, [{ esp_id: 'ESP_OTHER', timestamp: NOON + 3, raw_value: 33 }])
  const sensors = opened.store.sensors.select({ esp_id: 'ESP_12AB34CD' })
  const values = async (from: number, to: number, order: 'asc' | 'desc') =>
    (
      await opened.store.readings.range({ sensors, from: NOON + from, to: NOON + to, order, limit: 9 })
    ).readings.map(({ raw_value }) => raw_value)
  t.strictSame(await values(2, 5, 'asc'), [2, 3, 4, 5])
  t.strictSame(await values(2, 5, 'desc'), [5, 4, 3, 2])
  t.strictSame(await values(7, 9, 'asc'), [])
  t.strictSame(await values(-9, -1, 'desc'), [])
  t.strictSame(await values(6, 6, 'desc'), [6])
})

t.test('filters find what fits and nothing else', async (t) => {
  const opened = await open(t)
  const kept = await fill(opened, mixed(900))
  await opened.store.maintenance!.round(true)
  kept.push(...(await fill(opened, mixed(300, 8))))
  const wanted = kept.sort(inTime).filter((one) => one.quality === 'bad' && one.data_source === 'mock')
  t.ok(wanted.length > 10)
  const range = {
    ...all(opened),
    order: 'asc' as const,
    quality: 'bad' as const,
    data_source: 'mock' as const,
  }
  t.strictSame(await pages(opened, range, 5), wanted)
})

t.test('sensor by sensor, each from old to new', async (t) => {
  const opened = await open(t)
  const kept = await fill(opened, mixed(900))
  await opened.store.maintenance!.round(true)
  kept.push(...(await fill(opened, mixed(900, 8))))
  const sensors = [...opened.store.sensors.list()].reverse()
  const found: Kept[] = []
  for await (const portion of opened.store.readings.bySensor({ sensors, ...EVER }))
    found.push(...portion.found)
  const of = ({ esp_id, gpio }: Kept): number =>
    sensors.findIndex((sensor) => sensor.esp_id === esp_id && sensor.gpio === gpio)
  t.strictSame(
    found,
    kept.sort((a, b) => of(a) - of(b) || inTime(a, b)),
  )
})

t.test('however much is asked for, the event loop turns after about half a thousand rows', async (t) => {
  const opened = await open(t)
  const many: Partial<Reading>[] = []
  for (let n = 0; n < 20_000; n++)
    many.push({ esp_id: `ESP_${n % 3}`, timestamp: NOON + n * 100, raw_value: n })
  for (let at = 0; at < many.length; at += 2_000) await opened.insert(...many.slice(at, at + 2_000))
  await opened.store.maintenance!.round(true)
  let turns = 0
  let asked = true
  const count = (): void => {
    turns++
    if (asked) setImmediate(count)
  }
  setImmediate(count)
  const portions = { inTime: 0, bySensor: 0 }
  let most = 0
  for await (const { seen } of opened.store.readings.inTime(all(opened))) {
    portions.inTime++
    most = Math.max(most, seen)
  }
  for await (const { seen } of opened.store.readings.bySensor(all(opened))) {
    portions.bySensor++
    most = Math.max(most, seen)
  }
  asked = false
  t.ok(portions.inTime >= 20 && portions.bySensor >= 20, JSON.stringify(portions))
  t.ok(most <= 1_000, `${most} rows at most`)
  t.ok(turns >= portions.inTime + portions.bySensor, `${turns} turns of the loop`)
})

t.test('many who read take turns: one portion per turn of the loop', async (t) => {
  const opened = await open(t)
  const many: Partial<Reading>[] = []
  for (let n = 0; n < 6_000; n++) many.push({ timestamp: NOON + n * 100, raw_value: n })
  for (let at = 0; at < many.length; at += 2_000) await opened.insert(...many.slice(at, at + 2_000))
  await opened.store.maintenance!.round(true)
  let turn = 0
  let asked = true
  const count = (): void => {
    turn++
    if (asked) setImmediate(count)
  }
  setImmediate(count)
  const portions = new Map<number, number>()
  const read = async (): Promise<void> => {
    for await (const _ of opened.store.readings.inTime(all(opened)))
      portions.set(turn, (portions.get(turn) ?? 0) + 1)
  }
  await Promise.all(Array.from({ length: 10 }, read))
  asked = false
  t.ok(portions.size >= 100, `${portions.size} turns`)
  t.equal(Math.max(...portions.values()), 1)
})

t.test(
  'a reading that is queued and not on disk is not found yet, and does not hide the others',
  async (t) => {
    const opened = await open(t)
    await fill(opened, [{ raw_value: 1 }])
    let release = (): void => {}
    const lent = opened.store.group.lend(
      () =>
        new Promise<void>((resolve) => {
          release = resolve
        }),
    )
    const queued = fill(opened, [
      { raw_value: 2, timestamp: NOON + 1 },
      { raw_value: 3, timestamp: NOON - 1 },
    ])
    const found = async () =>
      (await opened.store.readings.range({ ...all(opened), limit: 9 })).readings.map(
        ({ raw_value }) => raw_value,
      )
    t.strictSame(await found(), [1])
    release()
    await lent
    await queued
    t.strictSame(await found(), [2, 1, 3])
  },
)
