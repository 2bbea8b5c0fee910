/** The guard over a real store: rows through the group, on disk, taken up again; and an index that follows configs. */
import t from 'tap'
import { createGuard, keep } from '../../../routing/actuators/guard.js'
import { createInterlocks } from '../../../routing/actuators/interlocks.js'
import { open } from '../../storage/open.js'
import { at, ESP } from './world.js'

t.test('timers and runs outlive a restart; the first look ends what ran out meanwhile', async (t) => {
  const opened = await open(t)
  const guard = () =>
    createGuard({
      store: opened.store,
      now: () => opened.clock.now,
      monotonic: () => opened.clock.now,
      stopOf: () => undefined,
      safeModeOf: () => undefined,
      coming: () => undefined,
      mayBeOn: () => false,
      reachable: () => true,
      latest: () => undefined,
      sensorsOfRules: () => [],
    })
  const first = guard()
  await opened.store.group.run(() => {
    opened.store.actuatorStates.upsert(ESP, 5, { actuator_type: 'valve', state: 'on', current_value: 1 }, 0)
    keep(opened.store, first.look([at(5)]))
  })
  t.strictSame(first.look(), [], 'nothing is left to be done')
  t.match(opened.rows('SELECT kind, due_at - started_at AS length FROM actuator_timers'), [
    { kind: 'max_runtime', length: 3_600_000 },
  ])
  t.match(opened.rows('SELECT ended_at FROM actuator_runs'), [{ ended_at: null }])

  await opened.reopen()
  opened.clock.now += 3_599_000
  const second = guard()
  t.strictSame(second.look(), [])
  t.match(second.judge({ ...at(5), command: 'ON', issued_by: 'user:ada' }), { passes: true, duration: 1 })
  t.equal(second.surroundings(at(5)).left.max_runtime, 1_000)

  await opened.reopen()
  opened.clock.now += 1_000
  const third = guard()
  t.match(third.look(), [{ kind: 'off', command: 'OFF', ...at(5), value: 0, limit: 'max_runtime' }])
  await opened.store.group.run(() => {
    opened.store.actuatorStates.upsert(ESP, 5, { state: 'off', current_value: 0 }, 0)
    keep(opened.store, third.look([at(5)]))
  })
  t.strictSame(opened.rows('SELECT * FROM actuator_timers'), [])
  t.strictSame(opened.rows('SELECT ended_at - started_at AS length FROM actuator_runs'), [
    { length: 3_600_000 },
  ])
})

t.test('interlocks follow the configs, also when a change is taken back', async (t) => {
  const { store } = await open(t)
  const interlocks = createInterlocks(store.actuatorConfigs)
  const never = { kind: 'never_with' as const, ...at(6) }
  const config = await store.group.run(() =>
    store.actuatorConfigs.insert(
      ESP,
      5,
      { actuator_type: 'pump', interlocks: [never, { kind: 'never_with', gpio: 'six' }, { what: 1 }] },
      0,
    ),
  )
  t.strictSame(interlocks.of(at(5)), [never])
  t.strictSame(interlocks.of(at(6)), [{ kind: 'never_with', ...at(5) }], 'it binds both')
  t.strictSame(interlocks.around(at(6)), [at(5)])
  await t.rejects(
    store.group.run(() => {
      store.actuatorConfigs.update(config, { interlocks: [{ kind: 'only_while', ...at(7) }] }, 1)
      t.strictSame(interlocks.of(at(6)), [])
      t.strictSame(interlocks.around(at(7)), [at(5)], 'the other one is bound to nothing, and looked at')
      t.strictSame(interlocks.of(at(7)), [])
      throw new Error('no')
    }),
    /no/,
  )
  t.strictSame(interlocks.of(at(5)), [never])
  await store.group.run(() => store.actuatorConfigs.remove(config))
  t.strictSame(interlocks.of(at(6)), [])
})
