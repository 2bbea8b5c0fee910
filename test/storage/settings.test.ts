import t from 'tap'
import { open } from './open.js'

t.test('a setting is there at once, and after a restart', async (t) => {
  const { store, clock, rows, reopen } = await open(t)
  await store.group.run(() => {
    store.settings.upsert('greeting', { text: 'hello', times: [1, null] }, clock.now)
    t.strictSame(store.settings.find('greeting'), { text: 'hello', times: [1, null] })
  })
  await store.group.run(() => store.settings.upsert('greeting', 'bye', clock.now + 1))
  t.strictSame(rows('SELECT * FROM settings'), [
    { key: 'greeting', value: '"bye"', updated_at: clock.now + 1 },
  ])
  await reopen()
  t.equal(store.settings.find('greeting'), 'bye')
  t.equal(store.settings.find('other'), undefined)
})

t.test('a setting that was withdrawn leaves the one before, or none', async (t) => {
  const { store, clock } = await open(t)
  await store.group.run(() => store.settings.upsert('kept', 1, clock.now))
  await t.rejects(
    store.group.run(() => {
      store.settings.upsert('kept', 2, clock.now)
      store.settings.upsert('new', 2, clock.now)
      throw new Error('changed my mind')
    }),
    /changed my mind/,
  )
  t.equal(store.settings.find('kept'), 1)
  t.equal(store.settings.find('new'), undefined)
})

t.test('what is found may be changed without changing the setting', async (t) => {
  const { store, clock } = await open(t)
  await store.group.run(() => store.settings.upsert('list', [1], clock.now))
  ;(store.settings.find('list') as number[]).push(2)
  t.strictSame(store.settings.find('list'), [1])
})
