/** The history of actuators: commands with their stages, reported facts once, and never more rows than it may have. */
import t from 'tap'
import {
  type ActuatorHistory,
  LINGER,
  MOST_ROWS,
  MOST_STRANGE_ROWS,
  type NewRow,
} from '../../storage/actuator-history.js'
import { NOON, type Opened, open } from './open.js'

const ESP = 'ESP_12AB34CD'
const command = (correlation_id: string, fields: Partial<NewRow> = {}) => ({
  esp_id: ESP,
  gpio: 5,
  command_type: 'ON',
  value: 1,
  issued_by: 'user:ada',
  state: 'pending' as const,
  timestamp: NOON,
  expires_at: NOON + 30_000,
  ...fields,
  correlation_id,
})
const fact = (name: string | null, fields: Partial<NewRow> = {}): NewRow => ({
  esp_id: ESP,
  gpio: 5,
  command_type: 'ON',
  issued_by: 'esp32',
  state: 'done',
  timestamp: NOON,
  fact: name,
  ...fields,
})
const run = <T>({ store }: Opened, work: (history: ActuatorHistory) => T): Promise<T> =>
  store.group.run(() => work(store.actuatorHistory))
const count = (opened: Opened, where = 'true'): number =>
  opened.rows<{ n: number }>(`SELECT count(*) AS n FROM actuator_history WHERE ${where}`)[0]!.n

t.test('a command is one row whatever its stages, and in memory until it ended long ago', async (t) => {
  const opened = await open(t)
  const first = await run(opened, (history) => history.insert(command('a')))
  const second = await run(opened, (history) => history.insert(command('b')))
  await run(opened, (history) => history.insert(command('c', { gpio: 6 })))
  const sent = await run(opened, (history) => history.update(first, { state: 'sent', sent_at: NOON + 1 }))
  const { actuatorHistory: history } = opened.store
  t.equal(history.find('a'), sent)
  t.strictSame(history.list(ESP, 5), [sent, second], 'oldest first, also when the oldest changed last')
  t.equal(history.list(ESP).length, 3)
  t.equal(history.list().length, 3)
  t.strictSame(history.list(ESP, 7), [])
  await run(opened, () => history.update(sent, { state: 'done', finished_at: NOON + 2, success: 1 }))
  history.tidy(NOON + LINGER)
  t.match(history.find('a'), { state: 'done' })
  history.tidy(NOON + LINGER + 3)
  t.equal(history.find('a'), undefined)
  t.match(history.row('a'), { state: 'done', sent_at: NOON + 1, success: 1 })
  t.strictSame(history.list(ESP, 5), [second])
  t.equal(count(opened), 3)
})

t.test('after a restart the unfinished ones are in memory again', async (t) => {
  const opened = await open(t)
  await run(opened, (history) => {
    history.insert(command('a'))
    history.insert(command('b', { state: 'refused', limit_name: 'range' }))
    history.update(history.insert(command('c')), { state: 'acknowledged' })
  })
  await opened.reopen()
  const { actuatorHistory: history } = opened.store
  t.strictSame(
    history.list().map(({ correlation_id, state }) => [correlation_id, state]),
    [
      ['a', 'pending'],
      ['c', 'acknowledged'],
    ],
  )
  t.match(await run(opened, () => history.insert(command('d'))), { id: 4 })
})

t.test('what is withdrawn is as it was before', async (t) => {
  const opened = await open(t)
  const before = await run(opened, (history) => history.insert(command('a')))
  const { actuatorHistory: history } = opened.store
  await t.rejects(
    run(opened, () => {
      history.update(before, { state: 'done', fact: 'answer' })
      history.insert(command('b'))
      history.report(fact('said'), true)
      throw new Error('no')
    }),
    /no/,
  )
  t.equal(history.find('a'), before)
  t.equal(history.find('b'), undefined)
  t.strictSame([history.knows('answer'), history.knows('said')], [false, false])
  t.equal(count(opened), 1)
})

t.test('an id is taken once', async (t) => {
  const opened = await open(t)
  await run(opened, (history) => history.insert(command('a')))
  await t.rejects(
    run(opened, (history) => history.insert(command('a'))),
    /exists/,
  )
})

t.test('a fact is known at once, after a restart, and never stored twice', async (t) => {
  const opened = await open(t)
  await run(opened, (history) => {
    t.notOk(history.knows('x'))
    history.report(fact('x'), true)
    t.ok(history.knows('x'))
    history.report(fact(null), true)
    history.report(fact(null), true)
  })
  await opened.reopen()
  t.ok(opened.store.actuatorHistory.knows('x'))
  await run(opened, (history) => history.report(fact('x'), true))
  t.equal(count(opened), 3, 'what has no identity is new every time')
  t.match(opened.store.actuatorHistory.latest(ESP, 5, 2), [{ id: 3 }, { id: 2 }])
  t.equal(opened.store.actuatorHistory.total(ESP, 5), 3)
})

t.test('devices that nobody let in have a ring of their own, and push out nobody else’s rows', async (t) => {
  const opened = await open(t)
  await run(opened, (history) => history.report(fact('ours'), true))
  await run(opened, (history) => {
    for (let n = 0; n < MOST_STRANGE_ROWS; n++) history.report(fact(`s${n}`, { timestamp: NOON + n }), false)
  })
  t.equal(opened.store.actuatorHistory.dropped, 0)
  await opened.reopen()
  await run(opened, (history) => {
    for (let n = 0; n < 3; n++) history.report(fact(`t${n}`, { timestamp: NOON + 20_000 + n }), false)
  })
  t.equal(opened.store.actuatorHistory.dropped, 3)
  t.equal(count(opened, 'id < 0'), MOST_STRANGE_ROWS)
  t.equal(count(opened, `fact IN ('s0', 's1', 's2')`), 0, 'the oldest made room')
  t.equal(count(opened, `fact IN ('ours', 's3', 't0', 't2')`), 4)
  t.match(await run(opened, (history) => history.insert(command('a'))), { id: 2 })
})

t.test('the oldest rows go, by number with each new one and by age in a sweep', async (t) => {
  const opened = await open(t)
  await run(opened, (history) => {
    for (let n = 0; n < 450; n++) history.report(fact(`f${n}`, { timestamp: NOON + n }), true)
    history.report(fact('stranger', { timestamp: NOON }), false)
  })
  t.equal(await opened.store.actuatorHistory.sweep(NOON + 440), 441)
  t.equal(count(opened), 10)
  t.equal(await opened.store.actuatorHistory.sweep(NOON + 440), 0)

  // Ids go on where the file says, as after years.
  await run(opened, (history) => history.report(fact('late'), true))
  await opened.store.close()
  const { default: SQLite } = await import('better-sqlite3')
  const db = new SQLite(opened.path)
  db.exec(`UPDATE actuator_history SET id = ${MOST_ROWS + 445} WHERE fact = 'late'`)
  db.close()
  await opened.reopen()
  await run(opened, (history) => history.report(fact('later'), true))
  t.strictSame(
    opened.rows<{ fact: string }>('SELECT fact FROM actuator_history ORDER BY id').map((row) => row.fact),
    ['f446', 'f447', 'f448', 'f449', 'late', 'later'],
  )
})
