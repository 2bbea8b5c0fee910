/** What is reported is held to the limits, whoever switched it: over hours, clock jumps and restarts. */
import t from 'tap'
import type { Teardown } from '../../support/app.js'
import { at, createWorld, ESP } from './world.js'

const open = (t: Teardown) => {
  const world = createWorld()
  t.teardown(world.close)
  return world
}
const HOUR = 3_600

t.test('a pump somebody else switched on gets a timer, and goes off after an hour', async (t) => {
  const world = open(t)
  world.report(5, 1)
  const timer = world.store.actuatorTimers.find(ESP, 5, 'max_runtime')!
  t.equal(timer.due_at - world.clock.now, HOUR * 1000)
  world.pass(HOUR - 1)
  t.equal(world.value(5), 1)
  world.pass(1)
  t.equal(world.value(5), 0)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  t.strictSame(world.store.actuatorTimers.list(), [], 'no timer is left')
  t.match(world.store.actuatorRuns.list(ESP, 5), [{ ended_at: world.clock.now }])
})

t.test('a light has 18 hours, a fan has no end, by what the device says it is', async (t) => {
  const world = open(t)
  world.report(5, 1, ESP, 'light')
  world.report(6, 1, ESP, 'fan')
  world.pass(18 * HOUR - 1)
  t.strictSame(world.heard(), [])
  world.pass(2 * HOUR)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  t.equal(world.value(6), 1)
})

t.test('what was switched on for a time goes off when it is over, counted from when it is on', async (t) => {
  const world = open(t)
  world.deaf.add(`${ESP} 5`)
  world.command(5, { command: 'ON', duration: 60 })
  world.pass(20)
  world.report(5, 1)
  world.pass(59)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 duration'])
})

t.test('the timer of a command nobody took is forgotten, and is nothing to a later run', async (t) => {
  const world = open(t)
  world.report(5, 0)
  world.deaf.add(`${ESP} 5`)
  world.command(5, { command: 'ON', duration: 60 })
  world.pass(31)
  t.equal(world.store.actuatorTimers.find(ESP, 5, 'duration'), undefined)
  world.report(5, 1)
  world.pass(120)
  t.strictSame(world.heard(), [])
})

t.test('the duration of one run is nothing to the next', async (t) => {
  const world = open(t)
  world.command(5, { command: 'ON', duration: 10 })
  world.pass(5)
  world.report(5, 0)
  world.report(5, 1)
  world.pass(120)
  t.strictSame(world.heard(), [])
  t.equal(world.store.actuatorTimers.find(ESP, 5, 'duration'), undefined)
})

t.test('ON again does not make a run longer than it may be', async (t) => {
  const world = open(t)
  for (let minute = 0; minute < 60; minute++) {
    t.match(world.command(5, { command: 'ON' }), { passes: true, duration: HOUR - minute * 60 })
    world.pass(60)
  }
  t.strictSame(world.heard(), ['5 0 duration'])
})

t.test('a clock that jumps neither lengthens a run nor shortens it', async (t) => {
  for (const jump of [-2 * HOUR, -60, 60, 2 * HOUR]) {
    const world = open(t)
    world.report(5, 1)
    world.pass(1_800)
    world.jump(jump)
    world.pass(1_799)
    t.equal(world.value(5), 1, `${jump} s`)
    world.pass(1)
    t.equal(world.value(5), 0, `${jump} s`)
  }
})

t.test('the rows are put right after a jump, so that a restart goes on with the rest', async (t) => {
  for (const jump of [-2 * HOUR, 2 * HOUR]) {
    const world = open(t)
    world.report(5, 1)
    world.pass(1_800)
    world.jump(jump)
    world.pass(1)
    world.restart(10)
    world.pass(1_788)
    t.equal(world.value(5), 1, `${jump} s`)
    world.pass(1)
    t.equal(world.value(5), 0, `${jump} s`)
  }
})

t.test('a timer goes on over a restart; what ran out meanwhile goes off at once', async (t) => {
  const world = open(t)
  world.report(5, 1)
  world.pass(1_000)
  world.restart(600)
  world.pass(1_999)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  world.report(5, 1)
  world.restart(2 * HOUR)
  t.strictSame(world.heard(), ['5 0 max_runtime'], 'before a second has passed')
})

