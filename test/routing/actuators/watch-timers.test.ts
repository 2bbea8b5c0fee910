/** How long what is on may be on: over hours, clock jumps and restarts, whoever switched it. */
import t from 'tap'
import { at, ESP, openWorld } from './world.js'

const HOUR = 3_600

t.test('a pump somebody else switched on gets a timer, and goes off after an hour', async (t) => {
  const world = openWorld(t)
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
  const world = openWorld(t)
  world.report(5, 1, ESP, 'light')
  world.report(6, 1, ESP, 'fan')
  world.pass(18 * HOUR - 1)
  t.strictSame(world.heard(), [])
  world.pass(2 * HOUR)
  t.strictSame(world.heard(), ['5 0 max_runtime'])
  t.equal(world.value(6), 1)
})

t.test('what was switched on for a time goes off when it is over, counted from when it is on', async (t) => {
  const world = openWorld(t)
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
  const world = openWorld(t)
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
  const world = openWorld(t)
  world.command(5, { command: 'ON', duration: 10 })
  world.pass(5)
  world.report(5, 0)
  world.report(5, 1)
  world.pass(120)
  t.strictSame(world.heard(), [])
  t.equal(world.store.actuatorTimers.find(ESP, 5, 'duration'), undefined)
})

t.test('ON again does not make a run longer than it may be', async (t) => {
  const world = openWorld(t)
  for (let minute = 0; minute < 60; minute++) {
    t.match(world.command(5, { command: 'ON' }), { passes: true, duration: HOUR - minute * 60 })
    world.pass(60)
  }
  t.strictSame(world.heard(), ['5 0 duration'])
})

t.test('a clock that jumps neither lengthens a run nor shortens it', async (t) => {
  for (const jump of [-2 * HOUR, -60, 60, 2 * HOUR]) {
    const world = openWorld(t)
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
    const world = openWorld(t)
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
  const world = openWorld(t)
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
  const world = openWorld(t)
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
  const world = openWorld(t)
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

t.test('an override ends by itself, over a restart and a jump', async (t) => {
  const world = openWorld(t)
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
