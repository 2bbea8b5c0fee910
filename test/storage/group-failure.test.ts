/** What the group does while storage fails: hold, announce, expire, try again, and write each row once. */
import t from 'tap'
import { StorageUnavailable } from '../../storage/errors.js'
import { guest, openHouse } from './guests.js'
import { outsider, until } from './open.js'

const failure = (code: string): Error => Object.assign(new Error(`the disk says ${code}`), { code })

t.test(
  'somebody else holds the lock: members wait and are told, then are written once, in order',
  async (t) => {
    const house = openHouse(t)
    const other = outsider(t, house.path)
    other.exec('BEGIN IMMEDIATE')
    house.join('anna', 'a')
    house.join('bert', 'b')
    await until(() => house.heard.includes('bert not stored'))
    t.strictSame(house.heard, [
      'storage failing',
      'anna held',
      'anna not stored',
      'bert held',
      'bert not stored',
    ])
    await t.rejects(
      house.group.run(() => {}),
      StorageUnavailable,
      'who can wait elsewhere is sent away at once',
    )
    await until(() => house.heard.includes('storage open'), 'the breaker to open')
    house.join('cleo', 'c')
    await until(() => house.heard.includes('cleo not stored'))

    other.exec('COMMIT')
    await until(() => house.heard.includes('cleo durable'))
    t.strictSame(house.notes(), ['a', 'b', 'c'])
    t.strictSame(house.heard.slice(-4), ['storage ok', 'anna durable', 'bert durable', 'cleo durable'])
  },
)

t.test('a lock held for a moment is a delay and nothing more', async (t) => {
  const house = openHouse(t)
  const other = outsider(t, house.path)
  other.exec('BEGIN IMMEDIATE')
  house.join('anna', 'a')
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
  other.exec('COMMIT')
  await until(() => house.heard.includes('anna durable'))
  t.strictSame(house.heard, ['anna committed', 'anna durable'])
})

t.test(
  'who waited as long as an acknowledgement may be held is told so; the row is written all the same',
  async (t) => {
    const house = openHouse(t, { hold: 300 })
    const other = outsider(t, house.path)
    other.exec('BEGIN IMMEDIATE')
    house.join('anna', 'a')
    await until(() => house.heard.includes('anna expired'))
    other.exec('COMMIT')
    await until(() => house.group.waiting === 0)
    t.strictSame(house.notes(), ['a'])
    t.notOk(house.heard.includes('anna durable'), 'it is not told twice')
  },
)

t.test('after a failed sync nothing is promised until everything is safe in the database file', async (t) => {
  let syncs = 0
  let rescues = 0
  const house = openHouse(t, {
    sync: (done) => setImmediate(done, ++syncs === 1 ? failure('EIO') : null),
    rescue: () => (++rescues < 3 ? Promise.reject(failure('SQLITE_IOERR_FSYNC')) : Promise.resolve()),
  })
  house.join('anna', 'a')
  await until(() => rescues === 1)
  house.join('bert', 'b')
  t.notOk(house.heard.some((said) => said.includes('durable')))
  await until(() => house.heard.includes('bert durable'))
  t.equal(rescues, 3)
  t.strictSame(
    house.heard.filter((said) => said.startsWith('storage')),
    ['storage failing', 'storage ok'],
  )
  t.ok(house.heard.indexOf('storage ok') < house.heard.indexOf('anna durable'))
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.ok(syncs >= 2, 'and then the sync is trusted again')
  t.strictSame(house.notes(), ['a', 'b', 'c'])
})

t.test('who is committed but cannot be synced is held too, so that its client may go on', async (t) => {
  let broken = true
  const house = openHouse(t, {
    sync: (done) => setImmediate(done, failure('EIO')),
    rescue: () => (broken ? Promise.reject(failure('SQLITE_IOERR_FSYNC')) : Promise.resolve()),
  })
  house.join('anna', 'a')
  await until(() => house.heard.includes('anna held'))
  t.ok(house.heard.includes('anna committed'), 'its rows are committed, so it was announced as such')
  t.notOk(house.heard.includes('anna not stored'), 'and only once')
  broken = false
  await until(() => house.heard.includes('anna durable'))
})

t.test('a disk that hangs is no failure, but nobody is held up by it', async (t) => {
  let hanging = (_: Error | null): void => {}
  const house = openHouse(t, {
    sync(done) {
      hanging = done
    },
  })
  house.join('anna', 'a')
  await until(() => house.heard.includes('anna held'))
  t.equal(house.group.state, 'ok')
  hanging(null)
  await until(() => house.heard.includes('anna durable'))
})

t.test('while the lock is lent for long, clients may read on', async (t) => {
  const house = openHouse(t)
  let giveBack = (): void => {}
  const lent = house.group.lend(
    () =>
      new Promise<void>((resolve) => {
        giveBack = resolve
      }),
  )
  house.join('anna', 'a')
  await until(() => house.heard.includes('anna held'))
  giveBack()
  await lent
  await until(() => house.heard.includes('anna durable'))
  t.strictSame(house.heard, ['anna held', 'anna committed', 'anna durable'])
})

t.test('work that meets a failing disk is to be sent again, not given up', async (t) => {
  const house = openHouse(t)
  house.group.join(guest('anna', house.heard), () => {
    house.write('a')
    throw failure('SQLITE_IOERR_READ')
  })
  await until(() => house.heard.includes('anna expired'))
  t.notOk(house.heard.includes('anna failed'))
  t.strictSame(house.undone, ['a'])
  house.join('bert', 'b')
  await until(() => house.heard.includes('bert durable'))
  t.notOk(house.heard.includes('anna durable'))
  t.ok(house.heard.includes('storage ok'), 'it is told as a storage failure, and that it is over')
  t.strictSame(house.notes(), ['b'])
})

t.test('the group is full when as many wait as may wait', async (t) => {
  const house = openHouse(t, { backlog: 2 })
  const other = outsider(t, house.path)
  other.exec('BEGIN IMMEDIATE')
  house.join('anna', 'a')
  t.notOk(house.group.full)
  house.join('bert', 'b')
  t.ok(house.group.full)
  other.exec('COMMIT')
  await until(() => house.heard.includes('bert durable'))
  t.notOk(house.group.full)
})

t.test('close gives up on a failing disk after its patience, and is not asked twice', async (t) => {
  const house = openHouse(t)
  const other = outsider(t, house.path)
  other.exec('BEGIN IMMEDIATE')
  house.join('anna', 'a')
  await house.group.close(50)
  t.equal(house.group.waiting, 1)
  const before = performance.now()
  await house.group.close(60_000)
  t.ok(performance.now() - before < 30_000, 'the second time it does not wait')
  other.exec('COMMIT')
})
