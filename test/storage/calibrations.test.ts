/** The history of calibrations: nothing is lost, and a probe's are found wherever it was. */
import t from 'tap'
import type { CalibrationRecord, Lineage } from '../../storage/calibrations.js'
import { NOON, type Opened, open } from './open.js'

const place: Lineage = {
  esp_id: 'ESP_12AB34CD',
  gpio: 34,
  sensor_type: 'ph',
  address: '',
  probe_serial: null,
}

const insert = ({ store }: Opened, fields: Partial<CalibrationRecord> = {}) =>
  store.group.run(() =>
    store.calibrations.insert({
      ...place,
      calibration: { method: 'offset', points: [], temperature: null, coefficients: { offset: 1 } },
      verdict: { quality: 'good', slope_percent: null, offset: 1, sentence: 'Good.' },
      performed_at: NOON,
      performed_by: 'grower',
      due_at: null,
      ...fields,
    }),
  )

t.test(
  'a probe’s calibrations are its own wherever it is; without a number they are the place’s',
  async (t) => {
    const opened = await open(t)
    const here = await insert(opened)
    const probe = await insert(opened, { probe_serial: 'P-1', gpio: 35 })
    await insert(opened, { probe_serial: 'P-1', sensor_type: 'ec' })
    await insert(opened, { gpio: 35 })
    const { calibrations } = opened.store
    t.strictSame(calibrations.of(place), [here])
    t.strictSame(calibrations.of({ ...place, probe_serial: 'P-1' }), [probe])
    t.strictSame(calibrations.of({ ...place, probe_serial: 'P-2' }), [])
  },
)

t.test(
  'the newest that was not taken back counts; those taken back stay, also after a restart',
  async (t) => {
    const opened = await open(t)
    const first = await insert(opened)
    const second = await insert(opened, { due_at: NOON + 86_400_000 })
    t.equal(opened.store.calibrations.newest(place), second)
    const undone = await opened.store.group.run(() =>
      opened.store.calibrations.update(second, { undone_at: NOON + 1, undone_by: 'grower' }),
    )
    t.equal(opened.store.calibrations.newest(place), first)
    await opened.reopen()
    const { calibrations } = opened.store
    t.strictSame(calibrations.list(), [first, undone])
    t.strictSame(calibrations.newest(place), first)
    t.equal((await insert(opened)).id, undone.id + 1)
    t.match(opened.rows('SELECT id, undone_by FROM calibrations ORDER BY id'), [
      { id: first.id, undone_by: null },
      { id: second.id, undone_by: 'grower' },
      { id: second.id + 1 },
    ])
  },
)

t.test('what is withdrawn is as it was before', async (t) => {
  const opened = await open(t)
  const { calibrations, group } = opened.store
  const before = await insert(opened)
  await t.rejects(
    group.run(() => {
      calibrations.update(before, { undone_at: NOON })
      calibrations.insert({ ...before, performed_by: 'nobody' })
      throw new Error('no')
    }),
  )
  t.strictSame(calibrations.list(), [before])
})
