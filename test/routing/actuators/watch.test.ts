/** What is reported is held to the limits, whoever switched it, and who does not obey is told again. */
import t from 'tap'
import type { Action } from '../../../routing/actuators/watch.js'
import { at, ESP, openWorld } from './world.js'

const HOUR = 3_600

t.test('a device that ignores OFF is told every ten seconds, and called disobedient', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'pump', { max_runtime: 60 })
  world.deaf.add(`${ESP} 5`)
  world.report(5, 1)
  world.pass(59)
  t.strictSame(world.told, [])
  world.pass(1_300)
  t.strictSame(
    world.told.map(({ second }) => second),
    Array.from({ length: 130 }, (_, index) => 60 + index * 10),
  )
  t.strictSame(
    world.told.filter(({ alarm }) => alarm === 'not_obeying').map(({ second }) => second),
    [90, 690, 1290],
  )
  world.report(5, 0)
  world.told.splice(0)
  world.pass(60)
  t.strictSame(world.told, [], 'it is off')
})

t.test('an actuator that changes its mind all the time is not told more than once a second', async (t) => {
  const world = openWorld(t)
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.report(5, 0)
  world.deaf.add(`${ESP} 5`)
  for (let index = 0; index < 50; index++) world.report(5, index % 2)
  t.equal(world.told.length, 1)
  world.pass(1)
  t.equal(world.told.length, 2)
})

t.test('who cannot be reached is told when it can, and not called disobedient for it', async (t) => {
  const world = openWorld(t)
  world.report(5, 1)
  world.away.add(ESP)
  world.pass(2 * HOUR)
  t.strictSame(world.told, [])
  world.away.delete(ESP)
  world.pass(1)
  t.match(world.told, [{ limit: 'max_runtime', value: 0 }])
  t.notOk(world.told[0]!.alarm)
})

t.test('a stop ends what is on, also when it is switched on by hand', async (t) => {
  const world = openWorld(t)
  world.report(5, 1)
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.pass(1)
  world.pass(5)
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 stopped', '5 0 stopped'])
})

t.test('a quota is counted over all runs of a day, and over a restart', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'pump', { daily_quota: 600 })
  for (let round = 0; round < 2; round++) {
    world.report(5, 1)
    world.pass(200)
    world.report(5, 0)
    world.pass(HOUR)
  }
  world.restart(60)
  world.report(5, 1)
  world.pass(199)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 daily_quota'])
  const judged = world.command(5, { command: 'ON' })
  t.match(judged, { passes: false, limit: 'daily_quota' })
  const wait = judged.passes ? 0 : (judged.possible_at! - world.clock.now) / 1000
  t.ok(Math.abs(wait - (86_400 - 2 * (HOUR + 200) - 260 + 1)) <= 1, `${wait} s`)
  world.pass(wait)
  t.match(world.command(5, { command: 'ON' }), { passes: true, duration: 1 })
})

t.test('starts and off times are counted by what was reported', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'heater', { min_off: 30, starts_per_hour: 3 })
  world.report(5, 1)
  world.report(5, 0)
  t.match(world.command(5, { command: 'ON' }), {
    passes: false,
    limit: 'min_off',
    possible_at: world.clock.now + 30_000,
  })
  world.pass(10)
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 min_off'], 'switched on by hand, too early')
  world.pass(30)
  t.match(world.command(5, { command: 'ON' }), { passes: true })
  world.command(5, { command: 'OFF' })
  world.pass(30)
  t.match(world.command(5, { command: 'ON' }), {
    passes: false,
    limit: 'starts_per_hour',
    possible_at: world.clock.now + (HOUR - 70) * 1000,
  })
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 starts_per_hour'])
})

t.test('of two that are on together the younger goes off, whoever’s config says so', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'dosing', { interlocks: [{ kind: 'never_with', esp_id: ESP, gpio: 6 }] })
  world.configure(6, 'dosing')
  world.report(6, 1)
  world.pass(3)
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 never_with'])
  world.report(6, 0)
  world.report(5, 1)
  world.pass(3)
  world.report(6, 1)
  t.strictSame(world.heard(), ['6 0 never_with'])
  t.match(world.command(6, { command: 'ON' }), {
    passes: false,
    limit: 'never_with',
    possible_at: world.clock.now + (HOUR - 3) * 1000,
  })
  world.coming.set(`${ESP} 6`, 'on')
  world.report(5, 0)
  t.match(world.command(5, { command: 'ON' }), { passes: false, limit: 'never_with' })
})

t.test('when the younger does not obey, the older goes off too', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'dosing', { interlocks: [{ kind: 'never_with', esp_id: ESP, gpio: 6 }] })
  world.report(5, 1)
  world.pass(3)
  world.deaf.add(`${ESP} 6`)
  world.report(6, 1)
  world.pass(29)
  t.equal(world.value(5), 1)
  world.pass(2)
  t.equal(world.value(5), 0)
})