t.test('a clock put back while nobody ran gives no more than the whole time', async (t) => {
  const world = open(t)
  world.report(5, 1)
  world.pass(1_800)
  world.jump(-10 * HOUR)
  world.restart(10)
  world.pass(HOUR - 1)
  t.equal(world.value(5), 1)
  world.pass(1)
  t.equal(world.value(5), 0)
})

t.test('a limit that is changed holds for the run that is going on', async (t) => {
  const world = open(t)
  world.configure(5, 'pump', { max_runtime: 0 })
  world.report(5, 1)
  world.pass(300)
  t.strictSame(world.store.actuatorTimers.list(), [], 'no limit, no timer')
  world.configure(5, 'pump', { max_runtime: 600 })
  world.pass(299)
  t.strictSame(world.heard(), [])
  world.configure(5, 'pump', { max_runtime: 900 })
  world.pass(300)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
})

t.test('a device that ignores OFF is told every ten seconds, and called disobedient', async (t) => {
  const world = open(t)
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
  const world = open(t)
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.report(5, 0)
  world.deaf.add(`${ESP} 5`)
  for (let index = 0; index < 50; index++) world.report(5, index % 2)
  t.equal(world.told.length, 1)
  world.pass(1)
  t.equal(world.told.length, 2)
})

t.test('who cannot be reached is told when it can, and not called disobedient for it', async (t) => {
  const world = open(t)
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
  const world = open(t)
  world.report(5, 1)
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.pass(1)
  world.pass(5)
  world.report(5, 1)
  t.strictSame(world.heard(), ['5 0 stopped', '5 0 stopped'])
})

t.test('a quota is counted over all runs of a day, and over a restart', async (t) => {
  const world = open(t)
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
  const world = open(t)
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
  const world = open(t)
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
  const world = open(t)
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
  const world = open(t)
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
  world.store.actuatorStates.upsert(OTHER, 6, { stale_since: world.clock.now, stale_reason: 'x' }, 0)
  world.pass(30)
  t.strictSame(world.heard(), [], 'it may come back')
  world.jump(-600)
  world.pass(1)
  t.strictSame(world.heard(), ['5 0 only_while'])
})

const PROBE = { esp_id: ESP, gpio: 4, sensor_type: 'ds18b20' }

t.test(
  'without its sensor a heater goes off, and a clock that is put back does not revive the sensor',
  async (t) => {
    const world = open(t)
    world.configure(5, 'heater', { required_sensors: [{ ...PROBE, max_age: 60 }] })
    world.sensor(4, 21)
    world.report(5, 1)
    world.pass(40)
    world.jump(-HOUR)
    world.pass(20)
    t.strictSame(world.heard(), [])
    world.pass(1)
    t.strictSame(world.heard(), ['5 0 fresh_sensors'])
    world.sensor(4, null, 'error')
    t.match(
      world.command(5, { command: 'ON' }),
      { passes: false, limit: 'fresh_sensors' },
      'an error is no reading',
    )
    world.sensor(4, 21)
    t.match(world.command(5, { command: 'ON' }), { passes: true })
  },
)

t.test('a fan whose safe value is on goes on without its sensor; a person may switch it off', async (t) => {
  const world = open(t)
  world.configure(5, 'fan', { safe_value: 0.7, required_sensors: [{ ...PROBE, max_age: 60 }] })
  world.sensor(4, 21)
  world.report(5, 0)
  world.pass(60)
  t.strictSame(world.heard(), [])
  world.pass(1)
  t.match(world.told, [{ kind: 'set', command: 'PWM', value: 0.7 }])
  t.strictSame(world.heard(), ['5 0.7 fresh_sensors'])
  t.match(world.command(5, { command: 'PWM', value: 0.2 }), { passes: false, limit: 'fresh_sensors' })
  t.match(world.command(5, { command: 'OFF' }), { passes: true })
  world.pass(60)
  t.strictSame(world.heard(), [], 'it was safe, and somebody wanted otherwise')
  world.sensor(4, 21)
  world.pass(61)
  t.strictSame(world.heard(), ['5 0.7 fresh_sensors'], 'the next time it is silent')
})

t.test('a safe value is no way past the other limits', async (t) => {
  const world = open(t)
  world.configure(5, 'pump', {
    safe_value: 1,
    max_runtime: 100,
    required_sensors: [{ ...PROBE, max_age: 60 }],
  })
  world.report(5, 0)
  t.strictSame(world.heard(), ['5 1 fresh_sensors'])
  world.pass(1_000)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  world.stops.set(`${ESP} 5`, { reason: 'leak', issued_by: 'user:ada' })
  world.sensor(4, 21)
  world.pass(62)
  t.strictSame(world.heard(), [])
})

