/** Group commit: one transaction per turn, one sync for many, and everybody told in order of arrival. */
import t from 'tap'
import { guest, openHouse } from './guests.js'
import { until } from './open.js'

const NOTHING = null

t.test('everybody who arrives in one turn shares one transaction and one sync', async (t) => {
  let commits = 0
  let syncs = 0
  const house = openHouse(t, {
    onCommit: () => commits++,
    sync(done) {
      syncs++
      setImmediate(done, null)
    },
  })
  house.join('anna', 'a')
  house.join('bert', 'b')
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.strictSame([commits, syncs], [1, 1])
  t.strictSame(house.notes(), ['a', 'b', 'c'])
  t.strictSame(house.heard, [
    'anna committed',
    'bert committed',
    'cleo committed',
    'anna durable',
    'bert durable',
    'cleo durable',
  ])
})

t.test('a row that can never be written fails its own member alone, and the order is kept', async (t) => {
  const house = openHouse(t)
  house.join('anna', 'a')
  house.join('bert', 'b', NOTHING)
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.strictSame(house.notes(), ['a', 'c'])
  t.strictSame(house.undone, [NOTHING, 'b'], 'memory forgets all it queued, newest first')
  t.strictSame(
    house.heard.filter((said) => /durable|failed/.test(said)),
    ['bert failed', 'anna durable', 'bert durable', 'cleo durable'],
  )
})

t.test('what a failed member leaves behind is written in its place', async (t) => {
  const house = openHouse(t, { onFailure: ({ write }) => write('sorry') })
  house.join('anna', 'a')
  house.join('bert', NOTHING)
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.strictSame(house.notes(), ['a', 'sorry', 'c'])
})

t.test('a member whose excuse cannot be written either does not keep the others waiting', async (t) => {
  const house = openHouse(t, { onFailure: ({ write }) => write(NOTHING) })
  house.join('bert', NOTHING)
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.strictSame(house.notes(), ['c'])
  t.equal(house.heard.filter((said) => said === 'bert failed').length, 1, 'it fails once')
})

t.test('work that throws leaves no row and harms nobody', async (t) => {
  const house = openHouse(t)
  house.join('anna', 'a')
  house.group.join(guest('bert', house.heard), () => {
    house.write('b')
    throw new Error('a handler that throws')
  })
  house.join('cleo', 'c')
  await until(() => house.heard.includes('cleo durable'))
  t.strictSame(house.notes(), ['a', 'c'])
  t.strictSame(house.undone, ['b'])
  t.ok(house.heard.includes('bert failed'))
  t.ok(house.heard.includes('bert durable'))
})

t.test('rows are written inside a group only', async (t) => {
  const house = openHouse(t)
  t.throws(() => house.write('a'), /inside a group/)
})

t.test('nobody is told before the sync has ended, and who joins meanwhile waits for the next', async (t) => {
  const syncs: ((error: Error | null) => void)[] = []
  const house = openHouse(t, { sync: (done) => void syncs.push(done) })
  house.join('anna', 'a')
  await until(() => syncs.length === 1)
  house.join('bert', 'b')
  house.join('cleo')
  await until(() => house.heard.includes('cleo committed'))
  t.strictSame(house.notes(), ['a', 'b'], 'committed, so that everybody may read it')
  t.notOk(
    house.heard.some((said) => said.includes('durable')),
    'but not promised',
  )

  syncs[0]!(null)
  await until(() => syncs.length === 2)
  t.ok(house.heard.includes('anna durable'))
  t.notOk(house.heard.includes('bert durable'), 'the first sync began before his commit')
  t.notOk(house.heard.includes('cleo durable'), 'who has no row keeps her place behind him')
  syncs[1]!(null)
  await until(() => house.heard.includes('cleo durable'))
  t.equal(syncs.length, 2)
})

t.test('a member without rows needs no sync when nobody is before it', async (t) => {
  const house = openHouse(t, { sync: () => t.fail('nothing to sync') })
  house.join('anna')
  await until(() => house.heard.includes('anna durable'))
})

t.test(
  'run resolves with what work returns, once it is on disk, and rejects with what work throws',
  async (t) => {
    let synced = false
    const house = openHouse(t, {
      sync: (done) =>
        setImmediate(() => {
          synced = true
          done(null)
        }),
    })
    const work = (): number => {
      house.write('a')
      return 42
    }
    t.equal(await house.group.run(work), 42)
    t.ok(synced)
    const broken = new Error('of its own')
    await t.rejects(
      house.group.run(() => {
        house.write('b')
        throw broken
      }),
      broken,
    )
    await t.rejects(
      house.group.run(() => house.write(NOTHING)),
      { code: 'SQLITE_CONSTRAINT_NOTNULL' },
    )
    t.strictSame(house.notes(), ['a'])
  },
)

t.test('a big backlog is committed in pieces, so that others get their turn', async (t) => {
  const sizes: number[] = []
  const house = openHouse(t, { onCommit: (_ms, members) => sizes.push(members) })
  const names = Array.from({ length: 5_000 }, (_, i) => `m${i}`)
  for (const name of names) house.join(name, ...Array.from({ length: 20 }, () => name))
  let turns = 0
  const turn = (): void => {
    turns++
    if (!house.heard.includes('m4999 durable')) setImmediate(turn)
  }
  setImmediate(turn)
  await until(() => house.heard.includes('m4999 durable'))
  t.ok(sizes.length > 1, `${sizes.length} transactions`)
  t.ok(turns >= sizes.length, 'the loop turned between them')
  t.equal(
    sizes.reduce((sum, size) => sum + size),
    5_000,
  )
  t.strictSame(
    house.heard.filter((said) => said.endsWith('durable')),
    names.map((name) => `${name} durable`),
  )
})

t.test('close writes and syncs what is queued', async (t) => {
  const house = openHouse(t)
  house.join('anna', 'a')
  house.join('bert', 'b')
  await house.group.close()
  t.strictSame(house.notes(), ['a', 'b'])
  t.strictSame(house.heard.slice(-2), ['anna durable', 'bert durable'])
})

t.test('while the lock is lent for many steps, whoever waits is let in between them', async (t) => {
  const house = openHouse(t)
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  let lent = 0
  let letIn = 0
  for (let step = 0; step < 10; step++)
    await house.group.lend(async () => {
      lent++
      if (step === 0) house.join('anna', 'a')
      await turn()
      await turn()
      if (letIn === 0 && house.heard.includes('anna committed')) letIn = lent
    })
  t.equal(letIn, 2, 'after the first step, before the second')
})

t.test('nothing is committed while the lock is lent, and lending waits its turn', async (t) => {
  const house = openHouse(t)
  const order: string[] = []
  let release = (): void => {}
  const first = house.group.lend(async () => {
    house.join('anna', 'a')
    await new Promise<void>((resolve) => {
      release = resolve
    })
    order.push('first')
  })
  const second = house.group.lend(async () => void order.push('second'))
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(house.heard, [])
  release()
  await Promise.all([first, second])
  t.strictSame(order, ['first', 'second'])
  await until(() => house.heard.includes('anna durable'))
})
