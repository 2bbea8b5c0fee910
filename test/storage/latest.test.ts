/** The newest reading of each sensor, and what is left of memory when somebody's rows are withdrawn. */
import t from 'tap'
import { NOON, open, reading } from './open.js'

/** A number that fits JSON and the schema of a payload, but no INTEGER column. */
const UNSTORABLE = 1e300

t.test('the latest reading is the one measured last, not the one that came last', async (t) => {
  const opened = await open(t)
  const latest = (): number[] => opened.store.readings.latest().map(({ raw_value }) => raw_value)
  await opened.insert({ raw_value: 1 }, { raw_value: 2, timestamp: NOON + 2000 })
  await opened.insert({ raw_value: 3, timestamp: NOON + 1000 })
  t.strictSame(latest(), [2])
  await opened.reopen()
  t.strictSame(latest(), [2], 'from the intake')
  await opened.store.maintenance!.round(true)
  await opened.reopen()
  t.strictSame(latest(), [2], 'from the history')
  await opened.insert({ raw_value: 4, timestamp: NOON + 1500 })
  t.strictSame(latest(), [2])
  await opened.insert({ raw_value: 5, timestamp: NOON + 3000 })
  t.strictSame(latest(), [5])
})

t.test('the latest readings of one device are those of its sensors, in words', async (t) => {
  const opened = await open(t)
  await opened.insert({ address: 'A' }, { address: 'B', quality: 'suspect' }, { esp_id: 'ESP_OTHER' })
  await opened.reopen()
  t.strictSame(opened.store.readings.latest('ESP_12AB34CD'), [
    reading({ address: 'A' }),
    reading({ address: 'B', quality: 'suspect' }),
  ])
})

t.test('a withdrawn reading is not the latest, and neither is its time', async (t) => {
  const opened = await open(t)
  const { store } = opened
  await opened.insert({ raw_value: 1 })
  await t.rejects(
    store.group.run(() => store.readings.insert(reading({ timestamp: NOON + 9000, seq: UNSTORABLE }))),
  )
  t.equal(store.readings.latest()[0]?.raw_value, 1)
  await opened.insert({ raw_value: 2, timestamp: NOON + 1000 })
  t.equal(store.readings.latest()[0]?.raw_value, 2)
})

t.test('a sensor first heard by somebody who fails is there for the others', async (t) => {
  const { store, rows } = await open(t)
  const failing = store.group.run(() => store.readings.insert(reading({ seq: UNSTORABLE })))
  const others = store.group.run(() => store.readings.insert(reading({ seq: 1 })))
  await t.rejects(failing, { code: 'SQLITE_CONSTRAINT_DATATYPE' })
  t.ok((await others) > 0)
  t.strictSame(rows('SELECT esp_id, gpio, seq FROM sensor_data'), [
    { esp_id: 'ESP_12AB34CD', gpio: 4, seq: 1 },
  ])
})

t.test('a device registered by somebody who fails is there for who changed it after', async (t) => {
  const opened = await open(t)
  const { group, devices, readings } = opened.store
  const failing = group.run(() => {
    devices.insert('ESP_1', { status: 'approved' }, NOON)
    readings.insert(reading({ seq: UNSTORABLE }))
  })
  const others = group.run(() => devices.update(devices.find('ESP_1')!, { heap_free: 9 }, NOON))
  await t.rejects(failing, { code: 'SQLITE_CONSTRAINT_DATATYPE' })
  await others
  const stored = opened.rows<{ heap_free: number }>('SELECT * FROM esp_devices')
  t.strictSame(stored, [{ ...devices.find('ESP_1') }], 'memory and row agree')
  t.equal(stored[0]?.heap_free, 9)
})

t.test('a device is as it was when all who changed it fail', async (t) => {
  const opened = await open(t)
  const { group, devices, readings } = opened.store
  const known = await group.run(() => devices.insert('ESP_1', { status: 'approved' }, NOON))
  const failing = (changes: Partial<typeof known>, timestamp: number) =>
    group.run(() => {
      devices.update(devices.find('ESP_1')!, changes, NOON)
      readings.insert(reading({ seq: UNSTORABLE, timestamp }))
    })
  const first = failing({ heap_free: 5 }, NOON)
  const second = failing({ status: 'online' }, NOON + 1)
  await t.rejects(first)
  await t.rejects(second)
  t.equal(devices.find('ESP_1'), known)
  await group.run(() => devices.update(devices.find('ESP_1')!, { status: 'online' }, NOON))
  t.strictSame(opened.rows('SELECT status FROM esp_devices'), [{ status: 'online' }])
})

t.test('a change of a user that is withdrawn does not undo the next one', async (t) => {
  const opened = await open(t)
  const { group, users } = opened.store
  const jane = await group.run(() =>
    users.insert(
      { username: 'jane', email: 'jane@example.org', full_name: null, password_hash: 'x', role: 'admin' },
      NOON,
    ),
  )
  const failing = group.run(() => users.update(jane, { token_version: UNSTORABLE }, NOON))
  const others = group.run(() => users.update(jane, { full_name: 'Jane' }, NOON))
  await t.rejects(failing)
  await others
  t.strictSame(opened.rows('SELECT * FROM users'), [{ ...users.get(jane.id) }], 'memory and row agree')
})

t.test('a rejected message that was pushed out of the list is not put back by being retried', async (t) => {
  const opened = await open(t)
  const { group, rejects } = opened.store
  const message = {
    received_at: NOON,
    topic: 'a/topic',
    payload: Buffer.from('{}'),
    qos: 1,
    code: 'payload_invalid' as const,
    detail: 'wrong',
    esp_id: null,
    client_id: 'c',
  }
  const first = await group.run(() => rejects.insert(message))
  await group.run(() => {
    for (let i = 0; i < 1_000; i++) rejects.insert(message)
  })
  await group.run(() => rejects.retried(first, NOON))
  t.equal(rejects.find(first.id), undefined)
  t.equal(rejects.list().length, 1_000)
  t.strictSame(opened.rows('SELECT min(id) AS oldest FROM rejects'), [{ oldest: first.id + 1 }])
  const newest = rejects.list()[0]!
  await group.run(() => rejects.retried(newest, NOON + 1))
  await opened.reopen()
  t.equal(opened.store.rejects.find(newest.id)?.retried_at, NOON + 1)
  t.equal(opened.store.rejects.list().length, 1_000)
})
