/** An OFF that a device does not carry out stays wanted: it is said again, and people are told. */
import t from 'tap'
import { desiredText } from '../../../routing/actuators/desired.js'
import { ESP, openWorld, type World } from './world.js'

/** Somebody wants it off from now on. */
const wantOff = ({ store, clock }: World, correlation_id = 'off') =>
  store.actuatorStates.upsert(
    ESP,
    5,
    {
      desired: desiredText({
        value: 0,
        from: clock.now,
        until: null,
        correlation_id,
        issued_by: 'user:ada',
      }),
    },
    clock.now,
  )

t.test(
  'an OFF that is ignored is said every ten seconds, and called disobedience after thirty',
  async (t) => {
    const world = openWorld(t)
    world.deaf.add(`${ESP} 5`)
    world.report(5, 1)
    world.pass(5)
    world.coming.set(`${ESP} 5`, 'off')
    wantOff(world)
    world.pass(30)
    world.coming.delete(`${ESP} 5`)
    world.pass(610)
    t.strictSame(
      world.told.map(({ second, limit }) => `${second} ${limit}`),
      Array.from({ length: 64 }, (_, index) => `${15 + index * 10} switched_off`),
    )
    t.strictSame(
      world.told.filter(({ alarm }) => alarm === 'not_obeying').map(({ second }) => second),
      [35, 635],
    )
    world.report(5, 0)
    world.told.splice(0)
    world.pass(60)
    t.strictSame(world.told, [], 'it is off')
  },
)

t.test('saying it again begins no other wish, nor does a restart forget it', async (t) => {
  const world = openWorld(t)
  world.deaf.add(`${ESP} 5`)
  world.report(5, 1)
  wantOff(world)
  world.pass(10)
  wantOff(world, 'again')
  world.pass(10)
  t.equal(world.told.length, 2)
  world.restart(10)
  t.equal(world.told.length, 3)
})

t.test('what is switched on by hand after it went off is left alone, also in the same second', async (t) => {
  for (const wait of [0, 5, 600]) {
    const world = openWorld(t)
    world.report(5, 1)
    world.pass(5)
    wantOff(world)
    world.report(5, 0)
    world.pass(wait)
    world.report(5, 1)
    world.pass(60)
    t.strictSame(world.told, [], `after ${wait} s`)
  }
})

t.test('what was off when OFF was said, and answered, may be switched on by hand', async (t) => {
  const world = openWorld(t)
  world.report(5, 0)
  world.pass(5)
  wantOff(world)
  world.pass(5)
  world.report(5, 1)
  world.pass(60)
  t.strictSame(world.told, [])
})

t.test('what began while the OFF was on its way, which got lost, is told again', async (t) => {
  const world = openWorld(t)
  world.report(5, 0)
  world.coming.set(`${ESP} 5`, 'off')
  wantOff(world)
  world.pass(1)
  world.deaf.add(`${ESP} 5`)
  world.report(5, 1)
  world.pass(1)
  world.coming.delete(`${ESP} 5`)
  world.pass(8)
  t.strictSame(world.heard(), ['5 0 switched_off'])
})

t.test('who cannot be reached is told when it can', async (t) => {
  const world = openWorld(t)
  world.report(5, 1)
  world.away.add(ESP)
  wantOff(world)
  world.pass(60)
  t.strictSame(world.told, [])
  world.away.delete(ESP)
  world.pass(1)
  t.match(world.told, [{ limit: 'switched_off' }])
  t.notOk(world.told[0]!.alarm)
})
