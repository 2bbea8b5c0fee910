/** The zone and subzone of a reading are those of the time when it was measured. */
import t from 'tap'
import { register, remove } from '../../../routing/registry.js'
import { type InStore, inStore } from '../../support/in-store.js'
import { DEVICE, NOW } from '../../support/samples.js'

const device = ({ store }: InStore) => store.devices.find(DEVICE)!
const put = (opened: InStore, zone_id: string | null) =>
  opened.store.group.run(() =>
    opened.zoning.zones.assign(
      device(opened),
      zone_id === null ? null : { zone_id },
      'anna',
      opened.clock.now,
    ),
  )
const bench = (opened: InStore, assigned_gpios: number[], subzone_id = 'bench') =>
  opened.store.group.run(() =>
    opened.zoning.subzones.assign(
      device(opened),
      { subzone_id, assigned_gpios, safe_mode_active: true },
      opened.clock.now,
    ),
  )

let n = 0
/** A reading that was measured at `ts` (ms) and arrives now: where it is kept to be from. */
async function placeOf(opened: InStore, ts: number | undefined, gpio = 4) {
  const payload = {
    esp_id: DEVICE,
    gpio,
    sensor_type: 'ds18b20',
    raw_mode: false,
    value: ++n,
    ts,
    unit: '°C',
  }
  const { code, effects } = await opened.receive({
    topic: `kaiser/god/esp/${DEVICE}/sensor/${gpio}/data`,
    payload: JSON.stringify(payload),
  })
  const [row] = opened.rows(`SELECT zone_id, subzone_id FROM sensor_data WHERE raw_value = ${n}`) as {
    zone_id: string | null
    subzone_id: string | null
  }[]
  const heard = effects.find((effect) => effect.kind === 'emit' && effect.event.type === 'sensor_data')
  if (code !== 'processed' || !row) throw new Error(`${code}`)
  return { ...row, heard: (heard as { event: { data: { zone_id: unknown } } }).event.data.zone_id }
}
const at = (zone_id: string | null, subzone_id: string | null = null) => ({
  zone_id,
  subzone_id,
  heard: zone_id,
})

t.test('before, after and late: each reading has the zone of its time', async (t) => {
  const opened = await inStore(t)
  const { clock } = opened
  t.strictSame(await placeOf(opened, NOW), at(null))
  clock.now = NOW + 1_000
  await put(opened, 'a')
  t.strictSame(await placeOf(opened, NOW + 1_001), at('a'))
  clock.now = NOW + 2_000
  await put(opened, 'b')
  clock.now = NOW + 3_000
  await put(opened, null)
  clock.now = NOW + 4_000
  t.strictSame(await placeOf(opened, NOW + 3_500), at(null), 'now')
  t.strictSame(await placeOf(opened, NOW + 2_999), at('b'), 'late')
  t.strictSame(await placeOf(opened, NOW + 2_000), at('b'), 'in the moment of the move it has moved')
  t.strictSame(await placeOf(opened, NOW + 1_999), at('a'), 'later still')
  t.strictSame(await placeOf(opened, NOW - 5_000), at(null), 'before it was anywhere')
  t.strictSame(await placeOf(opened, undefined), at(null), 'without a time of its own it is of now')
})

t.test('a gpio belongs to its subzone from the moment people say so, and not before', async (t) => {
  const opened = await inStore(t)
  const { clock } = opened
  await put(opened, 'tent')
  clock.now = NOW + 1_000
  await bench(opened, [4, 5])
  clock.now = NOW + 2_000
  await bench(opened, [5])
  await bench(opened, [4], 'table')
  clock.now = NOW + 3_000
  await put(opened, 'cellar')
  clock.now = NOW + 4_000
  t.strictSame(await placeOf(opened, NOW + 500), at('tent'))
  t.strictSame(await placeOf(opened, NOW + 1_500), at('tent', 'bench'))
  t.strictSame(await placeOf(opened, NOW + 2_500), at('tent', 'table'))
  t.strictSame(await placeOf(opened, NOW + 2_500, 5), at('tent', 'bench'))
  t.strictSame(await placeOf(opened, NOW + 3_500), at('cellar', 'table'), 'subzones go along')
  t.strictSame(await placeOf(opened, NOW + 3_500, 6), at('cellar'), 'a gpio of none')
})

t.test('what was is known after a restart, and forgotten with the device', async (t) => {
  const before = await inStore(t)
  await put(before, 'a')
  before.clock.now = NOW + 1_000
  await bench(before, [4])
  before.clock.now = NOW + 2_000
  await put(before, 'b')
  await before.close()
  const after = await inStore(t, { dir: before.dir, now: NOW + 3_000 })
  t.strictSame(await placeOf(after, NOW + 1_500), at('a', 'bench'))
  t.strictSame(await placeOf(after, NOW + 2_500), at('b', 'bench'))
  await after.store.group.run(() => {
    remove(after.store, DEVICE)
    register(after.store, DEVICE, {}, 'test', after.clock.now)
  })
  t.strictSame(await placeOf(after, NOW + 1_501), at(null))
  t.match(
    after.rows('SELECT (SELECT count(*) FROM placements) + (SELECT count(*) FROM subzone_configs) AS n'),
    [{ n: 0 }],
  )
})

t.test('saying the same again is no move', async (t) => {
  const opened = await inStore(t)
  await put(opened, 'a')
  await bench(opened, [4])
  const moves = opened.store.placements.list(DEVICE).length
  opened.clock.now += 1_000
  await put(opened, 'A')
  await bench(opened, [4])
  t.equal(opened.store.placements.list(DEVICE).length, moves)
})
