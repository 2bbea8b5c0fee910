/** Zones, subzones and where devices were: in memory, in rows, and as they were when a row is withdrawn. */
import t from 'tap'
import { MOVES } from '../../storage/placements.js'
import type { Store } from '../../storage/store.js'
import { NOON, open } from './open.js'

const bench = { esp_id: 'ESP_1', subzone_id: 'bench' }
const fields = { parent_zone_id: 'tent', assigned_gpios: [4, 5], correlation_id: 'c' }
const failing = (store: Store, work: () => void) =>
  store.group.run(() => {
    work()
    throw new Error('changed my mind')
  })

t.test('zones and subzones are there at once, and after a restart', async (t) => {
  const opened = await open(t)
  await opened.store.group.run(() => {
    opened.store.zones.upsert('tent', { name: 'Tent', master_zone_id: null }, NOON)
    opened.store.zones.upsert('attic', { name: null, master_zone_id: 'house' }, NOON)
    opened.store.subzones.insert(bench, fields, NOON)
    t.throws(() => opened.store.subzones.insert(bench, fields, NOON), /exists/)
  })
  await opened.store.group.run(() => {
    opened.store.zones.upsert('tent', { name: 'Big tent', master_zone_id: null }, NOON + 1)
    const next = { status: 'assigned', reported: { safe_mode: true }, assigned_gpios: [5, 6] } as const
    opened.store.subzones.update(opened.store.subzones.find('ESP_1', 'bench')!, next, NOON + 1)
  })
  await opened.reopen()
  const { zones, subzones } = opened.store
  t.match(zones.list(), [
    { zone_id: 'attic', master_zone_id: 'house' },
    { zone_id: 'tent', name: 'Big tent', created_at: NOON, updated_at: NOON + 1 },
  ])
  t.match(subzones.list('ESP_1'), [{ ...bench, reported: { safe_mode: true }, safe_mode_active: 1 }])
  t.strictSame(
    [4, 5, 6].map((gpio) => subzones.of('ESP_1', gpio)),
    [undefined, 'bench', 'bench'],
  )
  t.equal(subzones.of('ESP_2', 5), undefined)
})

t.test('a subzone that is being removed owns no gpio', async (t) => {
  const { store } = await open(t)
  await store.group.run(() => {
    const made = store.subzones.insert(bench, fields, NOON)
    store.subzones.update(made, { status: 'removing' }, NOON)
  })
  t.equal(store.subzones.of('ESP_1', 4), undefined)
  t.equal(store.subzones.list('ESP_1').length, 1)
  await store.group.run(() => store.subzones.removeDevice('ESP_1'))
  t.strictSame(store.subzones.list('ESP_1'), [])
})

t.test('what was withdrawn leaves things as they were', async (t) => {
  const { store } = await open(t)
  await store.group.run(() => store.subzones.insert(bench, fields, NOON))
  await t.rejects(
    failing(store, () => {
      const next = store.subzones.update(
        store.subzones.find('ESP_1', 'bench')!,
        { assigned_gpios: [9] },
        NOON,
      )
      store.subzones.update(next, { status: 'removing' }, NOON)
      store.subzones.insert(
        { esp_id: 'ESP_1', subzone_id: 'table' },
        { ...fields, assigned_gpios: [7] },
        NOON,
      )
      store.zones.upsert('tent', { name: 'Tent', master_zone_id: null }, NOON)
      store.placements.insert({ esp_id: 'ESP_1', until_at: NOON, zone_id: 'a', subzones: new Map() })
    }),
    /mind/,
  )
  t.strictSame(
    [4, 9, 7].map((gpio) => store.subzones.of('ESP_1', gpio)),
    ['bench', undefined, undefined],
  )
  t.equal(store.zones.find('tent'), undefined)
  t.strictSame(store.placements.list('ESP_1'), [])
})

t.test('the past of a device is found by time, bounded, and never after the present', async (t) => {
  const opened = await open(t)
  const move = (until_at: number, zone_id: string | null) =>
    opened.store.group.run(() =>
      opened.store.placements.insert({
        esp_id: 'ESP_1',
        until_at,
        zone_id,
        subzones: new Map([[4, `bench_${zone_id}`]]),
      }),
    )
  const at = (timestamp: number) => opened.store.placements.find('ESP_1', timestamp)
  t.equal(at(NOON), undefined, 'it was never moved')
  await move(NOON, 'a')
  await move(NOON + 10, 'b')
  await move(NOON + 10, 'c')
  await move(NOON - 5, 'd')
  t.equal(opened.store.placements.list('ESP_1').length, 2, 'in one moment the first counts; no step back')
  await opened.reopen()
  t.equal(at(NOON + 10), undefined)
  t.match(at(NOON + 9), { zone_id: 'b', subzones: new Map([[4, 'bench_b']]) })
  t.match(at(NOON), { zone_id: 'b' })
  t.match(at(NOON - 1), { zone_id: 'a' })
  t.equal(opened.store.placements.find('ESP_2', 0), undefined)
  for (let n = 0; n < MOVES; n++) await move(NOON + 20 + n, `z${n}`)
  t.equal(opened.store.placements.list('ESP_1').length, MOVES)
  t.strictSame(opened.rows('SELECT count(*) AS n, min(until_at) AS first FROM placements'), [
    { n: MOVES, first: NOON + 20 },
  ])
  t.match(at(0), { zone_id: 'z0' }, 'before the oldest it was where it was then')
  await t.rejects(
    failing(opened.store, () => opened.store.placements.removeDevice('ESP_1')),
    /mind/,
  )
  t.equal(opened.store.placements.list('ESP_1').length, MOVES)
  await opened.store.group.run(() => {
    opened.store.placements.removeDevice('ESP_1')
    opened.store.placements.removeDevice('ESP_2')
  })
  t.strictSame(opened.rows('SELECT * FROM placements'), [])
})
