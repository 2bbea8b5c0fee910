/** The book of commands: every command ends once, and within its time whatever the clock does. */
import t from 'tap'
import { type Command, createBook, type NewCommand, TIME_TO_LIVE } from '../../../routing/actuators/book.js'
import { NOON, type Opened, open } from '../../storage/open.js'

const ESP = 'ESP_12AB34CD'
const command = (correlation_id: string, fields: Partial<NewCommand> = {}): NewCommand => ({
  correlation_id,
  esp_id: ESP,
  gpio: 5,
  command_type: 'ON',
  issued_by: 'user:ada',
  ...fields,
})
const report = (fields: object) => ({
  esp_id: ESP,
  gpio: 5,
  state: 'on' as const,
  value: 1,
  last_command: null,
  correlation_id: null,
  error: null,
  ...fields,
})
const opened = async (test: Parameters<typeof open>[0]) => {
  const house: Opened = await open(test)
  const book = createBook(house.store)
  const run = <T>(work: () => T): Promise<T> => house.store.group.run(work)
  const sent = (id: string, fields: Partial<NewCommand> = {}): Promise<Command> =>
    run(() => book.advance(book.open(command(id, fields), NOON), 'sent', NOON + 1))
  return { ...house, book, run, sent }
}

t.test('a command goes forward only, and its end stays', async (t) => {
  const { book, run } = await opened(t)
  await run(() => {
    const pending = book.open(command('a', { command_type: 'on' }), NOON)
    t.match(pending, { command_type: 'ON', state: 'pending', expires_at: NOON + TIME_TO_LIVE })
    const acknowledged = book.advance(pending, 'acknowledged', NOON + 5)
    t.match(acknowledged, { state: 'acknowledged', acknowledged_at: NOON + 5 })
    t.equal(book.advance(acknowledged, 'sent', NOON + 6), acknowledged)
    const done = book.end(acknowledged, { state: 'done' }, NOON + 7)
    t.match(done, { state: 'done', success: 1, finished_at: NOON + 7 })
    t.equal(book.advance(done, 'acknowledged', NOON + 8), done)
    t.equal(book.end(done, { state: 'expired', error: 'late' }, NOON + 9), done)
    const said = book.end(
      done,
      { state: 'failed', error: 'no', fact: 'f', metadata: { late: true } },
      NOON + 9,
    )
    t.match(said, { state: 'done', error_message: null, fact: 'f', command_metadata: '{"late":true}' })
    t.strictSame(book.unfinished(ESP, 5), [])
    t.equal(book.find('a'), said)
  })
})

t.test('what a limit refused is over at once and names the limit', async (t) => {
  const { book, run } = await opened(t)
  const refused = await run(() => book.refuse(command('a'), 'min_off', '30 s to go', NOON))
  t.match(refused, { state: 'refused', success: 0, limit_name: 'min_off', error_message: '30 s to go' })
  t.strictSame(book.unfinished(ESP, 5), [])
  t.strictSame(book.recent(report({}), NOON + 1), [], 'it explains nothing')
})

t.test('time ends a command, and says how far it came', async (t) => {
  const { book, run } = await opened(t)
  await run(() => {
    book.open(command('pending'), NOON)
    book.advance(book.open(command('taken'), NOON), 'acknowledged', NOON)
    book.open(command('patient', { time_to_live: 60_000 }), NOON)
  })
  t.strictSame(await run(() => book.expire(NOON + TIME_TO_LIVE - 1)), [])
  t.match(await run(() => book.expire(NOON + TIME_TO_LIVE)), [
    { correlation_id: 'pending', state: 'expired', success: 0 },
    { correlation_id: 'taken', state: 'failed', success: 0, error_message: /did not answer/ },
  ])
})

t.test('a clock that was put back lengthens no command', async (t) => {
  const { book, run } = await opened(t)
  await run(() => book.open(command('a'), NOON))
  t.match(await run(() => book.expire(NOON - 1)), [{ correlation_id: 'a', state: 'expired' }])
})

t.test('what would switch on is cancelled, OFF never', async (t) => {
  const { book, run } = await opened(t)
  await run(() => {
    for (const word of ['ON', 'OFF', 'PWM', 'TOGGLE']) book.open(command(word, { command_type: word }), NOON)
    book.open(command('elsewhere', { gpio: 6 }), NOON)
  })
  const cancelled = await run(() => book.cancel(ESP, 5, 'ALERT_X', NOON + 1))
  t.strictSame(
    cancelled.map(({ correlation_id, state, error_message }) => [correlation_id, state, error_message]),
    ['ON', 'PWM', 'TOGGLE'].map((word) => [word, 'superseded', 'ALERT_X']),
  )
})

t.test('a state shows a command to be done when it is what was wanted', async (t) => {
  const { book, run, sent } = await opened(t)
  const cases: [Partial<NewCommand>, object, boolean][] = [
    [{ command_type: 'ON' }, { state: 'on' }, true],
    [{ command_type: 'ON' }, { state: 'pwm', value: 0.4 }, true],
    [{ command_type: 'ON' }, { state: 'off', value: 0 }, false],
    [{ command_type: 'ON' }, { state: 'on', last_command: 'OFF' }, false],
    [{ command_type: 'OFF' }, { state: 'off', value: 0 }, true],
    [{ command_type: 'OFF' }, { state: 'error', value: 0 }, false],
    [{ command_type: 'OFF' }, { state: 'error', value: 0, error: 'stuck' }, false],
    [{ command_type: 'OFF' }, { state: 'error', error: 'stuck', last_command: 'OFF' }, true],
    [{ command_type: 'PWM', value: 0.5 }, { state: 'pwm', value: 127 / 255 }, true],
    [{ command_type: 'PWM', value: 0.5 }, { state: 'pwm', value: 0.6 }, false],
    [{ command_type: 'PWM', value: 0 }, { state: 'off', value: 0 }, true],
    [{ command_type: 'TOGGLE' }, { state: 'on' }, false],
    [{ command_type: 'TOGGLE' }, { state: 'on', last_command: 'TOGGLE' }, true],
    [{ command_type: 'TOGGLE' }, { state: 'off', correlation_id: 'ID' }, true],
    [{ command_type: 'ON' }, { state: 'on', correlation_id: 'other' }, false],
  ]
  for (const [n, [fields, said, shown]] of cases.entries()) {
    const id = `c${n}`
    const made = await sent(id, fields)
    const { correlation_id } = said as { correlation_id?: string }
    const found = book.shownBy(report({ ...said, ...(correlation_id === 'ID' && { correlation_id: id }) }))
    t.equal(
      found?.correlation_id,
      shown ? id : undefined,
      `${JSON.stringify(fields)} ${JSON.stringify(said)}`,
    )
    await run(() => book.end(made, { state: 'superseded' }, NOON + 2))
  }
})

t.test('an answer is found by its id however long ago, by its word only while it waits', async (t) => {
  const opening = await opened(t)
  const { book, run, sent, store } = opening
  const made = await sent('a')
  await run(() => book.end(made, { state: 'done' }, NOON + 2))
  store.actuatorHistory.tidy(NOON + 86_400_000)
  t.equal(book.find('a'), undefined)
  const answer = { esp_id: ESP, gpio: 5, command: 'ON', correlation_id: 'a' }
  t.match(book.answeredBy(answer), { id: made.id, state: 'done' })
  t.equal(book.answeredBy({ ...answer, gpio: 6 }), undefined)
  t.equal(book.answeredBy({ ...answer, correlation_id: null }), undefined)
})