t.test('what needs another one goes off with it, and when nobody hears of that one', async (t) => {
  const world = openWorld(t)
  const OTHER = 'ESP_99999999'
  world.configure(5, 'heater', { interlocks: [{ kind: 'only_while', esp_id: OTHER, gpio: 6 }] })
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 only_while'])
  world.report(6, 1, OTHER)
  world.pass(1)
  t.match(world.command(5, { command: 'ON' }), { passes: true })
  world.report(6, 0, OTHER)
  t.strictSame(world.heard(), ['5 0 only_while'], 'at once')
  world.report(6, 1, OTHER)
  world.command(5, { command: 'ON' })
  world.store.actuatorStates.upsert(
    OTHER,
    6,
    { stale_since: world.clock.now, stale_reason: 'server_restart' },
    0,
  )
  world.pass(30)
  t.strictSame(world.heard(), [], 'it may come back')
  world.jump(-600)
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 only_while'])
})

t.test('what needs another one goes off as soon as the device of that one is known to be away', async (t) => {
  const world = openWorld(t)
  const OTHER = 'ESP_99999999'
  world.configure(5, 'heater', { interlocks: [{ kind: 'only_while', esp_id: OTHER, gpio: 6 }] })
  world.report(6, 1, OTHER)
  t.match(world.command(5, { command: 'ON' }), { passes: true })
  world.store.actuatorStates.upsert(OTHER, 6, { stale_since: world.clock.now, stale_reason: 'power_loss' }, 0)
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 only_while'])
  t.match(world.command(5, { command: 'ON' }), { passes: false, limit: 'only_while', detail: /not heard of/ })
})

t.test('what needs another one goes off when the time of that one is over, whatever it says', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'heater', { interlocks: [{ kind: 'only_while', esp_id: ESP, gpio: 6 }] })
  world.command(6, { command: 'ON', duration: 12 })
  world.deaf.add(`${ESP} 6`)
  t.match(world.command(5, { command: 'ON' }), { passes: true })
  world.pass(11)
  t.equal(world.value(5), 1)
  world.pass(2)
  t.equal(world.value(5), 0)
  t.match(world.command(5, { command: 'ON' }), { passes: false, limit: 'only_while' })
})

t.test(
  'one that nobody hears lets another one on only where it was off and was not told otherwise',
  async (t) => {
    const world = openWorld(t)
    const OTHER = 'ESP_99999999'
    world.configure(5, 'dosing', { interlocks: [{ kind: 'never_with', esp_id: OTHER, gpio: 6 }] })
    const lose = () =>
      world.store.actuatorStates.upsert(
        OTHER,
        6,
        { stale_since: world.clock.now, stale_reason: 'power_loss' },
        0,
      )
    world.report(6, 1, OTHER)
    lose()
    t.match(world.command(5, { command: 'ON' }), { passes: false, limit: 'never_with' })
    world.report(6, 0, OTHER)
    t.match(world.command(5, { command: 'ON' }), { passes: true, warnings: [] })
    lose()
    t.match(world.command(5, { command: 'ON' }), { passes: true, warnings: [/GPIO 6 of ESP_99999999/] })
    world.unheard.add(`${OTHER} 6`)
    t.match(world.command(5, { command: 'ON' }), { passes: false, limit: 'never_with' })
  },
)

t.test('a value beyond its range is put back into it', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'fan', { max_value: 0.5, min_value: 0.2 })
  world.report(5, 0.9)
  t.match(world.told, [{ kind: 'set', command: 'ON', value: 0.5, limit: 'range' }])
  t.equal(world.value(5), 0.5)
})

t.test('what was disabled, or disappears, leaves nothing behind', async (t) => {
  const world = openWorld(t)
  world.configure(5, 'fan')
  world.report(5, 1)
  world.configure(5, 'fan', { enabled: 0 })
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 enabled'])
  world.command(5, { command: 'OFF' })
  world.store.actuatorStates.removeDevice(ESP)
  world.pass(HOUR + 31)
  t.strictSame(world.store.actuatorTimers.list(), [])
})

t.test('a run whose end was not written ends with the first look after a start', async (t) => {
  const world = openWorld(t)
  world.report(5, 1)
  world.store.actuatorStates.upsert(ESP, 5, { state: 'off', current_value: 0 }, 0)
  world.restart(5)
  t.match(world.store.actuatorRuns.list(ESP, 5), [{ ended_at: world.clock.now }])
  t.strictSame(world.store.actuatorTimers.list(), [])
})

t.test('each actuator is in one share of those who are looked at in turn, and always in the same', (t) => {
  const { clock, configure, report, guard, look } = openWorld(t)
  const places = ['ESP_A', 'ESP_B', 'ESP_C'].flatMap((esp_id) =>
    [4, 5, 25, 26].map((gpio) => at(gpio, esp_id)),
  )
  for (const { esp_id, gpio } of places) {
    configure(gpio, 'pump', { max_runtime: 10 }, esp_id)
    report(gpio, 1, esp_id)
  }
  look()
  const offs = (actions: readonly Action[]) =>
    actions.flatMap((action) => (action.kind === 'off' ? [at(action.gpio, action.esp_id)] : []))
  const inTurn = () => {
    clock.now += 11_000
    clock.monotonic += 11_000
    return Array.from({ length: 10 }, (_, nth) => offs(guard.lookAtShare(nth, 10)))
  }
  const shares = inTurn()
  t.equal(shares.flat().length, places.length, 'each once')
  t.ok(shares.filter(({ length }) => length > 0).length > 3, 'not all of them in one')
  t.strictSame(inTurn(), shares)
  t.end()
})
