import t from 'tap'
import { open } from './open.js'

const NOON = 1_750_000_000_000
const JANE = {
  username: 'jane',
  email: 'jane@example.org',
  full_name: null,
  password_hash: 'x',
  role: 'admin' as const,
}

t.test('a removed user is gone from memory and rows, and the name is free', async (t) => {
  const opened = await open(t)
  const { group, users } = opened.store
  const jane = await group.run(() => users.insert(JANE, NOON))
  await group.run(() => users.remove(jane))
  t.equal(users.get(jane.id), undefined)
  t.equal(users.find('jane'), undefined)
  t.strictSame(opened.rows('SELECT * FROM users'), [])
  const next = await group.run(() => users.insert(JANE, NOON + 1))
  t.strictSame(opened.rows('SELECT username FROM users'), [{ username: 'jane' }])
  t.not(next.session_version, jane.session_version, 'tokens of the one are none of the other')
})

t.test('a removal that is withdrawn leaves the user there', async (t) => {
  const opened = await open(t)
  const { group, users } = opened.store
  const jane = await group.run(() => users.insert(JANE, NOON))
  const failing = group.run(() => {
    users.remove(jane)
    throw new Error('changed my mind')
  })
  await t.rejects(failing, /changed my mind/)
  t.equal(users.get(jane.id), jane)
  t.equal(opened.rows('SELECT id FROM users').length, 1)
})

t.test('inserting, changing and removing in one group is nothing', async (t) => {
  const opened = await open(t)
  const { group, users } = opened.store
  await group.run(() => {
    const jane = users.insert(JANE, NOON)
    users.remove(users.update(jane, { full_name: 'Jane' }, NOON))
  })
  t.equal(users.count, 0)
  t.strictSame(opened.rows('SELECT * FROM users'), [])
})
