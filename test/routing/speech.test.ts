/** Doing something for somebody who waits: what they hear while storage works, fails, or is not there at all. */
import t from 'tap'
import { alarm, type Effect, emit } from '../../routing/effect.js'
import { createAct } from '../../routing/speech.js'
import { open, outsider } from '../storage/open.js'

const event = {
  esp_id: 'ESP_1',
  stop_id: null,
  state: 'cleared',
  confirmed_by: null,
  message: null,
  timestamp: 1,
} as const
const effects = [emit('emergency_device', event), alarm('emergency_device', event)]

t.test(
  'what is done is told at once or after the commit, and whoever waits hears that it is on disk',
  async (t) => {
    const { store } = await open(t)
    const performed: [at_once: boolean, stored: boolean][] = []
    const act = createAct(
      store.group,
      ({ at_once }: Effect, stored) => void performed.push([at_once, stored]),
    )
    const waiting = act(() => ({ effects, answer: 42 }))
    t.strictSame(performed, [[true, true]])
    t.match(await waiting, { result: { answer: 42 }, stored: true })
    t.strictSame(performed, [
      [true, true],
      [false, true],
    ])
  },
)

t.test('while storage fails it is done all the same, and nobody waits for the disk', async (t) => {
  const { store, path } = await open(t)
  const performed: boolean[] = []
  const act = createAct(store.group, (_effect, stored) => void performed.push(stored))
  outsider(t, path).exec('BEGIN IMMEDIATE')
  const { stored } = await act(() => {
    store.auditLogs.insert(
      { event_type: 'emergency_stop', severity: 'info', source_type: 'user', status: 'x' },
      1,
    )
    return { effects }
  })
  t.equal(stored, false)
  t.strictSame(performed, [true, false])
})

t.test('what could not even begin is a no, whoever is to blame', async (t) => {
  const { store } = await open(t)
  const act = createAct(store.group, () => t.fail('nothing is performed'))
  const broken = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
  await t.rejects(
    act(() => {
      throw broken
    }),
    { code: 'storage_unavailable' },
  )
  await t.rejects(
    act(() => {
      throw new Error('no')
    }),
    { message: 'no' },
  )
})