t.test(
  'what a rule drives needs what the rule reads, unless a person has taken over or said otherwise',
  async (t) => {
    const world = open(t)
    world.configure(5, 'heater')
    world.driven.set(`${ESP} 5`, [PROBE])
    world.sensor(4, 21)
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), { passes: true })
    world.pass(301)
    t.strictSame(world.heard(), ['5 0 fresh_sensors'])
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), {
      passes: false,
      limit: 'fresh_sensors',
    })
    t.match(world.command(5, { command: 'ON', duration: 600 }), { passes: true })
    t.match(world.command(5, { command: 'OFF', issued_by: 'rule:1' }), { passes: false, limit: 'override' })
    world.pass(599)
    t.strictSame(world.heard(), [])
    world.pass(1)
    t.strictSame(world.heard(), ['5 0 duration'])
    world.configure(5, 'heater', { require_rule_sensors: 0 })
    world.pass(1)
    t.match(world.command(5, { command: 'ON', issued_by: 'rule:1' }), { passes: true })
    world.pass(60)
    t.strictSame(world.heard(), [])
  },
)

t.test('an override ends by itself, over a restart and a jump', async (t) => {
  const world = open(t)
  world.report(5, 0)
  world.command(5, { command: 'ON', duration: 120 })
  const rule = () => world.guard.judge({ ...at(5), command: 'OFF', issued_by: 'rule:1' })
  t.match(rule(), { passes: false, possible_at: world.clock.now + 120_000 })
  world.pass(60)
  world.jump(-HOUR)
  world.pass(1)
  world.restart(9)
  t.match(rule(), { passes: false, possible_at: world.clock.now + 50_000 })
  world.pass(50)
  t.match(rule(), { passes: true })
  t.equal(world.store.actuatorTimers.find(ESP, 5, 'override'), undefined)
})

t.test('a pump without flow goes off and somebody has to look', async (t) => {
  const world = open(t)
  world.configure(5, 'pump', {
    sanity: { kind: 'flow', esp_id: ESP, gpio: 7, sensor_type: 'flow', min: 2, within_s: 20 },
  })
  world.sensor(7, 3)
  world.pass(1)
  world.report(5, 1)
  world.pass(10)
  world.sensor(7, 2.5)
  world.pass(20)
  t.strictSame(world.heard(), [])
  world.sensor(7, 0.1)
  world.pass(1)
  t.match(world.told, [{ kind: 'off', alarm: 'no_flow', detail: /did not reach 2 within 20 s/ }])
  t.strictSame(world.heard(), ['5 0 sanity'])
  world.report(5, 1)
  world.pass(21)
  t.strictSame(world.heard(), ['5 0 sanity'], 'what flowed before does not count')
})

t.test('a level that does not change is an alarm, one that does is none', async (t) => {
  const world = open(t)
  world.configure(5, 'pump', {
    sanity: { kind: 'level', esp_id: ESP, gpio: 7, sensor_type: 'level', change: 2, within_s: 60 },
  })
  world.sensor(7, 50)
  world.report(5, 1)
  for (let level = 49; level > 30; level--) {
    world.pass(20)
    world.sensor(7, level)
  }
  t.strictSame(world.heard(), [])
  world.pass(81)
  t.match(world.told, [{ alarm: 'level_unchanged', detail: /did not change by 2 within 60 s/ }])
})

t.test('a value beyond its range is put back into it', async (t) => {
  const world = open(t)
  world.configure(5, 'fan', { max_value: 0.5, min_value: 0.2 })
  world.report(5, 0.9)
  t.match(world.told, [{ kind: 'set', command: 'ON', value: 0.5, limit: 'range' }])
  t.equal(world.value(5), 0.5)
})

t.test('what was disabled, or disappears, leaves nothing behind', async (t) => {
  const world = open(t)
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
  const world = open(t)
  world.report(5, 1)
  world.store.actuatorStates.upsert(ESP, 5, { state: 'off', current_value: 0 }, 0)
  world.restart(5)
  t.match(world.store.actuatorRuns.list(ESP, 5), [{ ended_at: world.clock.now }])
  t.strictSame(world.store.actuatorTimers.list(), [])
})
